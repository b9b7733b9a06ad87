"""Returning money: reserved by a row first, sent by the worker, booked when the gateway confirms. What somebody returned in
the gateway's own dashboard is booked when the gateway tells of it."""

import uuid

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from billing.events import PaymentRefunded, RefundFailed, RefundMadeElsewhere
from billing.models import Account, CreditMovement, Invoice, Payment, Refund
from hostbill.core import clock, modules, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.money import Money
from hostbill.core.states import transition
from hostbill.core.ui.words import money_words

from .account import lock_account
from .credit import grant_credit, move_credit
from .ledger import CREDIT, RECEIVABLE, REFUNDS_UNDER_WAY, Side, book, cash_code
from .settlement import reopen
from .withdrawal import lane_of

Source = Refund.Source


def refund_payment(payment: Payment, *, money: Money, source: str, reason: str, actor, reference: str = "") -> Refund:
    """Return `money` of a payment. source "credit" pays out the client's credit balance; source "invoice" makes the
    invoice that the payment settled open again. `reference`: the bank's, of what went back by hand. AppError: "too_much",
    "no_credit", "no_reason", "not_positive", "not_returnable" (the gateway cannot return this very amount)."""
    if not reason.strip():
        raise AppError(_("Say why the money goes back."), code="no_reason", field="reason")
    if not money.is_positive:
        raise AppError(_("Enter an amount above zero."), code="not_positive", field="amount")
    _check_returnable(payment, money)
    with transaction.atomic():
        account = lock_account(payment.account)
        payment = Payment.objects.select_related("gateway").get(pk=payment.pk)
        if money > payment.remaining:
            raise AppError(_("More than is left of this payment."), code="too_much", field="amount")
        invoice = None if source == Source.CREDIT else _settled_invoice(payment, money)
        refund = _reserve(payment, account, money, invoice, f"refund-{uuid.uuid4()}", reason, actor)
        audit(actor, "billing.refund_requested", refund, reason=reason)
        _send_or_settle(refund, payment, actor, reference)
    refund.refresh_from_db()
    return refund


def _check_returnable(payment: Payment, money: Money) -> None:
    """Gateways count some currencies in larger steps than we do."""
    if not (payment.gateway and payment.charge_id):
        return
    nearest = modules.driver_class("gateway", payment.gateway.driver).payable(money)
    if nearest != money:
        words = _("The gateway cannot return exactly this amount. The next it can return is %(amount)s.")
        raise AppError(words % {"amount": money_words(nearest)}, code="not_returnable", field="amount")


def _reserve(payment: Payment, account: Account, money: Money, invoice, key: str, reason: str, actor) -> Refund:
    """The refund's row; its money counts as gone from the payment (and from the credit, without an invoice) from now on."""
    Payment.objects.filter(pk=payment.pk).update(
        refunded_amount=F("refunded_amount") + money.amount, updated_at=clock.now()
    )
    refund = Refund.objects.create(
        key=key,
        payment=payment,
        client_id=payment.client_id,
        invoice=invoice,
        source=Source.INVOICE if invoice else Source.CREDIT,
        currency=money.currency,
        amount=money.amount,
        reason=reason[:300],
        requested_by=actor.label[:200],
    )
    if invoice is None:
        _reserve_credit(refund, account)
    return refund


def settle_foreign_refund(payment: Payment, result, *, actor=SYSTEM) -> list[Refund]:
    """Book what somebody returned in the gateway's own dashboard (a gateways.base.RefundResult), once per refund there.

    Its parts: first what this payment left as credit, then the invoices it settled (open again), the newest first, then
    any credit of the client; what the client has used up meanwhile is our gift. AppError "too_much": more than is left of
    the payment, so that the gateway is asked again when what is under way has ended."""
    with transaction.atomic():
        account = lock_account(payment.account)
        parts = list(Refund.objects.filter(payment=payment, remote_id=result.remote_id))
        if not parts and result.state != "failed":
            parts = _reserve_foreign(payment, account, result, actor)
            emit(RefundMadeElsewhere(parts[0].pk))
        return [
            settle_refund(part, state=result.state, remote_id=result.remote_id, message=result.message, actor=actor)
            for part in parts
        ]


def _reserve_foreign(payment: Payment, account: Account, result, actor) -> list[Refund]:
    payment = Payment.objects.select_related("gateway").get(pk=payment.pk)
    if result.amount > payment.remaining:
        raise AppError(_("More than is left of this payment."), code="too_much")
    with translation.override(account.client.language):  # the client reads it
        reason = _("Made at %(gateway)s, not here.") % {"gateway": payment.gateway.label}
    parts = []
    for number, (money, invoice) in enumerate(_foreign_shares(payment, account, result.amount, actor)):
        account.refresh_from_db()
        key = f"{payment.gateway_id}:{result.remote_id}"[:70] + f":{number}"
        refund = _reserve(payment, account, money, invoice, key, reason, actor)
        refund.remote_id = result.remote_id
        refund.save(update_fields=["remote_id"])
        audit(actor, "billing.refund_made_elsewhere", refund, reason=reason)
        parts.append(refund)
    return parts


