"""What must hold after every step of a history, worked out here from the documents and not by the product's own sums."""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal as D

from django.db import connection

from billing.actions.period import first_open_month
from billing.models import CreditNote, Invoice, InvoiceLine, LineCredit, Payment, Posting, Product, Subscription
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.money import exponent

MONEY_TABLES = """SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public' AND (table_name LIKE 'billing_%' OR table_name IN ('core_outgoing', 'core_sequence', 'core_rulerun'))
    ORDER BY 1"""


#: The rows of a month are put together by a job: what counts is their sum.
SUMMED = {
    "billing_ledgerbalance": "(SELECT ledger_account_id, currency, month, sum(debit_amount) AS debit, sum(credit_amount) AS credit "
    "FROM billing_ledgerbalance GROUP BY 1, 2, 3)",
}


def digest() -> dict[str, str]:
    """{table: fingerprint of its rows} of everything that is money or asks for some; when a row was last written does not count."""
    with connection.cursor() as cursor:
        cursor.execute(MONEY_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        parts = [
            f"SELECT '{name}', md5(coalesce(string_agg(row, '|' ORDER BY row), '')) FROM "  # noqa: S608
            f"(SELECT (to_jsonb(t) - 'updated_at')::text AS row FROM {SUMMED.get(name, name)} t) rows"
            for name in tables
        ]
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


#: What a history can go on with: {name: rows that there must be}.
POSSIBLE = {
    "orders": "billing_order",
    "running": "billing_subscription WHERE state IN ('active', 'suspended')",
    "active": "billing_subscription WHERE state = 'active'",
    "parents": "billing_subscription WHERE state IN ('active', 'suspended') AND parent_id IS NULL",
    "cancelled": "billing_subscription WHERE state IN ('active', 'suspended') AND cancel_at_end",
    "paused": "billing_pause WHERE resumed_on IS NULL",
    "changes": "billing_subscriptionchange WHERE state IN ('unpaid', 'scheduled')",
    "offers": "billing_transfer WHERE state = 'offered'",
    "unpaid": "billing_invoice WHERE state = 'issued'",
    "standing": "billing_invoice WHERE state IN ('issued', 'paid')",
    "lost": "billing_invoice WHERE state = 'bad_debt'",
    "drafts": "billing_invoice WHERE state = 'draft'",
    "charges": "billing_charge WHERE state NOT IN ('succeeded', 'failed')",
    "payments": "billing_payment WHERE refunded_amount < amount",
    "card_payments": "billing_payment WHERE gateway_id IS NOT NULL",
    "card_refunds": "billing_refund r JOIN billing_payment p ON p.id = r.payment_id WHERE p.gateway_id IS NOT NULL",
    "quotes": "billing_quote WHERE state = 'delivered'",
    "rests": "billing_quote q JOIN billing_invoice i ON i.id = q.rest_invoice_id WHERE i.state = 'draft'",
    "updates": "billing_priceupdate WHERE state IN ('running', 'done')",
    "cards": "billing_paymentmethod WHERE removed_at IS NULL",
    "closed": "billing_ledgerperiod WHERE closed_at IS NOT NULL",
}


def possible() -> frozenset[str]:
    """Which of them there are, by one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {rows})" for rows in POSSIBLE.values()))  # noqa: S608
        found = frozenset(name for name, there in zip(POSSIBLE, cursor.fetchone(), strict=True) if there)
    month = first_open_month()
    return found | {"over"} if month and month < clock.today().replace(day=1) else found


def check_all() -> None:
    """Raises AssertionError with the rows."""
    with connection.cursor() as cursor:  # the database's own guards would speak at the end of the transaction only
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    broken = verify()
    assert not broken, "\n".join(f"{finding} {row} {about(row)}" for finding in broken for row in finding.rows[:3])
    check_sums()
    check_tiles()
    check_ledger()
    check_stock()


def about(row: dict) -> str:
    """What a person needs to understand a finding: its invoice or service, line by line."""
    lines = InvoiceLine.objects.filter(subscription=row.get("subscription") or -1) | InvoiceLine.objects.filter(
        invoice=row.get("invoice") or -1
    )
    found = []
    for line in lines.order_by("pk").select_related("invoice"):
        given = [(str(cut.from_on), str(cut.amount), cut.released, cut.invoice_id, cut.credit_note_id) for cut in line.given_back.all()]
        taken = [str(each.net_amount) for each in line.credit_lines.all()]
        found.append(
            f"{line.invoice_id} {line.invoice.kind} {line.invoice.state} {line.kind} {line.part} s{line.subscription_id} "
            f"{line.period_start}..{line.period_end} {line.net_amount} {'released' if line.released else ''} {given} {taken}"
        )
    return "\n  ".join(["", *found])


def fits(amount: D, currency: str) -> bool:
    """Is it a whole number of the currency's smallest unit?"""
    return amount == amount.quantize(D(1).scaleb(-exponent(currency)), ROUND_HALF_UP)


def check_sums() -> None:
    """Parts are whole units and sum to wholes; no credit note takes back more than there was."""
    noted = defaultdict(D)
    for note in CreditNote.objects.prefetch_related("lines", "taxes"):
        _check_document(note)
        noted[note.invoice_id] += note.total_amount
    for invoice in Invoice.objects.exclude(state="draft").prefetch_related("lines", "taxes"):
        _check_document(invoice)
        assert invoice.total_amount >= 0 and 0 <= invoice.open_amount <= invoice.total_amount, invoice
        assert noted[invoice.pk] <= invoice.total_amount, (invoice, noted[invoice.pk])
    for payment in Payment.objects.all():
        assert 0 <= payment.refunded_amount <= payment.amount, payment


def _check_document(document) -> None:
    lines = sum((line.net_amount for line in document.lines.all()), D(0))
    taxes = sum((tax.tax_amount for tax in document.taxes.all()), D(0))
    assert (document.net_amount, document.tax_amount) == (lines, taxes), document
    assert document.total_amount == lines + taxes, document
    for row in [*document.lines.all(), *document.taxes.all()]:
        assert fits(row.net_amount, document.currency), (document, row)
    assert all(fits(tax.tax_amount, document.currency) for tax in document.taxes.all()), document


def check_tiles() -> None:
    """No day of a service is charged twice, and no days between two that are charged are missing without a reason."""
    given = dict(LineCredit.objects.filter(released=False).values_list("line_id", "from_on"))
    rows = InvoiceLine.objects.filter(kind="recurring", released=False, subscription__isnull=False)
    spans = defaultdict(list)
    for line in rows.order_by("period_start"):
        end = min(line.period_end, given.get(line.pk, line.period_end))
        if end > line.period_start:
            spans[line.subscription_id, line.part].append((line.period_start, end))
    for key, tiles in spans.items():
        for (_start, end), (start, _end) in zip(tiles, tiles[1:], strict=False):
            assert end <= start, (key, tiles)


def check_ledger() -> None:
    """What clients owe and have is never below zero for credit, and each entry is nothing in sum."""
    entries = defaultdict(D)
    for entry, currency, amount in Posting.objects.values_list("entry_id", "currency", "amount"):
        assert fits(amount, currency), (entry, amount)
        entries[entry, currency] += amount
    assert not any(entries.values())
    for client, credit in Subscription.objects.values_list("client", "account__credit_amount").distinct():
        assert credit >= 0, client


def check_stock() -> None:
    """What is left and what stands of orders is what there was."""
    for product in Product.objects.exclude(stock=None):
        assert product.stock >= 0, product


def covered_days(subscription: Subscription) -> Counter:
    """How often each day is charged."""
    given = dict(LineCredit.objects.filter(released=False).values_list("line_id", "from_on"))
    days = Counter()
    for line in subscription.invoice_lines.filter(kind="recurring", part="", released=False):
        day, end = line.period_start, min(line.period_end, given.get(line.pk, line.period_end))
        while day < end:
            days[day] += 1
            day += timedelta(days=1)
    return days
