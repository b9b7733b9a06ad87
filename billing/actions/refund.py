"""Returning money: reserved by a row first, sent by the worker, booked when the gateway confirms."""

import uuid

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.events import PaymentRefunded, RefundFailed
from billing.models import Account, CreditMovement, Invoice, Payment, Refund
from hostbill.core import clock, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.money import Money
from hostbill.core.states import transition

from .account import lock_account
from .credit import move_credit
from .ledger import CREDIT, RECEIVABLE, REFUNDS_UNDER_WAY, Side, book, cash_code
from .settlement import reopen
from .withdrawal import lane_of

Source = Refund.Source


def refund_payment(payment: Payment, *, money: Money, source: str, reason: str, actor) -> Refund:
    """Return `money` of a payment. source "credit" pays out the client's credit balance; source "invoice" makes the
    invoice that the payment settled open again. AppError: "too_much", "no_credit", "no_reason", "not_positive"."""
    if not reason.strip():
        raise AppError(_("Say why the money goes back."), code="no_reason", field="reason")
    if not money.is_positive:
        raise AppError(_("Enter an amount above zero."), code="not_positive", field="amount")
    with transaction.atomic():
        account = lock_account(payment.account)
        payment = Payment.objects.select_related("gateway").get(pk=payment.pk)
        if money > payment.remaining:
            raise AppError(_("More than is left of this payment."), code="too_much", field="amount")
        invoice = None if source == Source.CREDIT else _settled_invoice(payment, money)
        Payment.objects.filter(pk=payment.pk).update(
            refunded_amount=F("refunded_amount") + money.amount, updated_at=clock.now()
        )
        refund = Refund.objects.create(
            key=f"refund-{uuid.uuid4()}",
            payment=payment,
            client_id=payment.client_id,
            invoice=invoice,
            source=source,
            currency=money.currency,
            amount=money.amount,
            reason=reason[:300],
            requested_by=actor.label[:200],
        )
        if source == Source.CREDIT:
            _reserve_credit(refund, account)
        audit(actor, "billing.refund_requested", refund, reason=reason)
        _send_or_settle(refund, payment, actor)
    refund.refresh_from_db()
    return refund


def _settled_invoice(payment: Payment, money: Money) -> Invoice:
    """The invoice to reopen: settled by this payment, by at least this much."""
    for allocation in payment.allocations.select_related("invoice"):
        # A refund that was booked and failed later gave its money to the credit balance: it settles nothing here any more.
        gone = allocation.invoice.refunds.filter(payment=payment).exclude(state="failed", succeeded_at=None)
        left = sum((-refund.money for refund in gone), allocation.money)
        left = sum((-dispute.reopened for dispute in allocation.invoice.disputes.filter(payment=payment)), left)
        if allocation.invoice.state in ("paid", "issued") and money <= left:
            return allocation.invoice
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


def _send_or_settle(refund: Refund, payment: Payment, actor) -> None:
    """Money that came by hand goes back by hand: booked at once."""
    if payment.gateway and payment.charge_id:
        outgoing.queue("billing.refund", refund.pk, key=refund.key, lane=lane_of(payment.gateway))
    else:
        settle_refund(refund, state="succeeded", remote_id="", message="", actor=actor)


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