def _foreign_shares(payment: Payment, account: Account, money: Money, actor) -> list[tuple[Money, Invoice | None]]:
    """[(money, the invoice that opens again, or None for credit)], which sum to `money`."""
    paid_out = payment.refunds.filter(source=Source.CREDIT).exclude(state="failed")
    kept = sum((-refund.money for refund in paid_out), payment.credited)
    credit = max(Money.zero(money.currency), min(kept, account.credit, money))
    rest, shares = money - credit, []
    for invoice, left in settled_by(payment):
        part = min(rest, left)
        if part.is_positive:
            shares.append((part, invoice))
            rest = rest - part
    missing = credit + rest - account.credit
    if missing.is_positive:
        note = _("Returned at the gateway although it was used up.")
        grant_credit(account, money=missing, note=note, actor=actor)
    return [*([(credit + rest, None)] if (credit + rest).is_positive else []), *shares]


def settled_by(payment: Payment) -> list[tuple[Invoice, Money]]:
    """Invoices that this payment settled, the newest first, and how much of that still stands."""
    found = []
    for allocation in payment.allocations.select_related("invoice").order_by("-pk"):
        # A refund that was booked and failed later gave its money to the credit balance: it settles nothing here any more.
        gone = allocation.invoice.refunds.filter(payment=payment).exclude(state="failed", succeeded_at=None)
        left = sum((-refund.money for refund in gone), allocation.money)
        disputed = allocation.invoice.dispute_parts.filter(dispute__payment=payment)
        left = sum((-part.reopened for part in disputed), left)
        if allocation.invoice.state in ("paid", "issued"):
            found.append((allocation.invoice, min(left, most_open(allocation.invoice) - allocation.invoice.open)))
    return found


def most_open(invoice: Invoice) -> Money:
    """The most that can ever be open on it: what credit notes took back stays taken back."""
    return invoice.total - invoice.credited


def _settled_invoice(payment: Payment, money: Money) -> Invoice:
    """The invoice to reopen: settled by this payment, by at least this much."""
    for invoice, left in reversed(settled_by(payment)):
        if money <= left:
            return invoice
    raise AppError(_("This payment settled no open or paid invoice by that much."), code="too_much", field="amount")


def _reserve_credit(refund: Refund, account: Account) -> None:
    if account.credit < refund.money:
        raise AppError(_("The client's credit is smaller."), code="no_credit", field="amount")
    move_credit(account, CreditMovement.Kind.REFUNDED, -refund.money, refund=refund)
    book(
        f"refund:{refund.pk}:reserved",
        f"Refund of {refund.payment.remote_id} requested",
        [Side(CREDIT, refund.money, account), Side(REFUNDS_UNDER_WAY, -refund.money)],
        refund=refund,
    )


def _send_or_settle(refund: Refund, payment: Payment, actor, reference: str) -> None:
    """Money that came by hand goes back by hand: booked at once."""
    if payment.gateway and payment.charge_id:
        outgoing.queue("billing.refund", refund.pk, key=refund.key, lane=lane_of(payment.gateway))
    else:
        settle_refund(refund, state="succeeded", remote_id=reference[:255], message="", actor=actor)


def settle_refund(refund: Refund, *, state: str, remote_id: str, message: str, actor=SYSTEM) -> Refund:
    """Write what the gateway says: "processing", "succeeded" or "failed". Safe to repeat."""
    with transaction.atomic():
        account = lock_account(refund.payment.account)
        refund = Refund.objects.select_related("payment__gateway", "invoice").get(pk=refund.pk)
        if state == refund.state or refund.state == Refund.State.FAILED:
            return refund
        if refund.state == Refund.State.SUCCEEDED and state != "failed":
            return refund
        was_booked = refund.state == Refund.State.SUCCEEDED
        transition(refund, state, remote_id=remote_id or refund.remote_id, message=message[:500])
        if state == "succeeded":
            _book(refund, account, actor)
            emit(PaymentRefunded(refund.pk))
        elif state == "failed":
            _undo(refund, account, was_booked, actor)
            emit(RefundFailed(refund.pk))
        audit(actor, f"billing.refund_{state}", refund)
    return refund


def _book(refund: Refund, account: Account, actor) -> None:
    cash = Side(cash_code(refund.payment.gateway), -refund.money)
    if refund.source == Source.CREDIT:
        other = Side(REFUNDS_UNDER_WAY, refund.money)
    else:
        other = Side(RECEIVABLE, refund.money, account)
        reopen(Invoice.objects.get(pk=refund.invoice_id), refund.money, actor=actor)
    book(
        f"refund:{refund.pk}",
        f"Refund of {refund.payment.remote_id}",
        [other, cash],
        refund=refund,
        payment=refund.payment,
        invoice=refund.invoice,
    )


def _undo(refund: Refund, account: Account, was_booked: bool, actor) -> None:
    """A refund that did not reach the client: what was reserved for it is free again, as credit."""
    Payment.objects.filter(pk=refund.payment_id).update(
        refunded_amount=F("refunded_amount") - refund.money.amount, updated_at=clock.now()
    )
    taken = REFUNDS_UNDER_WAY
    if was_booked:
        taken = cash_code(refund.payment.gateway)
    elif refund.source == Source.INVOICE:
        return
    move_credit(account, CreditMovement.Kind.RELEASED, refund.money, refund=refund)
    code = Side(taken, refund.money)
    book(
        f"refund:{refund.pk}:undone",
        f"Refund of {refund.payment.remote_id} failed",
        [code, Side(CREDIT, -refund.money, account)],
        refund=refund,
    )
