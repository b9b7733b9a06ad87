"""What the database refuses, and what the verification finds."""

import json
from decimal import Decimal
from io import StringIO
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.ledger import RECEIVABLE, Side, book
from billing.models import Invoice, InvoiceLine, JournalEntry, Payment, Posting, Subscription
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.money import Money
from tests.billing.factories import make_order, pay
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(cast):
    order = make_order(cast.charlie_client)
    pay(order.invoice)
    return order.invoice


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_invoice SET total_amount = total_amount + 1, net_amount = net_amount + 1",
        "UPDATE billing_invoice SET number = 'X-1'",
        "UPDATE billing_invoice SET buyer = '{}'",
        "UPDATE billing_invoice SET due_on = due_on + 1",
        "UPDATE billing_invoice SET state = 'draft', number = NULL",
        "DELETE FROM billing_invoicetax; DELETE FROM billing_invoiceline",
        "UPDATE billing_invoiceline SET description = 'other'",
        "UPDATE billing_invoiceline SET released = true, net_amount = 0",
        "INSERT INTO billing_invoiceline (invoice_id, kind, revenue_code, description, quantity, currency, unit_amount, "
        "net_amount, tax_class, tax_name, tax_percent, released, sort, created_at, updated_at) SELECT id, 'manual', "
        "'manual', 'more', 1, 'EUR', 1, 1, 'standard', '', 0, false, 9, now(), now() FROM billing_invoice",
        "UPDATE billing_posting SET amount = amount * 2",
        "DELETE FROM billing_posting",
        "UPDATE billing_journalentry SET description = 'x'",
        "DELETE FROM billing_paymentallocation",
    ],
)
def test_the_database_refuses(invoice, sql):
    with pytest.raises(IntegrityError):
        run(sql)
    assert verify() == []


def test_what_may_change_on_an_issued_invoice(invoice):
    assert Invoice.objects.filter(pk=invoice.pk).update(cancel_reason="a note") == 1


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_does_not_sum_to_zero_is_refused_at_commit():
    account = open_account(ClientFactory())
    with pytest.raises(IntegrityError, match="sums to"), transaction.atomic():
        book("odd", "odd", [Side(RECEIVABLE, Money(Decimal(5), "EUR"), account)])
    sides = [Side(RECEIVABLE, Money(Decimal(5), "EUR"), account), Side("fees", Money(Decimal(-5), "USD"))]
    with pytest.raises(IntegrityError, match="sums to"), transaction.atomic():
        book("odd", "odd", sides)
    assert not JournalEntry.objects.exists()


def test_a_fact_is_booked_once(invoice):
    with pytest.raises(IntegrityError), transaction.atomic():
        book(f"invoice:{invoice.pk}:issued", "again", [])


@pytest.mark.parametrize(
    ("table", "sql", "check"),
    [
        ("billing_posting", "UPDATE billing_posting SET amount = 1 WHERE amount > 0", "entries_sum_to_zero"),
        ("billing_invoiceline", "UPDATE billing_invoiceline SET net_amount = 1", "invoice_lines"),
        ("billing_invoice", "UPDATE billing_invoice SET state = 'issued', open_amount = 3", "invoice_balance"),
        ("billing_account", "UPDATE billing_account SET credit_amount = 7", "account_balance"),
        ("billing_invoice", "UPDATE billing_invoice SET series_number = 9", "numbers_gapless"),
        ("billing_payment", "UPDATE billing_payment SET credited_amount = 2", "payment_shares"),
        ("billing_subscription", "UPDATE billing_subscription SET paid_until = NULL", "paid_until"),
    ],
)
def test_check_books_names_the_broken_row(invoice, table, sql, check):
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    run(sql)
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    findings = {finding.check: finding for finding in verify()}
    assert check in findings and findings[check].rows


def test_check_books_sees_a_guard_switched_off(invoice):
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE billing_posting DISABLE TRIGGER billing_posting_append_only")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_books", "--json", stdout=out)
    assert ended.value.code == 1
    found = json.loads(out.getvalue())
    assert found["findings"][0]["rows"] == [{"trigger": "billing_posting_append_only"}]


def test_check_books_is_quiet_when_all_is_well(invoice):
    out = StringIO()
    call_command("check_books", stdout=out)
    assert "in order" in out.getvalue()


def test_every_posting_has_its_mirror(invoice):
    codes = set(Posting.objects.values_list("ledger_account__code", flat=True))
    product = Subscription.objects.get().product_id
    assert codes == {"receivable", f"deferred:other:{product}", "cash:manual"}
    assert Payment.objects.get().allocations.get().invoice == invoice


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_when_issued_at_once():
    accounts = [open_account(ClientFactory()) for _number in range(4)]

    def issue(account):
        try:
            for number in range(10):
                try:
                    with transaction.atomic():
                        write_invoice(account, [NewLine("x", Decimal(5))], due_on=clock.today(), actor=SYSTEM)
                        if number % 4 == 3:
                            raise LookupError
                except LookupError:
                    continue
        finally:
            connection.close()

    threads = [Thread(target=issue, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(Invoice.objects.values_list("series_number", flat=True))
    assert numbers == list(range(1, 33))
    assert InvoiceLine.objects.count() == 32
    assert verify() == []
