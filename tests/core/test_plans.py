"""Large lists are read by index: the plan of each kind of question is looked at where reading whole tables costs nothing less."""

import pytest
from django.db import connection

from billing.models import Invoice, OrderLine, Subscription
from clients.models import Client, User
from hostbill.core.crud import paging
from hostbill.core.crud.state import look_up
from hostbill.core.models import Change
from hostbill.core.search import has_extension, matching
from provisioning.models import Service

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_whole_tables(db):
    """Tables are small in tests, so the planner is told that reading or sorting them whole is dear."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_incremental_sort = off")


def plan_of(rows) -> str:
    """The plan, with the names of the indexes."""
    return rows.explain()


def parts_of(rows, sort: str, cursor=None, backwards=False) -> list[str]:
    """Plans of the parts in which a page of the list is looked for."""
    order = paging.Order.parse(sort)
    return [plan_of(part[:51]) for part in paging._parts(rows, order, cursor, backwards)]


#: An index that serves a narrower list -> the one of the whole list: on a table of a few rows they cost the same.
RIVALS = {"billing_sub_state_list": "billing_sub_list", "billing_invoice_state_list": "billing_invoice_list"}


def drop_rivals(index: str) -> None:
    """Until the test's transaction is undone."""
    if index in RIVALS:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {RIVALS[index]}")


@pytest.mark.parametrize(
    ("rows", "sort", "index"),
    [
        (Subscription.objects.all(), "next_due_on", "billing_sub_list"),
        (Subscription.objects.all(), "-next_due_on", "billing_sub_list"),
        (Subscription.objects.filter(state="suspended"), "next_due_on", "billing_sub_state_list"),
        (Invoice.objects.filter(state="issued"), "due_on", "billing_invoice_state_list"),
        (Invoice.objects.all(), "-due_on", "billing_invoice_list"),
        (User.objects.filter(is_staff=True), "email", "clients_user_staff"),
        (Service.objects.all(), "-created_at", "provisioning_service_list"),
    ],
)
def test_each_part_of_a_list_is_read_in_the_order_of_its_index(rows, sort, index):
    """First page and from a cursor, forwards and backwards: nothing is sorted, nothing is read that is not shown."""
    drop_rivals(index)
    cursor = ("2026-01-01", 5) if "email" not in sort else ("m@example.org", 5)
    for place, backwards in ((None, False), (cursor, False), (cursor, True)):
        with_value, *without = parts_of(rows, sort, place, backwards)
        assert index in with_value
        assert not any("Sort" in plan or "Seq Scan" in plan for plan in (with_value, *without))


@pytest.mark.parametrize(
    ("model", "lookup", "index"),
    [(Client, "number__iexact", "clients_client_number"), (Invoice, "number__iexact", "billing_invoice_number")],
)
def test_numbers_are_found_by_their_index(model, lookup, index):
    """Typed in small letters too."""
    assert index in plan_of(model.objects.filter(look_up(lookup, "c-20001")).order_by())


@pytest.mark.parametrize("model", [Change, Subscription, OrderLine, User], ids=lambda model: model.__name__)
def test_words_are_found_by_their_index(model):
    """Those searched by lists since the company became large."""
    if not has_extension():
        pytest.skip("the database has no pg_trgm")
    assert model.SEARCH.index in plan_of(matching(model.objects.all(), "nordhost").order_by())


def test_what_is_asked_of_a_large_house_on_each_look_has_its_own_index():
    """Services that wait for a person; acts of one kind; whether an order was ever paid."""
    assert "provisioning_service_stuck" in plan_of(Service.objects.stuck().order_by("created_at")[:4])
    assert "core_change_action" in plan_of(Change.objects.filter(action="billing.invoice_issued").order_by()[:51])
    paid = Invoice.objects.filter(kind="order", state__in=["paid", "refunded"])
    assert "billing_invoice_of_orders" in plan_of(paid.order_by()[:1])
