"""The rows behind the tax report: written with each booking, one by one or many at once, and their list does not read the documents."""

from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.actions.credit_note import credit_invoice
from billing.actions.invoice import cancel_invoice
from billing.models import TaxLine
from billing.options import CANCEL_BY_CREDIT_NOTE
from billing.queries.books import verify
from hostbill.core.access import SYSTEM
from hostbill.core.options import set_option
from tests.billing.factories import make_order, make_tax_rate
from tests.factories import ClientFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoices(db):
    make_tax_rate("19", country="DE")
    return [make_order(ClientFactory(country="DE")).invoice for _number in range(3)]


def rows(invoice) -> list:
    return sorted(TaxLine.objects.filter(invoice=invoice).values_list("net_amount", "tax_amount", "credit_note_id"), key=str)


def test_each_booking_writes_its_rows(invoices):
    first, second, _third = invoices
    assert [row[:2] for row in rows(first)] == [(D("10"), D("1.90"))]
    note = credit_invoice(first, total=D("5.95"), reason="Agreed", actor=SYSTEM)
    assert {row for row in rows(first) if row[2]} == {(D("-5"), D("-0.95"), note.pk)}
    set_option(CANCEL_BY_CREDIT_NOTE, False, SYSTEM)
    cancel_invoice(second, reason="Twice", actor=SYSTEM)
    assert sum(row[0] for row in rows(second)) == 0 and len(rows(second)) == 2
    assert verify() == []


def test_the_checks_find_a_row_that_is_missing_or_wrong(invoices):
    line = TaxLine.objects.first()
    for act in (lambda: TaxLine.objects.filter(pk=line.pk).delete(), lambda: TaxLine.objects.filter(pk=line.pk).update(tax_amount=1)):
        with transaction.atomic():
            act()
            assert [finding.check for finding in verify()] == ["tax_lines"]
            transaction.set_rollback(True)


def test_its_list_reads_the_rows_alone_in_as_many_queries_for_many_as_for_few(invoices, client):
    client.force_login(make_staff("owner"))
    address = reverse("billing_staff:tax_line_list")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        assert client.get(address).status_code == 200
    for _number in range(9):
        make_order(ClientFactory(country="DE"))
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).content.decode().count("<tr") > 9
    assert len(many) <= len(few)
    read = [query["sql"] for query in many if "billing_taxline" in query["sql"]]
    assert read and not any("billing_journalentry" in sql or "billing_invoicetax" in sql for sql in read)


def test_pages_are_found_by_an_index(invoices):
    """However many rows there are: with sorting out of reach the planner still finds the newest and one client's."""
    mine = TaxLine.objects.filter(client=invoices[0].client)
    for query in (TaxLine.objects.order_by("-booked_on", "-pk"), mine.order_by("-booked_on", "-pk")):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
            plan = query[:50].explain()
        assert "Index Scan Backward using billing_taxline_" in plan and "Sort" not in plan, plan
