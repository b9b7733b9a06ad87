"""Statements of the bank taken in, and their lines booked: each once, however often a file is imported."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account, BankAccount, BankLine, BankStatement, Payment
from billing.queries.bank_file import Transfer, decode, read
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock

from .account import open_account
from .payment import record_payment


def take_statement(*, account: BankAccount | None, new_name: str, currency: str, file, actor) -> BankStatement:
    """Keep an uploaded file until it is imported, for an account of ours or a new one. AppError "no_account", "not_text"."""
    content = decode(file.read()).replace("\x00", "")
    with transaction.atomic():
        if account is None:
            account = _new_account(new_name, currency, actor)
        statement = BankStatement.objects.create(
            account=account, name=file.name[-120:], content=content, taken_by=actor.label[:200]
        )
        audit(actor, "billing.statement_taken", statement, changes={})
    return statement


def _new_account(name: str, currency: str, actor) -> BankAccount:
    if not name.strip():
        raise AppError(_("Choose the bank account, or name a new one."), code="no_account", field="account")
    account, created = BankAccount.objects.get_or_create(name=name.strip()[:80], defaults={"currency": currency})
    if created:
        audit(actor, "billing.bank_account_created", account)
    return account


def import_statement(statement: BankStatement, *, mapping: dict, actor) -> BankStatement:
    """Its incoming transfers become lines that wait to be booked; those that we have are left out. The mapping is remembered
    for the account's next file. AppError as `read`, "imported" when it was imported before."""
    with transaction.atomic():
        account = lock(BankAccount(pk=statement.account_id))
        statement = lock(statement)
        if statement.imported_at:
            raise AppError(_("This file is imported already."), code="imported")
        reading = read(statement.content, account, mapping)
        BankLine.objects.bulk_create([_line(statement, transfer) for transfer in reading.new], batch_size=500)
        statement.new_count, statement.known_count = len(reading.new), reading.known
        statement.imported_at, statement.content = clock.now(), ""
        audit(actor, "billing.statement_imported", statement)
        statement.save()
        if mapping and mapping != account.mapping:
            account.mapping = mapping
            audit(actor, "billing.bank_account_changed", account)
            account.save(update_fields=["mapping"])
    return statement


def _line(statement: BankStatement, transfer: Transfer) -> BankLine:
    return BankLine(
        account_id=statement.account_id,
        statement=statement,
        key=transfer.key,
        booked_on=transfer.booked_on,
        currency=transfer.money.currency,
        amount=transfer.money.amount,
        payer=transfer.payer,
        payer_account=transfer.payer_account,
        text=transfer.text,
        bank_reference=transfer.bank_reference,
    )


def discard_statement(statement: BankStatement, *, actor) -> None:
    """Throw a file away before it is imported. AppError "imported"."""
    with transaction.atomic():
        statement = lock(statement)
        if statement.imported_at:
            raise AppError(_("This file is imported already."), code="imported")
        audit(actor, "billing.statement_discarded", statement, changes={})
        statement.delete()


def book_line(line: BankLine, *, actor, invoices=(), client=None, payment: Payment | None = None) -> Payment:
    """The line becomes a payment: for invoices of one client in their order (the rest is credit), as credit of `client`, or it
    is the `payment` that somebody entered by hand. Booked twice it is one payment.

    AppError "settled" when somebody decided otherwise meanwhile, "not_together", "other_payment", and those of
    `record_payment`."""
    if len({row.account_id for row in invoices}) > 1:
        raise AppError(_("Choose invoices of one client."), code="not_together")
    with transaction.atomic():
        if payment is None:
            payment = _record(line, invoices[0].account if invoices else open_account(client), invoices, actor)
        else:
            _check_same(line, payment)
        fresh = lock(line)
        if fresh.state == BankLine.State.BOOKED and fresh.payment_id == payment.pk:
            return payment
        if fresh.state != BankLine.State.OPEN:
            raise AppError(_("This line was decided by somebody else meanwhile."), code="settled")
        fresh.state, fresh.payment, fresh.reason = BankLine.State.BOOKED, payment, ""
        audit(actor, "billing.bank_line_booked", fresh)
        fresh.save(update_fields=["state", "payment", "reason"])
    return payment


def _record(line: BankLine, account: Account, invoices, actor) -> Payment:
    """The key stands in the reference, so that a standing order's months are told apart."""
    return record_payment(
        account,
        gateway=None,
        remote_id=f"{line.words[:200] or line.account.name} ({line.key[:12]})",
        money=line.money,
        actor=actor,
        invoices=invoices,
        method=_("Bank transfer"),
        received_at=clock.start_of(min(line.booked_on, clock.today())),
        note=line.payer_account,
    )


def _check_same(line: BankLine, payment: Payment) -> None:
    taken = BankLine.objects.filter(payment=payment).exclude(pk=line.pk).exists()
    if payment.money != line.money or payment.gateway_id or taken:
        raise AppError(_("That payment is another one."), code="other_payment")


def leave_line(line: BankLine, *, reason: str, actor) -> BankLine:
    """It is no client's money (interest, a refund to us): nothing is booked. AppError "settled"."""
    with transaction.atomic():
        line = lock(line)
        if line.state != BankLine.State.OPEN:
            raise AppError(_("This line was decided by somebody else meanwhile."), code="settled")
        line.state, line.reason = BankLine.State.LEFT, reason[:300]
        audit(actor, "billing.bank_line_left", line, reason=reason)
        line.save(update_fields=["state", "reason"])
    return line


def take_up_line(line: BankLine, *, actor) -> BankLine:
    """It waits to be booked after all. AppError "not_left"."""
    with transaction.atomic():
        line = lock(line)
        if line.state != BankLine.State.LEFT:
            raise AppError(_("Only a line that was left aside can be taken up."), code="not_left")
        line.state, line.reason = BankLine.State.OPEN, ""
        audit(actor, "billing.bank_line_taken_up", line)
        line.save(update_fields=["state", "reason"])
    return line
