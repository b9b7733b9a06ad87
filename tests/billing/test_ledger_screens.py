"""The books in the console: balances that are zero, running balances, files that bookkeeping programs take, closing and opening."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from zipfile import ZipFile

import pytest
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.write_off import take_back_write_off, write_off
from billing.models import Invoice, JournalEntry, LedgerAccount, LedgerPeriod, Period, Posting
from billing.queries.datev import COLUMNS, pairs, reference
from billing.queries.journal_formats import FORMATS
from billing.queries.ledger import account_page, trial_balance
from billing.queries.statement import words_of
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Change
from tests.billing.factories import make_order, make_tax_rate, pay
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db
MONTH = {"first": "", "last": "", "currency": "EUR"}


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def books(cast):
    """An order with tax that was paid, and an invoice over a period to a client with a nasty name."""
    make_tax_rate()
    pay(make_order(cast.alice_client).invoice)
    cast.charlie_client.company = '=cmd|" /C calc"!A0'
    cast.charlie_client.save()
    today = clock.today()
    period = Period(today, date(today.year + 1, 12, 31))
    account = open_account(cast.charlie_client)
    return write_invoice(account, [NewLine("x", D("100.00"), period=period)], due_on=today, actor=SYSTEM)


@pytest.fixture
def stella(client, cast):
    client.force_login(cast.stella)
    return client


def days():
    today = clock.today()
    return {"first": today.replace(day=1).isoformat(), "last": today.isoformat(), "currency": "EUR"}


def exported(stella, kind, **more):
    answer = stella.post(reverse("billing_staff:journal_export"), {**days(), "file_format": kind, **more})
    return answer, b"".join(answer.streaming_content) if answer.streaming else b""


def name_accounts():
    for number, account in enumerate(LedgerAccount.objects.order_by("pk"), 1000):
        LedgerAccount.objects.filter(pk=account.pk).update(
            datev_account=str(number), xero_code=str(number), quickbooks_name=f"Books:{number}"
        )


def test_the_trial_balance_is_zero_by_month_and_by_day(stella, books):
    today = clock.today()
    for first in (today.replace(day=1), today):
        balance = trial_balance(first, today, "EUR")
        assert balance.is_even and balance.debit.is_positive and len(balance.rows) >= 4
    page = stella.get(reverse("billing_staff:trial_balance"), days())
    assert page.status_code == 200 and "Even" in page.content.decode()
    refused = stella.get(reverse("billing_staff:trial_balance"), {**days(), "last": "1999-01-01"})
    assert refused.status_code == 422 and "before the first" in refused.content.decode()


def test_the_running_balance_ends_at_the_account_s_balance(stella, books):
    account = LedgerAccount.objects.get(code="receivable")
    page = account_page(account, "EUR")
    assert page.lines[0][1].amount == sum(posting.amount for posting, _balance in page.lines) == D("119.00")
    older = account_page(account, "EUR", before=page.lines[0][0].pk)
    assert older.lines[0] == page.lines[1]
    for asked in ({}, {"before": "9" * 30, "currency": "XXX"}, {"before": "-1"}):
        assert stella.get(account.get_absolute_url(), asked).status_code == 200
    entry = JournalEntry.objects.latest("pk")
    assert "119.00" in stella.get(entry.get_absolute_url()).content.decode()


def test_csv_holds_every_posting_and_no_formula(stella, books):
    _answer, body = exported(stella, "csv")
    lines = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert sum(D(line["Debit"] or 0) - D(line["Credit"] or 0) for line in lines) == 0
    assert {line["Client"] for line in lines} & {"'" + Invoice.objects.get(pk=books.pk).client.name}
    assert Change.objects.filter(action="billing.journal_exported").count() == 1


@pytest.mark.parametrize("kind", ["datev", "xero", "quickbooks", "quickbooks_online"])
def test_accounts_without_a_name_there_are_refused(stella, books, kind):
    answer, _body = exported(stella, kind)
    assert answer.status_code == 422 and "receivable" in answer.content.decode()


def test_datev_takes_pairs_that_sum_to_the_entries(stella, books):
    name_accounts()
    answer, body = exported(stella, "datev")
    assert answer["Content-Disposition"].startswith('attachment; filename="EXTF_Buchungsstapel_')
    lines = body.decode("cp1252").split("\r\n")
    head = lines[0].split(";")
    assert head[:5] == ['"EXTF"', "700", "21", '"Buchungsstapel"', "13"] and len(head) == 31
    assert lines[1].split(";") == COLUMNS and len(COLUMNS) == 125
    rows = list(csv.reader(lines[2:-1], delimiter=";"))
    assert all(len(row) == 125 and row[1] == "S" and row[2] == "EUR" for row in rows)
    total = sum(D(row[0].replace(",", ".")) for row in rows)
    assert total == sum(p.amount for entry in JournalEntry.objects.all() for p in entry.postings.all() if p.amount > 0)
    assert not any(row[13].startswith(("=", "+", "-", "@")) for row in rows)
    _answer, refused = exported(stella, "datev", first="2020-01-01")
    assert _answer.status_code == 422 and not refused


def test_pairs_of_an_entry(books):
    entry = JournalEntry.objects.get(key=f"invoice:{books.pk}:issued")
    found = [(amount, debit.ledger_account.code) for amount, debit, _credit in pairs(list(entry.postings.all()))]
    assert sorted(found) == [(D("19.00"), "receivable"), (D("100.00"), "receivable")]


def test_xero_and_quickbooks_are_zero_too(stella, books):
    name_accounts()
    _answer, body = exported(stella, "xero")
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert sum(D(row["*Amount"]) for row in rows) == 0 and {row["*TaxRate"] for row in rows} == {"Tax Exempt"}
    _answer, body = exported(stella, "quickbooks")
    lines = [line.split("\t") for line in body.decode().split("\r\n") if line]
    assert [line[0] for line in lines[:3]] == ["!TRNS", "!SPL", "!ENDTRNS"]
    assert sum(D(line[6]) for line in lines[3:] if line[0] in ("TRNS", "SPL")) == 0
    assert sum(line[0] == "TRNS" for line in lines) == sum(line[0] == "ENDTRNS" for line in lines)
    _answer, body = exported(stella, "quickbooks_online")
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert sum(D(row["Debits"] or 0) - D(row["Credits"] or 0) for row in rows) == 0


def test_a_program_gets_no_more_lines_in_a_file_than_it_takes(stella, books, monkeypatch):
    """Xero's limit is 300 lines; an entry is never torn apart."""
    name_accounts()
    small = replace(FORMATS["xero"], most=max(entry.postings.count() for entry in JournalEntry.objects.all()))
    monkeypatch.setitem(FORMATS, "xero", small)
    answer, body = exported(stella, "xero")
    assert answer["Content-Type"] == "application/zip" and answer["Content-Disposition"].endswith('.zip"')
    files = ZipFile(io.BytesIO(body))
    parts = [list(csv.DictReader(io.StringIO(files.read(name).decode()))) for name in files.namelist()]
    assert len(parts) > 1 and all(0 < len(rows) <= small.most for rows in parts)
    assert all(sum(D(row["*Amount"]) for row in rows) == 0 for rows in parts)
    assert sum(map(len, parts)) == Posting.objects.filter(currency="EUR").count() and FORMATS["datev"].most == 99_999


