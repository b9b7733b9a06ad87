"""Use cases of invoices: draft, issue, cancel. Issue is the moment at which a document becomes unchangeable."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.events import InvoiceCancelled, InvoiceIssued
from billing.models import Account, DocumentType, Invoice, Subscription
from hostbill.core import clock, options
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.money import Money
from hostbill.core.states import transition

from .account import lock_account
from .booking import book_cancel, book_issue
from .credit import Kind as CreditKind
from .credit import move_credit, use_credit
from .discount import count_again, give_back
from .ledger import CREDIT, RECEIVABLE, Side, book
from .lines import NewLine, line_again, write_lines, write_totals
from .numbering import draw_number
from .settlement import paid
from .subscription import note_paid_period
from .suspension import lift_for_payment
from .withdrawal import withdraw_charges


def draft_invoice(account: Account, lines: list[NewLine], *, kind: str, due_on: date, notes: str = "") -> Invoice:
    """A draft without a number, taxed at today's rates for the client's country. Caller holds the account's lock."""
    invoice = Invoice.objects.create(
        client=account.client, account=account, kind=kind, currency=account.currency, due_on=due_on, notes=notes
    )
    write_lines(invoice, lines)
    return invoice


def issue_invoice(invoice: Invoice, *, actor) -> Invoice:
    """Number, freeze, book and announce a draft; the client's credit is used at once, and an invoice over nothing is
    paid without any gateway. AppError: "empty_invoice", "negative_total"; IllegalTransition unless a draft."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
        lines = list(invoice.lines.all())
        totals = write_totals(invoice, lines)
        number = _number_for(invoice) if invoice.state == "draft" else {}
        transition(
            invoice,
            "issued" if totals["total_amount"] else "paid",
            issued_on=clock.today(),
            issued_at=clock.now(),
            seller=seller_now(),
            buyer=buyer_now(invoice.client),
            language=invoice.client.language,
            **totals,
            **number,
        )
        book_issue(invoice, account, lines)
        audit(actor, "billing.invoice_issued", invoice)
        emit(InvoiceIssued(invoice.pk))
        if invoice.state == "paid":
            paid(invoice, actor=actor)
        else:
            use_credit(invoice, actor=actor)
    return invoice


def _number_for(invoice: Invoice) -> dict:
    drawn = draw_number(DocumentType.INVOICE, clock.today())
    return {**vars(drawn), "reference": drawn.number[:40]}


def seller_now() -> dict:
    """The seller as printed on documents issued now."""
    names = ("address1", "postcode", "city", "country", "tax_id", "register", "email", "phone", "bank", "iban", "bic")
    seller = {name: options.find(f"company.{name}").value for name in names}
    seller["name"] = options.COMPANY_LEGAL_NAME.value or options.COMPANY_NAME.value
    return seller


def buyer_now(client) -> dict:
    """The client as printed on documents issued now."""
    names = ("number", "company", "first_name", "last_name", "native_name", "email", "address1", "address2", "city")
    buyer = {name: getattr(client, name) for name in (*names, "state", "postcode", "tax_id")}
    return {**buyer, "name": client.name, "country": str(client.country or "")}


def cancel_invoice(invoice: Invoice, *, actor, reason: str) -> Invoice:
    """Reverse an issued invoice in the books; its number stays. What was paid on it becomes the client's credit.

    AppError "charge_under_way" while a payment attempt may still succeed, "refund_under_way" while money of it is on
    its way back; IllegalTransition from other states."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        invoice = Invoice.objects.get(pk=invoice.pk)
        withdraw_charges(invoice, actor=actor)
        if invoice.refunds.filter(state__in=["queued", "processing"]).exists():
            raise AppError(_("A refund of this invoice is under way."), code="refund_under_way")
        settled = invoice.total - invoice.open
        transition(invoice, "cancelled", open_amount=Decimal(0), paid_at=None, cancel_reason=reason[:300])
        give_back(invoice.lines.filter(released=False).select_related("subscription"))
        invoice.lines.filter(released=False).update(released=True)
        book_cancel(invoice)
        _give_back(invoice, account, settled)
        audit(actor, "billing.invoice_cancelled", invoice, reason=reason)
        for subscription in Subscription.objects.filter(pk__in=invoice.lines.values("subscription_id")).order_by("pk"):
            note_paid_period(subscription)
            lift_for_payment(subscription, actor=actor)
        emit(InvoiceCancelled(invoice.pk))
    return invoice


def _give_back(invoice: Invoice, account: Account, settled: Money) -> None:
    """The part already settled was money or credit of the client: it is credit again."""
    if not settled.is_positive:
        return
    movement = move_credit(account, CreditKind.RELEASED, settled, invoice=invoice)
    book(
        f"credit:{movement.pk}:released",
        f"Settled part of cancelled {invoice.number}",
        [Side(RECEIVABLE, settled, account), Side(CREDIT, -settled, account)],
        invoice=invoice,
    )


def reissue_without(invoice: Invoice, subscription: Subscription, *, actor, reason: str) -> Invoice | None:
    """Cancel an unpaid invoice and issue its other lines anew; None when nothing else was on it."""
    with transaction.atomic():
        account = lock_account(invoice.account)
        rows = list(invoice.lines.exclude(subscription=subscription).select_related("subscription"))
        kept = [line_again(line) for line in rows]
        cancel_invoice(invoice, actor=actor, reason=reason)
        count_again(rows)
        if not kept:
            return None
        due_on = max(invoice.due_on, clock.today())
        return issue_invoice(draft_invoice(account, kept, kind=invoice.kind, due_on=due_on), actor=actor)


def write_invoice(account: Account, lines: list[NewLine], *, due_on: date, actor, notes: str = "") -> Invoice:
    """Staff write and issue a one-off invoice."""
    with transaction.atomic():
        account = lock_account(account)
        invoice = draft_invoice(account, lines, kind=Invoice.Kind.MANUAL, due_on=due_on, notes=notes)
        return issue_invoice(invoice, actor=actor)
