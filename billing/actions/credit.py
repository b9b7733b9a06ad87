"""The credit balance: what we owe a client, used by itself when an invoice is issued."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, CreditMovement, Invoice
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.money import Money

from .account import lock_account
from .ledger import CREDIT, GOODWILL, RECEIVABLE, Side, book
from .settlement import reduce_open

Kind = CreditMovement.Kind


def move_credit(account: Account, kind: str, money: Money, **links) -> CreditMovement:
    """Write the movement row; the caller books the ledger, which moves the account's cached credit."""
    return CreditMovement.objects.create(
        account=account, kind=kind, currency=money.currency, amount=money.amount, moved_on=clock.today(), **links
    )


def use_credit(invoice: Invoice, *, actor, most: Money | None = None) -> Invoice:
    """Take as much of the client's credit as the invoice has open, not more than `most`. Caller holds the account's lock."""
    account = Account.objects.get(pk=invoice.account_id)
    money = min(account.credit, invoice.open, most or invoice.open)
    if not money.is_positive or invoice.state != Invoice.State.ISSUED:
        return invoice
    movement = move_credit(account, Kind.USED, -money, invoice=invoice)
    book(
        f"credit:{movement.pk}:used",
        f"Credit used for {invoice.number}",
        [Side(CREDIT, money, account), Side(RECEIVABLE, -money, account)],
        invoice=invoice,
    )
    return reduce_open(invoice, money, actor=actor)


def apply_credit(invoice: Invoice, *, actor, most: Money | None = None) -> Invoice:
    """Use the credit balance for an open invoice on request. At most `most`, where that is less than all.
    AppError when there is none or nothing is open."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        if invoice.state != Invoice.State.ISSUED:
            raise AppError(_("Nothing is open on this invoice."), code="not_open")
        if not account.credit.is_positive:
            raise AppError(_("There is no credit to use."), code="no_credit")
        return use_credit(invoice, actor=actor, most=most)


def grant_credit(account: Account, *, money: Money, note: str, actor) -> CreditMovement:
    """Staff give credit as goodwill (our cost). AppError unless positive and in the account's currency."""
    if not money.is_positive:
        raise AppError(_("Enter an amount above zero."), code="not_positive", field="amount")
    if money.currency != account.currency:
        raise AppError(_("The account is kept in %(currency)s.") % {"currency": account.currency}, code="currency")
    with transaction.atomic():
        account = lock_account(account)
        movement = move_credit(account, Kind.GRANTED, money, note=note[:300])
        book(
            f"credit:{movement.pk}:granted",
            f"Credit granted to {account.client_id}: {note}",
            [Side(GOODWILL, money), Side(CREDIT, -money, account)],
        )
        audit(actor, "billing.credit_granted", movement, reason=note)
    return movement
