"""Use cases of subscriptions: beginning, activation, what payment does to them."""

from django.db import transaction

from billing.events import SubscriptionActivated, SubscriptionChanged, SubscriptionCreated
from billing.models import Subscription
from billing.queries.coverage import invoiced_until, paid_until
from hostbill.core.audit import audit
from hostbill.core.events import emit
from hostbill.core.states import transition

from .account import lock_account


def tell_created(subscription: Subscription, *, actor) -> None:
    """One of an order was stored: pending, its first periods about to be invoiced. Caller holds the account's lock."""
    audit(actor, "billing.subscription_created", subscription)
    emit(SubscriptionCreated(subscription.pk))


def activate_subscription(subscription: Subscription, *, actor) -> Subscription:
    """Serve it from now on. A subscription that is not pending stays as it is. Caller holds the account's lock."""
    if subscription.state != Subscription.State.PENDING:
        return subscription
    transition(subscription, "active")
    audit(actor, "billing.subscription_activated", subscription)
    emit(SubscriptionActivated(subscription.pk))
    return subscription


def note_paid_period(subscription: Subscription) -> Subscription:
    """Move `paid_until` to the end of the last period on a paid invoice (or back, when a payment was undone)."""
    latest = paid_until(subscription)
    if latest != subscription.paid_until:
        subscription.paid_until = latest
        subscription.save(update_fields=["paid_until"])
    return subscription


def resync_periods(subscription: Subscription) -> Subscription:
    """Point `period_index` and `next_due_on` at the first period that no valid invoice line covers."""
    if not subscription.is_recurring:
        return subscription
    latest = invoiced_until(subscription)
    index = 0
    while latest and (begins := subscription.due_on(index)) and begins < latest:
        index += 1
    subscription.move_to(index)
    subscription.save(update_fields=["period_index", "next_due_on"])
    return subscription


def change_label(subscription: Subscription, *, label: str, answers: dict, actor) -> Subscription:
    """Rename (another primary domain, corrected answers)."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription.refresh_from_db()
        subscription.label, subscription.answers = label[:253], answers
        subscription.save(update_fields=["label", "answers"])
        audit(actor, "billing.subscription_changed", subscription)
        emit(SubscriptionChanged(subscription.pk))
    return subscription


def change_price(subscription: Subscription, *, price, actor, reason: str) -> Subscription:
    """Another recurring price (Money, same currency) from the next period on; what is invoiced stays."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription.refresh_from_db()
        subscription.price = price
        subscription.price_is_override = True
        subscription.save(update_fields=["price_amount", "price_is_override"])
        audit(actor, "billing.subscription_price_changed", subscription, reason=reason)
    return subscription
