"""Issuing many invoices at once, as runs do: what `issue_invoice` does for one, with one statement per table for all.

Everything is worked out by the same pure functions; rows go into the database as they are after the issue, so nothing is written
twice. Lines and taxes are written before their invoices, which are frozen from the moment they exist."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection
from django.utils import translation

from billing.events import InvoiceIssued
from billing.models import (
    Account,
    Deferral,
    DocumentType,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    JournalEntry,
    NewLine,
    Posting,
    tax_groups,
)
from billing.queries.open_day import open_day
from billing.queries.parties import buyer_now, seller_now
from billing.queries.tax import TaxRules
from hostbill.core import bulk, clock
from hostbill.core.audit import audit, audit_many
from hostbill.core.events import emit, emit_many
from hostbill.core.locks import changed_beside

from .booking import deferrals_of, document_sides, earnings_of
from .credit import use_credit
from .ledger import ledger_accounts
from .lines import draft_line, note_supply, tax_rows, taxed_lines, totals_of
from .numbering import draw_numbers
from .oss import note_limit
from .settlement import paid


@dataclass
class NewInvoice:
    """A document to be issued today. `account` comes with its client, the client with its tax profile. `key`: its id, where other
    rows name it already."""

    account: Account
    lines: list[NewLine]
    due_on: date
    kind: str = Invoice.Kind.RENEWAL
    key: int | None = None


@dataclass
class _Document:
    """An invoice with all that is written with it."""

    invoice: Invoice
    account: Account
    lines: list[InvoiceLine]
    taxes: list[InvoiceTax]
    entry: JournalEntry | None = None
    sides: list = field(default_factory=list)
    deferrals: list[Deferral] = field(default_factory=list)


def issue_many(new: list[NewInvoice], *, actor, rules: TaxRules) -> list[Invoice]:
    """Number, freeze, book and announce them, in this order; credit is used, and what comes to nothing is paid. The caller holds
    the locks of all accounts and gives the `rules_for_writing` of their clients. AppError as `issue_invoice`, for the whole
    batch."""
    if not new:
        return []
    documents = _written(new, rules)
    invoices = [document.invoice for document in documents]
    audit_many(actor, "billing.invoice_issued", [(invoice, _audited(invoice)) for invoice in invoices])
    emit_many([InvoiceIssued(invoice.pk) for invoice in invoices])
    for document in documents:
        _settle(document, actor)
    return invoices


def issue_new(new: NewInvoice, *, actor, rules: TaxRules) -> Invoice:
    """The same for one that somebody waits for."""
    (document,) = _written([new], rules)
    invoice = document.invoice
    audit(actor, "billing.invoice_issued", invoice, changes=_audited(invoice))
    emit(InvoiceIssued(invoice.pk))
    if rules.room is None or invoice.net_amount * rules.euros.get(invoice.currency, Decimal(1)) > rules.room:
        note_limit(invoice)
    _settle(document, actor)
    return invoice


def _written(new: list[NewInvoice], rules: TaxRules) -> list[_Document]:
    documents = [_document(each, rules) for each in new]
    keys = _reserve(documents)
    _number(documents, keys)
    _book(documents, keys)
    _write(documents, keys)
    return documents


def _reserve(documents: list[_Document]) -> dict:
    """Keys for all rows, {model: keys}; of what the books will need at most."""
    lines, taxes = sum(len(document.lines) for document in documents), sum(len(document.taxes) for document in documents)
    missing = sum(1 for document in documents if document.invoice.pk is None)
    counts = {Invoice: missing, JournalEntry: len(documents), InvoiceLine: lines, InvoiceTax: taxes, Deferral: lines}
    keys = bulk.reserve_all(counts | {Posting: lines + taxes + len(documents)})
    return {model: iter(found) for model, found in keys.items()}


def _document(new: NewInvoice, rules: TaxRules) -> _Document:
    """Lines with their taxes and the totals, in the client's language."""
    account, client = new.account, new.account.client
    invoice = bulk.new(Invoice, id=new.key, client_id=client.pk, account_id=account.pk, kind=new.kind, currency=account.currency)
    invoice.client, invoice.account = client, account
    invoice.due_on = new.due_on
    with translation.override(client.language):
        taxed = taxed_lines(client, account.currency, new.lines, rules)
        pairs = enumerate(zip(new.lines, taxed, strict=True))
        lines = [draft_line(invoice, line, tax, sort) for sort, (line, tax) in pairs]
        note_supply(invoice, taxed)
        groups = tax_groups(lines, account.currency)
        taxes = tax_rows(invoice, groups)
    for name, amount in totals_of(lines, groups).items():
        setattr(invoice, name, amount)
    return _Document(invoice, account, lines, taxes)


