"""Every list of the console, found in the resolver: as many queries for 30 rows as for 3, and not many.

Rows are copies of those of the walk's world, so a new list is measured without being named here; a list that nobody can
fill fails, and says so."""

import re
import uuid
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models.cycle import add_months
from hostbill.core.crud import PortalListView, StaffListView
from hostbill.core.fields import CurrencyField
from hostbill.core.models import SavedView
from hostbill.pages import bell
from tests.security.conftest import BACKEND
from tests.security.routes import routes
from tests.security.world import arguments_of

pytestmark = pytest.mark.django_db

EVERY = [route for route in routes() if isinstance(route.view, type) and issubclass(route.view, StaffListView)]
#: Lists that only narrow another one (the rows behind a figure) cost what that one costs.
VIEWS = {route.view for route in EVERY}
LISTS = [route for route in EVERY if not VIEWS & set(route.view.__mro__[1:])]
#: Lists of the client area with an address of their own.
PORTAL = [route for route in routes() if isinstance(route.view, type) and issubclass(route.view, PortalListView) and route.is_portal]
PORTAL = [route for route in PORTAL if route.name != "clients_portal:api_token_list"]  # tests/api/test_client_token.py measures it
#: Queries of a list page: person and rights, menu and notices, saved views, rows with what they need, all counts in one.
BUDGET = 24
#: Lists whose rows are few by nature and cannot be copied: why.
FEW = {
    "figure_unanswered": "charges whose answer is lost; measured with its own rows in tests/pages",
    "billing_staff:tax_line_list": "the database writes its rows when documents are booked; tests/billing/test_tax_line.py measures it",
}


def copy(row: models.Model, number: int) -> models.Model:
    """Another row like this, its unique columns made different; what it owns alone is copied too."""
    new = type(row)._base_manager.get(pk=row.pk)
    new.pk, new._state.adding = None, True
    singles = [field for field in row._meta.concrete_fields if field.unique and not field.primary_key]
    for field in singles:
        differ(new, field, number)
    for constraint in row._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            fields = [row._meta.get_field(name) for name in constraint.fields]
            if not set(fields) & set(singles):
                differ(
                    new, min(fields, key=lambda field: (field.is_relation, isinstance(field, models.CharField))), number
                )
    if hasattr(new, "is_default"):
        new.is_default = False
    type(row)._base_manager.bulk_create([new])
    return new


