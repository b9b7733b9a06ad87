"""What follows when an issued invoice is taken back, by whatever document: money, periods and services."""

from django.utils.translation import gettext as _

from billing.events import InvoiceCancelled
from billing.models import Account, CreditMovement, Invoice, InvoiceLine, Subscription
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.money import Money

from .credit import move_credit
from .discount import give_back as give_back_discounts
from .ledger import CREDIT, RECEIVABLE, Side, book
from .line_credit import undo_give_back
from .subscription import note_paid_period
from .suspension import lift_for_payment
from .withdrawal import withdraw_charges


def refuse_while_money_moves(invoice: Invoice, *, actor) -> None:
    """Forms that wait for the client are taken back. AppError: "charge_under_way", "refund_under_way"."""
    withdraw_charges(invoice, actor=actor)
    if invoice.refunds.filter(state__in=["queued", "processing"]).exists():
        raise AppError(_("A refund of this invoice is under way."), code="refund_under_way")


def give_back(invoice: Invoice, account: Account, settled: Money, description: str) -> CreditMovement | None:
    """What had been settled of what is taken back was money or credit of the client: it is credit again."""
    if not settled.is_positive:
        return None
    movement = move_credit(account, CreditMovement.Kind.RELEASED, settled, invoice=invoice, note=description[:300])
    book(
        f"credit:{movement.pk}:released",
        description,
        [Side(RECEIVABLE, settled, account), Side(CREDIT, -settled, account)],
        invoice=invoice,
    )
    return movement


def let_go(invoice: Invoice, *, actor, reason: str) -> None:
    """The invoice is over: its periods may be billed again, and what it paid for is not paid any more."""
    release(invoice.lines.all(), counted=invoice.kind != Invoice.Kind.CHANGE)
    undo_give_back(invoice)
    audit(actor, "billing.invoice_cancelled", invoice, reason=reason)
    follow_up(invoice, actor=actor)
    emit(InvoiceCancelled(invoice.pk))


def release(lines, *, counted: bool = True) -> None:
    """Their periods may be billed again, and count no more for discounts (`counted`: they did)."""
    held = lines.filter(released=False)
    if counted:
        give_back_discounts(held.select_related("subscription"))
    held.update(released=True)


def follow_up(invoice: Invoice, *, actor, lines=None) -> None:
    """Paid periods and suspensions of the services concerned, worked out anew."""
    lines = InvoiceLine.objects.filter(invoice=invoice) if lines is None else lines
    for subscription in Subscription.objects.filter(pk__in=lines.values("subscription_id")).order_by("pk"):
        note_paid_period(subscription)
        lift_for_payment(subscription, actor=actor)
