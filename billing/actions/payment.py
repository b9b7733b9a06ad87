"""Money that came in: each payment counts exactly once, settles invoices, and what is left becomes credit."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from billing.events import PaymentReceived
from billing.models import Account, Invoice, Payment, PaymentAllocation
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.fetch import fetch
from hostbill.core.money import Money

from .account import lock_account
from .credit import Kind, move_credit
from .ledger import CREDIT, FEES, RECEIVABLE, Side, book, cash_code
from .settlement import reduce_open


def record_payment(account: Account, *, gateway, remote_id, money: Money, actor, invoices=(), **details) -> Payment:
    """Book money received. The same (gateway, remote_id) again returns the payment that stands and changes nothing.

    `invoices` (read again under the lock) are settled in order as far as the money goes; the rest becomes credit.
    `details`: charge, fee (Money), method, received_at, note. AppError "currency_mismatch"."""
    if money.currency != account.currency:
        raise AppError(
            _("The account is kept in %(currency)s.") % {"currency": account.currency}, code="currency_mismatch"
        )
    if not money.is_positive:
        raise AppError(_("Enter an amount above zero."), code="not_positive", field="amount")
    with transaction.atomic():
        account = lock_account(account)
        standing = Payment.objects.filter(gateway=gateway, remote_id=remote_id).first()
        if standing:
            return _same(standing, account, money)
        shares, rest = _share(money, [invoice.pk for invoice in invoices])
        payment = _create(account, gateway, remote_id, money, actor, credited_amount=rest.amount, **details)
        _book(payment, account, money - rest, rest)
        audit(actor, "billing.payment_recorded", payment)
        emit(PaymentReceived(payment.pk))
        for invoice, part in shares:
            PaymentAllocation.objects.create(
                payment=payment, invoice=invoice, currency=part.currency, amount=part.amount
            )
            reduce_open(invoice, part, actor=actor)
    return payment


def note_payment(payment: Payment, *, note: str, actor) -> Payment:
    """Other words about it; what is booked stays."""
    with transaction.atomic():
        lock_account(payment.account)
        payment = Payment.objects.get(pk=payment.pk)
        payment.note = note.strip()[:300]
        payment.save(update_fields=["note"])
        audit(actor, "billing.payment_noted", payment)
    return payment


def _same(standing: Payment, account: Account, money: Money) -> Payment:
    """A payment told twice is the same one; one reference for different money is a mistake."""
    if standing.account_id != account.pk or standing.money != money:
        raise AppError(_("Another payment is booked under this reference."), code="reference_used", field="reference")
    return standing


def _create(account, gateway, remote_id, money, actor, *, fee=None, method="", received_at=None, note="", **columns):
    received_at = received_at or clock.now()
    return Payment.objects.create(
        client_id=account.client_id,
        account=account,
        gateway=gateway,
        remote_id=remote_id,
        method=method[:60],
        currency=money.currency,
        amount=money.amount,
        fee_amount=fee.amount if fee else Decimal(0),
        received_at=received_at,
        received_on=received_at.astimezone(clock.seller_zone()).date(),
        note=note[:300],
        booked_by=actor.label[:200],
        **columns,
    )


def _share(money: Money, invoice_ids: list[int]) -> tuple[list, Money]:
    """[(fresh open invoice, its part)], and what is left."""
    shares = []
    for invoice in (fetch(Invoice, pk) for pk in invoice_ids):
        if invoice.state == Invoice.State.ISSUED and money.is_positive:
            part = min(money, invoice.open)
            shares.append((invoice, part))
            money = money - part
    return shares, money


def _book(payment: Payment, account: Account, settled: Money, rest: Money) -> None:
    cash = cash_code(payment.gateway)
    sides = [
        Side(cash, payment.money - payment.fee),
        Side(FEES, payment.fee),
        Side(RECEIVABLE, -settled, account),
        Side(CREDIT, -rest, account),
    ]
    book(f"payment:{payment.pk}", f"Payment {payment.remote_id}", sides, payment=payment, booked_on=payment.received_on)
    if rest.is_positive:
        move_credit(account, Kind.OVERPAYMENT, rest, payment=payment)


def book_bank_payment(
    account: Account, *, reference: str, money: Money, received_on, actor, gateway=None, invoice=None, invoices=None
):
    """Staff book a transfer seen on the bank statement, for one invoice, for `invoices` in their order (an empty list: all
    becomes credit), or without either for the oldest open ones first.

    `reference` is what tells the transfer from others: booked twice for the same day it returns the first. AppError
    "future_date", "reference_used" when another day's transfer had the same words, "not_together"."""
    if received_on > clock.today():
        raise AppError(_("The day of receipt lies in the future."), code="future_date", field="received_on")
    if not reference.strip():
        raise AppError(_("Enter the reference of the transfer."), code="no_reference", field="reference")
    _refuse_other_day(gateway, reference.strip()[:255], received_on)
    if invoices is None:
        open_ones = Invoice.objects.filter(account=account, state="issued").order_by("due_on", "pk")
        invoices = [invoice] if invoice else list(open_ones.only("pk"))
    elif any(row.account_id != account.pk for row in invoices):
        raise AppError(_("Choose invoices of one client."), code="not_together")
    return record_payment(
        account,
        gateway=gateway,
        remote_id=reference.strip()[:255],
        money=money,
        actor=actor,
        invoices=invoices,
        method=gettext_noop("Bank transfer"),
        received_at=clock.start_of(received_on),
    )


def _refuse_other_day(gateway, remote_id: str, received_on) -> None:
    """A standing order says the same each month: taking its second month for the first would lose money."""
    other = Payment.objects.filter(gateway=gateway, remote_id=remote_id).exclude(received_on=received_on).first()
    if other:
        raise AppError(
            _("Booked already as received on %(day)s. If this is another transfer, add its date to the reference.")
            % {"day": other.received_on.isoformat()},
            code="reference_used",
            field="reference",
        )
