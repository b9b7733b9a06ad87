"""What follows when an invoice has nothing open any more, or becomes open again."""

from billing.events import InvoicePaid
from billing.models import Invoice, SetupOn, Subscription
from hostbill.core.audit import audit
from hostbill.core.events import emit
from hostbill.core.fetch import relate
from hostbill.core.money import Money
from hostbill.core.states import transition

from .acceptance import accept, has_pending
from .proforma import make_legal
from .subscription import activate_subscription, note_paid_period
from .suspension import lift_for_payment
from .withdrawal import withdraw_forms


def reduce_open(invoice: Invoice, money: Money, *, actor) -> Invoice:
    """Payment or credit takes `money` off what is open. Caller holds the account's lock and books the ledger."""
    withdraw_forms(invoice, actor=actor)
    invoice.open = invoice.open - money
    if invoice.open.is_zero:
        make_legal(invoice, actor=actor)
        transition(invoice, "paid", open_amount=invoice.open_amount)
        paid(invoice, actor=actor)
    else:
        invoice.save(update_fields=["open_amount"])
    return invoice


def reopen(invoice: Invoice, money: Money, *, actor) -> Invoice:
    """A refund or chargeback makes `money` open again."""
    invoice.open = invoice.open + money
    if invoice.state == Invoice.State.PAID:
        transition(invoice, "issued", open_amount=invoice.open_amount, issued_at=invoice.issued_at, paid_at=None)
    else:
        invoice.save(update_fields=["open_amount"])
    audit(actor, "billing.invoice_reopened", invoice)
    for subscription in _subscriptions(invoice):
        note_paid_period(subscription)
    return invoice


def paid(invoice: Invoice, *, actor) -> None:
    """Move paid periods, begin what was ordered, lift suspensions, tell the others. The invoice is in state paid."""
    audit(actor, "billing.invoice_paid", invoice)
    emit(InvoicePaid(invoice.pk))
    subscriptions = list(_subscriptions(invoice))
    for subscription in subscriptions:
        note_paid_period(subscription)
    _begin_ordered([each for each in subscriptions if each.state == "pending"], actor)
    for subscription in subscriptions:
        if subscription.state == "suspended":
            lift_for_payment(subscription, actor=actor)


def _begin_ordered(pending: list[Subscription], actor) -> None:
    """Activate what was paid for, unless staff have to say so first; an order with nothing left is accepted."""
    orders = {}
    for subscription in pending:
        line = relate(subscription, "order_line")
        order = line and relate(line, "order")
        if order and (order.state in ("cancelled", "fraud") or order.waits):
            continue
        if relate(subscription, "product").setup_on != SetupOn.STAFF or order is None or order.state == "accepted":
            activate_subscription(subscription, actor=actor)
        if order:
            orders[order.pk] = order
    for order in orders.values():
        if not has_pending(order):
            accept(order, actor=actor)


def _subscriptions(invoice: Invoice):
    return Subscription.objects.filter(pk__in=invoice.lines.values("subscription_id")).order_by("pk")