def test_datev_takes_few_signs_in_a_reference():
    assert reference("payment:12 Ü/é-7") == '"payment-12--/--7"' and len(reference("x" * 99)) == 38


@pytest.mark.parametrize("number", ["12", "abcd", "12345678901", "１２３４"])
def test_a_senseless_account_number_is_refused_beside_its_field(stella, books, number):
    account = LedgerAccount.objects.get(code="receivable")
    url = reverse("billing_staff:ledger_account_edit", args=[account.pk])
    assert stella.post(url, {"name": "x", "datev_account": number}).status_code == 422
    assert stella.post(url, {"name": "Debtors", "datev_account": "1400"}).status_code == 302
    assert LedgerAccount.objects.get(pk=account.pk).name == "Debtors"


def test_closing_and_opening_by_their_own_rights(client, cast, books):
    client.force_login(make_staff("read-only"))
    url = reverse("billing_staff:ledger_period_create")
    assert client.get(reverse("billing_staff:ledger_period_list")).status_code == 200
    assert client.post(url, {"month": "2020-01-01"}).status_code == 403
    assert client.get(reverse("billing_staff:journal_export")).status_code == 403
    client.force_login(cast.stella)
    refused = client.post(url, {"month": clock.today().isoformat()})
    assert refused.status_code == 422 and "not over" in refused.content.decode()
    assert client.get(url).status_code == 200


def test_reopening_needs_a_reason(stella, books):
    period = LedgerPeriod.objects.create(month=date(2020, 1, 1), closed_at=clock.now())
    url = reverse("billing_staff:ledger_period_reopen", args=[period.pk])
    assert stella.post(url, {"reason": ""}).status_code == 422
    assert stella.post(url, {"reason": "x"}).status_code == 302
    period.refresh_from_db()
    assert period.closed_at is None


def test_writing_off_by_its_verb(stella, books):
    url = reverse("billing_staff:invoice_write_off", args=[books.pk])
    assert "Write off" in stella.get(books.get_absolute_url()).content.decode()
    assert stella.post(url, {"reason": "insolvent"}).status_code == 302
    books.refresh_from_db()
    assert books.state == "bad_debt"
    assert stella.post(reverse("billing_staff:invoice_take_back", args=[books.pk])).status_code == 302
    books.refresh_from_db()
    assert books.state == "issued"


def test_the_client_s_statement_says_so(books):
    write_off(books, reason="insolvent", actor=SYSTEM)
    take_back_write_off(books, actor=SYSTEM)
    entries = JournalEntry.objects.filter(key__startswith="writeoff:").order_by("pk").select_related("invoice")
    assert [words_of(entry, books.account) for entry in entries] == [
        f"Invoice {books.number} written off", f"Invoice {books.number} is open again",
    ]  # fmt: skip
