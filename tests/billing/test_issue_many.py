"""Many invoices at once are, row for row, what they are one by one; and a few statements whatever their number."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.actions.account import open_account
from billing.actions.credit import grant_credit
from billing.actions.invoice import draft_invoice, issue_invoice
from billing.actions.issue_many import NewInvoice, issue_many
from billing.actions.lines import rules_for_writing
from billing.actions.renewal import raise_renewals_of
from billing.models import Account, Deferral, Invoice, JournalEntry, NewLine, Period, TaxRate
from billing.queries.books import verify
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.locks import lock_all
from hostbill.core.models import Change, Delivery, Event
from hostbill.core.money import Money
from hostbill.core.scope import scope
from tests.billing.factories import active_subscription, make_tax_rate

pytestmark = pytest.mark.django_db

#: Columns that two of the same document differ in.
OWN = {"id", "number", "series_number", "reference", "created_at", "updated_at", "issued_at", "paid_at", "booked_at", "key"}
OWN |= {"invoice_id", "entry_id", "description", "reverses_id"}


def shape(row, *without) -> dict:
    return {name: value for name, value in vars(row).items() if not name.startswith("_") and name not in OWN | {*without, "loaded"}}


def shapes(rows, *without) -> list:
    return [shape(row, *without) for row in rows]


def everything(invoice: Invoice) -> dict:
    invoice = Invoice.objects.get(pk=invoice.pk)
    entry = JournalEntry.objects.get(invoice=invoice, key=f"invoice:{invoice.pk}:issued")
    return {
        "invoice": shape(invoice),
        "lines": shapes(invoice.lines.order_by("sort")) + [line.description for line in invoice.lines.order_by("sort")],
        "taxes": shapes(invoice.taxes.order_by("pk")),
        "entry": shape(entry),
        "postings": shapes(entry.postings.order_by("ledger_account__code")),
        "deferrals": shapes(Deferral.objects.filter(entry=entry).order_by("pk")),
        "events": list(Event.objects.filter(payload={"invoice_id": invoice.pk}).values_list("name", flat=True)),
        "heard": sorted(Delivery.objects.filter(event__payload={"invoice_id": invoice.pk}).values_list("handler", "state")),
        "acts": list(Change.objects.filter(object_kind="billing.invoice", object_id=invoice.pk).values_list("action", "object_label")),
    }


def lines_for(client, kind: str) -> list[NewLine]:
    subscription = active_subscription(client)
    start = subscription.next_due_on
    period = Period(start, start + timedelta(days=31))
    common = {"subscription": subscription, "kind": "recurring", "period": period, "revenue_code": "other"}
    plain = [
        NewLine("Hosting\tweird \\ text\nin two lines", D("10.005"), D(3), **common),
        NewLine("Disk", D("1.99"), part="option:1", **common),
    ]
    return {
        "plain": plain,
        "discount": [*plain, NewLine("−10 %", D("-3.20"), part="promo:1", **{**common, "kind": "discount"})],
        "by hand": [NewLine("Work “done” · বাংলা", D("80"), D("1.5"))],
        "gross": [NewLine("Gross", D(0), gross_amount=D("119.00"), **common)],
    }[kind]


@pytest.mark.parametrize("kind", ["plain", "discount", "by hand", "gross"])
def test_the_same_rows_as_one_by_one(cast, kind):
    make_tax_rate()
    city = {"tax_class": "standard", "name": "City tax", "percent": D("2.5"), "valid_from": date(2020, 1, 1)}
    TaxRate.objects.create(country="BD", step=2, compound=True, **city)
    one = lines_for(cast.alice_client, kind)
    account = open_account(cast.alice_client)
    due_on = clock.today() + timedelta(days=14)
    alone = issue_invoice(draft_invoice(account, one, kind="renewal", due_on=due_on), actor=SYSTEM)
    first = everything(alone)
    later = [move(line, 40) for line in one]  # each period is billed once
    (locked,) = lock_all(Account.objects.filter(pk=account.pk).select_related("client__group", "client__tax_profile"))
    (together,) = issue_many([NewInvoice(locked, later, due_on)], actor=SYSTEM, rules=rules_for_writing(locked.client))
    second = everything(together)
    for part in ("lines", "deferrals"):
        assert without_days(second[part]) == without_days(first[part]), part
    for part in ("invoice", "taxes", "entry", "postings", "events", "heard"):
        assert second[part] == first[part], part
    assert [act for act, _label in second["acts"]] == [act for act, _label in first["acts"]]
    # The subscription was moved on by nobody here.
    assert [finding for finding in verify() if finding.check not in ("periods_tile", "next_period")] == []


def move(line: NewLine, days: int) -> NewLine:
    return replace(line, period=Period(*(day + timedelta(days=days) for day in line.period))) if line.period else line


def without_days(rows):
    days = {"period_start", "period_end", "starts_on", "ends_on", "recognised_until"}
    return [{k: v for k, v in row.items() if k not in days} if isinstance(row, dict) else row for row in rows]


def test_numbers_follow_each_other_and_credit_and_nothing_are_settled(cast):
    grant_credit(open_account(cast.charlie_client), money=Money(D("5.00"), "EUR"), note="x", actor=SYSTEM)
    (charlie,) = lock_all(Account.objects.filter(client=cast.charlie_client).select_related("client__tax_profile"))
    free, dear = [NewLine("Nothing", D(0))], [NewLine("Something", D(8))]
    new = [NewInvoice(charlie, free, clock.today()), NewInvoice(charlie, dear, clock.today())]
    paid, owed = issue_many(new, actor=SYSTEM, rules=rules_for_writing(charlie.client))
    assert owed.series_number == paid.series_number + 1
    paid, owed = Invoice.objects.get(pk=paid.pk), Invoice.objects.get(pk=owed.pk)
    assert (paid.state, paid.open_amount) == ("paid", 0)
    assert owed.open_amount == owed.total_amount - 5
    assert verify() == []


def make_client(number: str) -> Client:
    person = {"first_name": "Ada", "last_name": number, "email": f"m{number}@x.example"}
    return Client.objects.create(number=f"M-{number}", currency="EUR", country="DE", **person)


def test_a_few_statements_whatever_their_number(cast):
    """The run's work for one client and for many asks the same number of statements."""
    counts = []
    for size in (2, 8):
        clients = [make_client(f"{size}-{n}") for n in range(size)]
        accounts = [open_account(client).pk for client in clients]
        due = max(active_subscription(client).next_due_on for client in clients)
        with scope(), CaptureQueriesContext(connection) as asked:
            issued = raise_renewals_of(accounts, until=due, actor=SYSTEM)
        assert len(issued) == size
        counts.append(len(asked))
    assert counts[0] == counts[1], counts
    assert verify() == []
