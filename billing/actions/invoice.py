"""Use cases of invoices: draft, issue, cancel. Issue is the moment at which a document becomes unchangeable."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from billing.events import InvoiceIssued
from billing.models import Account, DocumentType, Invoice
from billing.options import CANCEL_BY_CREDIT_NOTE
from billing.queries.parties import buyer_now, seller_now
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import IllegalTransition
from hostbill.core.events import emit
from hostbill.core.states import can, transition

from .account import lock_account
from .booking import book_cancel, book_issue
from .credit import use_credit
from .credit_note import credit_invoice
from .line_credit import refuse_given_back
from .lines import NewLine, rules_for_writing, write_lines, write_totals
from .numbering import draw_number
from .oss import note_limit
from .proforma import begins_as_proforma, book_proforma, book_proforma_cancel
from .settlement import paid
from .taking_back import give_back, let_go, refuse_while_money_moves


def draft_invoice(
    account: Account, lines: list[NewLine], *, kind: str, due_on: date, notes: str = "", corrects: Invoice | None = None, rules=None
) -> Invoice:
    """A draft without a number, taxed at today's rates for the client's country (`rules`, where they were read in this
    transaction). Caller holds the account's lock."""
    invoice = Invoice.objects.create(
        client=account.client,
        account=account,
        kind=kind,
        currency=account.currency,
        due_on=due_on,
        notes=notes,
        corrects=corrects,
    )
    write_lines(invoice, lines, rules and rules_for_writing(account.client, known=rules))
    return invoice


def issue_invoice(invoice: Invoice, *, actor) -> Invoice:
    """Number, freeze, book and announce a draft; the client's credit is used at once, and an invoice over nothing is
    paid without any gateway. AppError: "empty_invoice", "negative_total"; IllegalTransition unless a draft."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
        lines = list(invoice.lines.all())
        totals = write_totals(invoice, lines)
        is_proforma = begins_as_proforma(invoice, totals["total_amount"])
        number = _number_for(invoice, is_proforma) if invoice.state == "draft" else {}
        transition(
            invoice,
            "issued" if totals["total_amount"] else "paid",
            issued_on=clock.today(),
            issued_at=clock.now(),
            seller=seller_now(),
            buyer=buyer_now(invoice.client),
            language=invoice.client.language,
            is_proforma=is_proforma,
            **totals,
            **number,
        )
        if is_proforma:
            book_proforma(invoice, account)
        else:
            book_issue(invoice, account, lines)
            note_limit(invoice)
        audit(actor, "billing.invoice_issued", invoice)
        emit(InvoiceIssued(invoice.pk))
        if invoice.state == "paid":
            paid(invoice, actor=actor)
        else:
            use_credit(invoice, actor=actor)
    return invoice


def _number_for(invoice: Invoice, is_proforma: bool) -> dict:
    kind = DocumentType.CORRECTIVE if invoice.kind == Invoice.Kind.CORRECTIVE else DocumentType.INVOICE
    drawn = draw_number(DocumentType.PROFORMA if is_proforma else kind, clock.today())
    return {**vars(drawn), "reference": drawn.number[:40]}


def cancel_invoice(invoice: Invoice, *, actor, reason: str) -> Invoice:
    """Take an issued invoice back; its number stays, and what was paid on it becomes the client's credit.

    A credit note over all that is left is issued for it, unless the settings say otherwise or it is a pro-forma invoice;
    then it is reversed in the books and its state says so. AppError "charge_under_way" while a payment attempt may
    still succeed, "refund_under_way" while money of it is on its way back; IllegalTransition from other states."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        if not can(invoice, "cancelled"):
            raise IllegalTransition(invoice, "cancelled")
        refuse_given_back(invoice)
        if is_cancelled_by_document(invoice):
            credit_invoice(invoice, actor=actor, reason=reason)
            return Invoice.objects.get(pk=invoice.pk)
        return replace_invoice(invoice, account, actor=actor, reason=reason)


def is_cancelled_by_document(invoice: Invoice) -> bool:
    """Is a credit note issued for it? Where a part was credited already, the rest is too."""
    return not invoice.is_proforma and (CANCEL_BY_CREDIT_NOTE.value or invoice.credit_notes.exists())


def replace_invoice(invoice: Invoice, account: Account, *, actor, reason: str) -> Invoice:
    """Another document takes its place. It is reversed without a credit note; what was settled is credit again."""
    refuse_while_money_moves(invoice, actor=actor)
    settled = invoice.total - invoice.open
    transition(invoice, "cancelled", open_amount=Decimal(0), paid_at=None, cancel_reason=reason[:300])
    book_proforma_cancel(invoice) if invoice.is_proforma else book_cancel(invoice)
    give_back(invoice, account, settled, f"Settled part of cancelled {invoice.number}")
    let_go(invoice, actor=actor, reason=reason)
    return invoice


def write_invoice(account: Account, lines: list[NewLine], *, due_on: date, actor, notes: str = "") -> Invoice:
    """Staff write and issue a one-off invoice."""
    with transaction.atomic():
        account = lock_account(account)
        invoice = draft_invoice(account, lines, kind=Invoice.Kind.MANUAL, due_on=due_on, notes=notes)
        return issue_invoice(invoice, actor=actor)
