"""Suspending and resuming: each reason is a row; a subscription is served again when the last one is lifted."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.events import SubscriptionResumed, SubscriptionSuspended
from billing.models import Invoice, Subscription, Suspension
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.states import transition

from .account import lock_account


def suspend_subscription(subscription: Subscription, *, kind, reason, actor, invoice=None, until=None) -> Suspension:
    """Put a reason in force. The same kind again returns the one in force. AppError when it is not running."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.get(pk=subscription.pk)
        standing = subscription.suspensions.filter(kind=kind, lifted_at__isnull=True).first()
        if standing:
            return standing
        if until and until < clock.today():
            raise AppError(_("This day has passed."), code="until_passed", field="until")
        if not subscription.is_running:
            raise AppError(_("Only an active subscription can be suspended."), code="not_active")
        suspension = Suspension.objects.create(
            subscription=subscription,
            kind=kind,
            reason=str(reason)[:300],
            invoice=invoice,
            started_at=clock.now(),
            started_by=actor.label[:200],
            until=until,
        )
        if subscription.state == Subscription.State.ACTIVE:
            transition(subscription, "suspended")
        audit(actor, "billing.subscription_suspended", subscription, reason=suspension.reason)
        emit(SubscriptionSuspended(subscription.pk))
    return suspension


def lift_suspension(suspension: Suspension, *, actor, reason="") -> Suspension:
    """Lift one reason; the subscription resumes when none is left. Lifting twice changes nothing."""
    with transaction.atomic():
        lock_account(suspension.subscription.account)
        suspension = Suspension.objects.select_related("subscription").get(pk=suspension.pk)
        if suspension.lifted_at:
            return suspension
        suspension.lifted_at, suspension.lifted_by = clock.now(), actor.label[:200]
        suspension.save(update_fields=["lifted_at", "lifted_by"])
        subscription = suspension.subscription
        audit(actor, "billing.suspension_lifted", subscription, reason=str(reason))
        if subscription.state == "suspended" and not in_force(subscription).exists():
            transition(subscription, "active", active_at=subscription.active_at)
            audit(actor, "billing.subscription_resumed", subscription, reason=str(reason))
            emit(SubscriptionResumed(subscription.pk))
    return suspension


def resume_subscription(subscription: Subscription, *, actor, reason: str) -> Subscription:
    """Staff lift every reason in force. AppError when there is none."""
    with transaction.atomic():
        lock_account(subscription.account)
        standing = list(in_force(subscription))
        if not standing:
            raise AppError(_("This subscription is not suspended."), code="not_suspended")
        for suspension in standing:
            lift_suspension(suspension, actor=actor, reason=reason)
    subscription.refresh_from_db()
    return subscription


def lift_for_payment(subscription: Subscription, *, actor) -> None:
    """After a payment: lift the suspension for non-payment unless another invoice of it is still overdue."""
    suspension = in_force(subscription).filter(kind=Suspension.Kind.NONPAYMENT).first()
    if suspension and not overdue_invoices(subscription).exists():
        lift_suspension(suspension, actor=actor, reason=_("Paid."))


def in_force(subscription: Subscription):
    """Suspensions not lifted."""
    return Suspension.objects.filter(subscription=subscription, lifted_at__isnull=True)


def overdue_invoices(subscription: Subscription):
    """Unpaid invoices past their due date that bill this subscription, the earliest first."""
    return (
        Invoice.objects.overdue()
        .filter(pk__in=subscription.invoice_lines.values("invoice_id"))
        .order_by("due_on", "pk")
    )