def _number(documents: list[_Document], keys: dict) -> None:
    """Keys, numbers, and what an invoice has from its issue on."""
    now, today, seller = clock.now(), clock.today(), seller_now()
    numbers = draw_numbers(DocumentType.INVOICE, today, len(documents))
    for document, drawn in zip(documents, numbers, strict=True):
        invoice = document.invoice
        invoice.pk = invoice.pk or next(keys[Invoice])
        invoice.number, invoice.series, invoice.series_number = drawn.number, drawn.series, drawn.series_number
        invoice.reference = drawn.number[:40]
        invoice.state = "issued" if invoice.total_amount else "paid"
        invoice.issued_on, invoice.issued_at, invoice.seller = today, now, seller
        invoice.paid_at = None if invoice.total_amount else now
        invoice.buyer, invoice.language = buyer_now(invoice.client), invoice.client.language
        for row in (*document.lines, *document.taxes):
            row.invoice_id = invoice.pk


def _book(documents: list[_Document], keys: dict) -> None:
    """The entry of each, as `book_issue` books one."""
    now, day = clock.now(), open_day(clock.today())
    products = {line.subscription_id: line.subscription.product_id for d in documents for line in d.lines if line.subscription_id}
    for document in documents:
        invoice = document.invoice
        document.entry = bulk.new(
            JournalEntry,
            id=next(keys[JournalEntry]),
            key=f"invoice:{invoice.pk}:issued",
            description=f"Invoice {invoice.number}"[:300],
            booked_on=day,
            booked_at=now,
            invoice_id=invoice.pk,
        )
        earnings = earnings_of(document.lines, products, day)
        sides = document_sides(document.account, invoice.total, earnings, document.taxes)
        document.sides = [side for side in sides if not side.money.is_zero]
        document.deferrals = deferrals_of(document.entry, earnings)


def _write(documents: list[_Document], keys: dict) -> None:
    """All rows, and the balances of the accounts."""
    tables = [
        (InvoiceLine, [row for document in documents for row in document.lines]),
        (InvoiceTax, [row for document in documents for row in document.taxes]),
        (Deferral, [row for document in documents for row in document.deferrals]),
        (Invoice, [document.invoice for document in documents]),
        (JournalEntry, [document.entry for document in documents]),
        (Posting, _postings(documents)),  # after their entries: the database adds them up by the entry's month
    ]
    for model, rows in tables:
        for row in rows:
            if row.pk is None:
                row.pk = next(keys[model])
    bulk.insert_all(tables)
    for document in documents:
        document.invoice._state.adding = False
    _move_balances(documents)


def _postings(documents: list[_Document]) -> list[Posting]:
    codes = ledger_accounts({side.code for document in documents for side in document.sides})
    return [
        bulk.new(
            Posting,
            entry_id=document.entry.pk,
            ledger_account_id=codes[side.code],
            account_id=side.account.pk if side.account else None,
            currency=side.money.currency,
            amount=side.money.amount,
        )
        for document in documents
        for side in document.sides
    ]


def _move_balances(documents: list[_Document]) -> None:
    moves = defaultdict(Decimal)
    for document in documents:
        moves[document.account.pk] += document.invoice.total_amount
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_account SET balance_amount = balance_amount + moved.amount, updated_at = %s "
            "FROM unnest(%s::bigint[], %s::numeric[]) AS moved (id, amount) WHERE billing_account.id = moved.id",
            [clock.now(), list(moves), list(moves.values())],
        )
    for document in documents:
        changed_beside(document.account)


def _audited(invoice: Invoice) -> dict:
    names = ("number", "state", "issued_on", "due_on", "currency", "total_amount")
    return {name: [None, getattr(invoice, name)] for name in names}


def _settle(document: _Document, actor) -> None:
    """What follows for the few that have credit or come to nothing."""
    if document.invoice.state == "paid":
        paid(document.invoice, actor=actor)
    elif document.account.credit_amount:
        use_credit(document.invoice, actor=actor)
