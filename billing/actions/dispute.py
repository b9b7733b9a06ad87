"""Chargebacks: the money is gone at once, its invoices are open again, the fee is our cost; a won dispute restores it."""

from django.db import transaction

from billing.events import DisputeOpened
from billing.models import Account, CreditMovement, Dispute, DisputePart, Invoice, Payment
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.events import emit
from hostbill.core.money import Money
from hostbill.core.states import transition

from .account import lock_account
from .credit import move_credit
from .ledger import CHARGEBACKS, CREDIT, FEES, RECEIVABLE, Side, book, cash_code
from .refund import settled_by
from .settlement import reduce_open, reopen


def settle_dispute(payment: Payment, result, *, actor=SYSTEM) -> Dispute | None:
    """Write what the gateway says of a dispute now (a gateways.base.DisputeResult). Safe to repeat, in any order.

    None for one that never took money (an inquiry, or won before we heard of it)."""
    with transaction.atomic():
        account = lock_account(payment.account)
        dispute = Dispute.objects.filter(gateway=payment.gateway, remote_id=result.remote_id).first()
        if dispute is None:
            if result.state == "won":
                return None
            dispute = _open(payment, result, actor)
        if result.state != dispute.state:
            transition(dispute, result.state)
            audit(actor, f"billing.dispute_{result.state}", dispute)
        _follow(dispute, account, result, actor)
    return dispute


def _open(payment: Payment, result, actor) -> Dispute:
    dispute = Dispute.objects.create(
        payment=payment,
        client_id=payment.client_id,
        gateway=payment.gateway,
        remote_id=result.remote_id,
        reason=(result.reason or "")[:100],
        currency=result.amount.currency,
        amount=result.amount.amount,
    )
    audit(actor, "billing.dispute_opened", dispute)
    emit(DisputeOpened(dispute.pk))
    return dispute


def _follow(dispute: Dispute, account: Account, result, actor) -> None:
    """Make the books say where the money is now."""
    if (result.state != "won") != dispute.is_taken:
        dispute.is_taken, dispute.moves = not dispute.is_taken, dispute.moves + 1
        move = _take if dispute.is_taken else _restore
        move(dispute, account, actor)
    fee = result.fee or Money.zero(dispute.currency)
    if fee.currency == dispute.currency and fee != dispute.fee:
        _book_fee(dispute, fee)
    dispute.save()


def _take(dispute: Dispute, account: Account, actor) -> None:
    """Reopen what the payment settled, take the rest from credit as far as there is any; what is left is lost."""
    zero, rest, opened = Money.zero(dispute.currency), dispute.money, []
    for invoice, left in settled_by(dispute.payment):
        part = min(left, rest)
        if part.is_positive:
            opened.append((invoice, part))
            rest = rest - part
    taken = min(account.credit, rest)
    reopened = sum((part for _invoice, part in opened), zero)
    dispute.invoice = opened[0][0] if opened else None
    dispute.reopened, dispute.taken_credit = dispute.reopened + reopened, taken
    _book(dispute, account, -dispute.money, receivable=reopened, credit=taken)
    for invoice, part in opened:
        _note_part(dispute, invoice, part)
        reopen(invoice, part, actor=actor)


def _note_part(dispute: Dispute, invoice: Invoice, more: Money) -> None:
    part, _made = DisputePart.objects.get_or_create(dispute=dispute, invoice=invoice, currency=dispute.currency)
    part.reopened = part.reopened + more
    part.save(update_fields=["reopened_amount"])


def _restore(dispute: Dispute, account: Account, actor) -> None:
    """The money is back: it settles its invoices again as far as they are open; the rest is the client's credit."""
    zero, settled = Money.zero(dispute.currency), []
    for part in dispute.parts.select_related("invoice"):
        again = min(part.reopened, part.invoice.open) if part.invoice.state == Invoice.State.ISSUED else zero
        if again.is_positive:
            settled.append((part.invoice, again))
    back = sum((money for _invoice, money in settled), zero)
    credit = dispute.reopened - back + dispute.taken_credit
    dispute.reopened, dispute.taken_credit = dispute.reopened - back, zero
    _book(dispute, account, dispute.money, receivable=-back, credit=-credit)
    for invoice, money in settled:
        _note_part(dispute, invoice, -money)
        reduce_open(invoice, money, actor=actor)


def _book(dispute: Dispute, account: Account, cash: Money, *, receivable: Money, credit: Money) -> None:
    """`receivable` and `credit` are debits; what they leave of the cash is our loss, or the end of it."""
    if not credit.is_zero:
        move_credit(account, CreditMovement.Kind.DISPUTED, -credit, payment=dispute.payment)
    sides = [
        Side(cash_code(dispute.gateway), cash),
        Side(RECEIVABLE, receivable, account),
        Side(CREDIT, credit, account),
        Side(CHARGEBACKS, -cash - receivable - credit),
    ]
    words = "Chargeback of" if dispute.is_taken else "Chargeback won:"
    book(
        f"dispute:{dispute.pk}:{dispute.moves}",
        f"{words} {dispute.payment.remote_id}",
        sides,
        payment=dispute.payment,
        invoice=dispute.invoice,
    )


def _book_fee(dispute: Dispute, fee: Money) -> None:
    """The gateway keeps (or returns) something for its trouble."""
    more, dispute.fee = fee - dispute.fee, fee
    sides = [Side(FEES, more), Side(cash_code(dispute.gateway), -more)]
    key = f"dispute:{dispute.pk}:fee"
    times = dispute.payment.entries.filter(key__startswith=f"{key}:").count()
    book(f"{key}:{times + 1}", f"Fee of chargeback {dispute.remote_id}", sides, payment=dispute.payment)
