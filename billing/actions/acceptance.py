"""Accepting an order: what was ordered begins, as far as payment allows."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.events import OrderAccepted
from billing.models import Invoice, Order, SetupOn, Subscription
from hostbill.core.access import require
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.states import transition

from .account import lock_account
from .subscription import activate_subscription

DUE, ALL, NOTHING = "due", "all", "none"
BEGIN = "billing.order.begin"


def accept(order: Order, *, actor) -> Order:
    """Mark a pending order accepted; already accepted is fine. Caller holds the account's lock."""
    if order.state == Order.State.PENDING:
        transition(order, "accepted")
        audit(actor, "billing.order_accepted", order)
        emit(OrderAccepted(order.pk))
    return order


def activate_ordered(order: Order, moments: set[str], *, actor) -> None:
    """Activate the pending subscriptions of the order whose product is set up at one of these moments."""
    pending = Subscription.objects.filter(order_line__order=order, state="pending", product__setup_on__in=moments)
    for subscription in pending.order_by("pk"):
        activate_subscription(subscription, actor=actor)


def has_pending(order: Order) -> bool:
    """Does anything on it still wait for payment or for staff?"""
    return Subscription.objects.filter(order_line__order=order, state="pending").exists()


def moments(order: Order, begin: str, actor) -> set[str]:
    """What of an order that is being accepted begins: the moments of set-up that have come."""
    if begin == NOTHING:
        return set()
    paid = order.invoice is None or order.invoice.state == Invoice.State.PAID
    if begin == ALL and not paid:
        require(actor, BEGIN)
    everything = paid or begin == ALL
    return {SetupOn.STAFF, SetupOn.ORDER} | ({SetupOn.PAYMENT, SetupOn.NEVER} if everything else set())


def begin_subscription(subscription: Subscription, *, actor) -> Subscription:
    """Staff begin one ordered thing by itself, paid or not; its order is accepted with the last one. AppError "not_pending"."""
    require(actor, BEGIN)
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.select_related("order_line__order").get(pk=subscription.pk)
        if subscription.state != Subscription.State.PENDING:
            raise AppError(_("It is not waiting to begin."), code="not_pending")
        activate_subscription(subscription, actor=actor)
        order = subscription.order_line and subscription.order_line.order
        if order and not has_pending(order):
            accept(order, actor=actor)
    return subscription
