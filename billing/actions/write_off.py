"""Giving up an unpaid invoice: what is open becomes a loss. It can be taken back, for instance when money comes after all."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Invoice, Subscription, SubscriptionChange, WriteOff
from billing.options import WRITE_OFF_TAX
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.states import transition

from .account import lock_account
from .ledger import BAD_DEBT, RECEIVABLE, Side, book, reverse
from .subscription import note_paid_period
from .withdrawal import withdraw_charges


def write_off(invoice: Invoice, *, reason: str, actor) -> WriteOff:
    """Book what is open as bad debt; no more reminders, charges or late fees follow. Services stay as they are.

    AppError "no_reason", "not_open", "charge_under_way", "proforma", "change_under_way"."""
    if not reason.strip():
        raise AppError(_("Say why it is given up."), code="no_reason", field="reason")
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        if invoice.state != Invoice.State.ISSUED:
            raise AppError(_("Nothing is open on this invoice."), code="not_open")
        if invoice.is_proforma:  # nothing of it was earned, so nothing can be lost
            raise AppError(_("A pro-forma invoice is no legal document: cancel it instead."), code="proforma")
        if SubscriptionChange.objects.under_way().filter(invoice=invoice).exists():
            raise AppError(_("A change waits for it: take the change back instead."), code="change_under_way")
        withdraw_charges(invoice, actor=actor)
        lost, taxes = _parts(invoice)
        row = WriteOff.objects.create(
            client_id=invoice.client_id,
            invoice=invoice,
            currency=invoice.currency,
            amount=invoice.open_amount,
            tax_amount=sum((side.money.amount for side in taxes), Decimal(0)),
            reason=reason[:300],
            written_off_on=clock.today(),
            written_off_by=actor.label[:200],
        )
        sides = [Side(BAD_DEBT, lost), *taxes, Side(RECEIVABLE, -row.money, account)]
        book(f"writeoff:{row.pk}", f"Invoice {invoice.number} written off", sides, invoice=invoice)
        transition(invoice, "bad_debt", open_amount=Decimal(0))
        _note_paid_periods(invoice)
        audit(actor, "billing.invoice_written_off", invoice, reason=reason)
    return row


def _note_paid_periods(invoice: Invoice) -> None:
    """It may have given back time that was paid for."""
    for subscription in Subscription.objects.filter(invoice_lines__invoice=invoice).distinct().order_by("pk"):
        note_paid_period(subscription)


def _parts(invoice: Invoice) -> tuple:
    """The loss, and the sides that take its tax back where the settings say so: each group's share of what is open."""
    taxes = [tax for tax in invoice.taxes.all() if tax.tax_amount]
    if not WRITE_OFF_TAX.value or not taxes:
        return invoice.open, []
    lost, *shares = invoice.open.allocate([invoice.net_amount, *(tax.tax_amount for tax in taxes)])
    return lost, [Side(tax.ledger_code, share) for tax, share in zip(taxes, shares, strict=True)]


def take_back_write_off(invoice: Invoice, *, actor) -> Invoice:
    """It is open again with what was written off; the entry is mirrored. AppError "not_written_off"."""
    with transaction.atomic():
        lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        row = WriteOff.objects.filter(invoice=invoice, taken_back_at=None).first()
        if row is None or invoice.state != Invoice.State.BAD_DEBT:
            raise AppError(_("This invoice is not written off."), code="not_written_off")
        entry = invoice.entries.get(key=f"writeoff:{row.pk}")
        reverse(entry, f"writeoff:{row.pk}:undone", f"Invoice {invoice.number} open again", invoice=invoice)
        row.taken_back_at, row.taken_back_by = clock.now(), actor.label[:200]
        row.save(update_fields=["taken_back_at", "taken_back_by"])
        transition(invoice, "issued", open_amount=row.amount, issued_at=invoice.issued_at)
        _note_paid_periods(invoice)
        audit(actor, "billing.invoice_reopened", invoice)
    return invoice
