"""Accepting an order: what was ordered begins, as far as payment allows."""

from billing.events import OrderAccepted
from billing.models import Order, Subscription
from hostbill.core.audit import audit
from hostbill.core.events import emit
from hostbill.core.states import transition

from .subscription import activate_subscription


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