def differ(row, field, number: int) -> None:
    """Give the column a value of its own."""
    value = getattr(row, field.name)
    if value is None and field.null:
        return
    if field.is_relation:
        setattr(row, field.name, copy(value, number))
    elif isinstance(value, uuid.UUID):
        setattr(row, field.name, uuid.uuid4())
    elif isinstance(value, bool):
        return
    elif isinstance(field, CurrencyField):
        setattr(row, field.name, "X" + chr(ord("A") + number // 26) + chr(ord("A") + number % 26))
    elif isinstance(value, int):
        setattr(row, field.name, value + 1000 + number)
    elif isinstance(value, datetime):
        setattr(row, field.name, value + timedelta(days=1 + number))
    elif isinstance(value, date):  # whole months: the first of one stays one
        setattr(row, field.name, add_months(value, 1 + number))
    else:
        setattr(row, field.name, f"{str(value)[: (field.max_length or 60) - 6]}-{number:04}")


def fill(view, world, route, target: int) -> None:
    """So many rows as the list shows under its widest tab."""
    rows = {obj for obj in world.objects.values() if type(obj) is view.model}
    first = next(iter(rows), None) or view.model._base_manager.order_by("pk").first()
    assert first is not None, f"{route.name}: no {view.model.__name__} in tests/security/world.py"
    if route.name == "bulk_run_detail":
        first = world.objects["bulk_run"].rows.first()
    have = view.model._base_manager.count()
    for number in range(have, target):
        copy(first, number)


def measure(browser, url: str) -> tuple[int, list[str]]:
    """(rows on the page, its queries); the second look, when everything that is kept is kept."""
    browser.get(url)
    with CaptureQueriesContext(connection) as asked:
        page = browser.get(url)
    assert page.status_code == 200, url
    return page.context["page"].shown, [q["sql"] for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]]


@pytest.fixture
def owner(world, monkeypatch):
    """Signed in; the bell's figure is kept for the whole test, else counts depend on how slow the machine is."""
    monkeypatch.setattr(bell, "COUNT_SECONDS", 3600)
    browser = Client()
    browser.force_login(world.people["stella"], backend=BACKEND)
    cache.clear()
    return browser


def problem(route, world, owner, monkeypatch) -> str:
    """What is wrong with one list; its rows are undone afterwards. Few and many are two sizes of its page."""
    with transaction.atomic():
        if route.name not in FEW:
            fill(route.view, world, route, 40)
        SavedView.objects.create(list_key=route.name, user=world.people["stella"], name="One", query="q=x")
        measured = []
        for size in (3, 30):
            monkeypatch.setattr(route.view, "page_size", size)
            measured.append(max((measure(owner, url) for url in addresses(route, world)), key=lambda found: found[0]))
        transaction.set_rollback(True)
    (few, before), (many, after) = measured
    if (few, many) != (3, 30) and route.name not in FEW:
        return f"{route.name}: pages of {few} and {many} rows"
    if len(after) != len(before):
        return f"{route.name}: {len(before)} queries for {few} rows, {len(after)} for {many}\n  " + worst(after)
    return f"{route.name}: {len(after)} queries, {BUDGET} are enough\n  " + worst(after) if len(after) > BUDGET else ""


def worst(texts: list[str]) -> str:
    """The queries that come more than once, else all."""
    counted = Counter(re.sub(r"\d+", "0", text) for text in texts)
    return "\n  ".join(
        f"{count} x {text[:200]}" for text, count in counted.most_common() if count > 1 or len(counted) < 40
    )


def addresses(route, world) -> list[str]:
    """Each tab with all columns; the one with the most rows is measured."""
    columns = ",".join(column.key for column in every_column(route.view))
    path = reverse(route.name, kwargs=arguments_of(route, world))
    tabs = [f"tab={tab.key}&" for tab in route.view.tabs] or [""]
    return [f"{path}?{tab}columns={columns}" for tab in tabs]


@pytest.fixture
def member(world):
    """Alice, signed in."""
    browser = Client()
    browser.force_login(world.people["alice"], backend=BACKEND)
    cache.clear()
    return browser


def test_each_list_of_the_client_area_costs_the_same_for_few_and_many_rows(world, member, monkeypatch):
    """Copies of her row belong to the same account."""
    found = []
    for route in PORTAL:
        with transaction.atomic():
            fill(route.view, world, route, 40)
            path, measured = reverse(route.name, kwargs=arguments_of(route, world)), []
            urls = [f"{path}?tab={tab.key}" for tab in route.view.tabs] or [path]
            for size in (3, 20):
                monkeypatch.setattr(route.view, "page_size", size)
                measured.append(max((measure(member, url) for url in urls), key=lambda one: one[0]))
            transaction.set_rollback(True)
        (few, before), (many, after) = measured
        if (few, many) != (3, 20) or len(before) != len(after) or len(after) > BUDGET:
            found.append(f"{route.name}: {len(before)} queries for {few} rows, {len(after)} for {many}\n  {worst(after)}")
    assert PORTAL and not found, "\n".join(found)


def test_each_list_costs_the_same_for_few_and_many_rows(world, owner, monkeypatch):
    """One test for all: the world is made once."""
    found = [problem(route, world, owner, monkeypatch) for route in LISTS]
    assert not any(found), "\n".join(line for line in found if line)


def every_column(view) -> list:
    """Declared ones; those that every list has are paid for nothing."""
    keys = [column.key for column in view.columns]
    assert len(keys) == len(set(keys)), f"{view.__name__}: two columns of one key"
    return view.columns


def test_the_resolver_knows_the_lists():
    assert len(LISTS) > 20
