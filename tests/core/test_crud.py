"""The generic screens, on a real model: pages, filters, sort, bulk acts, files, verbs."""

import csv
import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, QueryDict
from django.test import RequestFactory

from clients.models import Client, User
from clients.queries.actor import actor_of
from hostbill.core import clock
from hostbill.core.access import Actor
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    DateRange,
    MoneyColumn,
    StaffListView,
    StaffVerbView,
    Tab,
    Text,
    paging,
)
from hostbill.core.errors import AppError
from hostbill.core.money import Money

pytestmark = pytest.mark.django_db
BOSS = Actor(kind="staff", user_id=1, label="Stella", superuser=True)
CLERK = Actor(kind="staff", user_id=2, label="Sven", permissions=frozenset({"clients.client.view"}))


def close(client, *, actor):
    """A bulk act that refuses some."""
    if client.company.startswith("Never"):
        raise AppError("has open invoices", code="refused")
    client.status = "closed"
    client.save()


class Clients(StaffListView):
    model = Client
    permission = "clients.client.view"
    title = "Clients"
    columns = [
        Column("number", "Number", link=True, sort="number"),
        Column("name", "Name", sort="company"),
        Column("country", "Country", value=lambda c: str(c.country)),
        DateColumn("closed_at", "Closed", sort="closed_at"),
        MoneyColumn("owes", "Owes", value=lambda c: Money.from_minor(-1250, c.currency)),
    ]
    filters = [
        Choice("status", "Status", Client.Status.choices),
        Text("city", "City"),
        DateRange("closed_at", "Closed", moment=True),
    ]
    search = ["company__icontains", "email__icontains"]
    sort = "company"
    tabs = [Tab("all", "All", count=True), Tab("closed", "Closed", Q(status="closed"), count=True)]
    bulk = [BulkAction("close", "Close", close, permission="clients.client.close")]
    page_size = 4
    row_url = ""

    def url_of(self, row):
        return f"/clients/{row.pk}/"


@pytest.fixture
def boss():
    """A real login, for what is kept under somebody's name."""
    user = User.objects.create(email="stella@nordhost.example", is_staff=True, is_superuser=True, name="Stella")
    return actor_of(user)


def make(number, **fields):
    fields = {"company": f"Firm {number:03}", "email": f"c{number}@firm.example", "currency": "EUR"} | fields
    return Client.objects.create(number=f"C-{number}", **fields)


def ask(view, path="/", actor=BOSS, method="get", data=None, **kwargs):
    request = getattr(RequestFactory(), method)(path, data or {})
    request.actor, request.htmx = actor, SimpleNamespace(target="list", __bool__=lambda: True)
    request.user = SimpleNamespace(is_authenticated=True)
    request._messages = CookieStorage(request)
    request.said = lambda: [str(message) for message in request._messages]
    instance = view()
    instance.setup(request, **kwargs)
    return instance, instance.dispatch(request, **kwargs)


def page_of(query, view=Clients, actor=BOSS):
    """The context of the list for a query string."""
    request = RequestFactory().get(f"/{query}")
    request.actor, request.htmx = actor, None
    instance = view()
    instance.setup(request)
    return instance.get_context()


def walk(query, view=Clients):
    """Every row from the first page to the last and back again."""
    there, back, context = [], [], page_of(query, view)
    while True:
        there.append([row.pk for row in context["page"].rows])
        if not context["page"].next_url:
            break
        context = page_of(context["page"].next_url, view)
    while True:
        back.insert(0, [row.pk for row in context["page"].rows])
        if not context["page"].previous_url:
            return there, back
        context = page_of(context["page"].previous_url, view)


@pytest.mark.parametrize("sort", ["company", "-company", "closed_at", "-closed_at", "number"])
def test_pages_hold_each_row_once_in_order_both_ways(sort):
    now = clock.now()
    for number in range(11):
        closed = now - timedelta(days=number // 3) if number % 3 else None
        make(number, company=f"Firm {number // 4}", closed_at=closed)
    there, back = walk(f"?sort={sort}")
    assert there == back
    flat = [pk for page in there for pk in page]
    assert len(flat) == len(set(flat)) == 11
    order = paging.Order.parse(sort)
    assert flat == list(paging.ordered(Client.objects.all(), order).values_list("pk", flat=True))
    values = [paging.value_of(Client.objects.get(pk=pk), order.path) for pk in flat]
    given = [value for value in values if value is not None]
    assert values[: len(given)] == given == sorted(given, reverse=order.descending), "empty values stand last"


def test_a_row_that_vanishes_does_not_shift_the_next_page():
    rows = [make(number) for number in range(9)]
    first = page_of("")
    rows[1].delete()
    second = page_of(first["page"].next_url)
    assert [row.pk for row in second["page"].rows] == [row.pk for row in rows[4:8]]


@pytest.mark.parametrize("cursor", ["nonsense", "", "W10", "eyJhIjoxfQ", "WyJ4IiwgIngiXQ", "%00"])
def test_a_broken_cursor_shows_the_first_page(cursor):
    for number in range(5):
        make(number)
    assert [row.number for row in page_of(f"?after={cursor}")["page"].rows] == ["C-0", "C-1", "C-2", "C-3"]
    assert page_of(f"?sort=closed_at&after={paging.encode_cursor('not a date', 1)}")["page"].shown == 4


def test_the_url_narrows_by_tab_filter_and_search():
    make(1, city="Flensburg")
    make(2, city="Hamburg", status="closed", closed_at=clock.now())
    make(3, city="Hamburg", company="Sundarban Weaves")
    names = lambda query: [row.number for row in page_of(query)["page"].rows]  # noqa: E731
    assert names("?tab=closed") == ["C-2"]
    assert names("?city=hamb") == ["C-2", "C-3"]
    assert names("?city=hamb&status=active") == ["C-3"]
    assert names("?q=SUNDAR") == ["C-3"]
    today = clock.now().date()
    assert names(f"?closed_at_from={today}&closed_at_to={today}") == ["C-2"]
    assert names("?status=nonsense&closed_at_from=2027-99-99") == ["C-1", "C-2", "C-3"], "wrong input is ignored"


def test_chips_read_as_sentences_and_come_off_one_by_one():
    make(1, city="Hamburg")
    chips = page_of("?tab=all&city=Hamburg&status=active&status=closed&after=x")["chips"]
    assert [(chip.label, chip.relation, chip.value) for chip in chips] == [
        ("Status", "is", "Active or Closed"),
        ("City", "contains", "Hamburg"),
    ]
    left = QueryDict(chips[0].remove.lstrip("?"))
    assert left.dict() == {"tab": "all", "city": "Hamburg"}


def test_counts_stop_at_the_limit(monkeypatch):
    for number in range(6):
        make(number)
    assert paging.count(Client.objects.all(), limit=6) == (6, False)
    assert paging.count(Client.objects.all(), limit=5) == (5, True)


def test_the_list_costs_the_same_queries_for_one_page_of_any_length(django_assert_num_queries):
    for number in range(8):
        make(number)
    Clients.page_size, before = 8, Clients.page_size
    try:
        with django_assert_num_queries(5):  # saved views are not asked for; keys, rows, all counts, columns, preference
            page_of("")
    finally:
        Clients.page_size = before


def test_the_file_holds_all_matches_and_no_formula():
    make(1, company='=HYPERLINK("http://bad","x")', city="Hamburg")
    make(2, company="Plain, with comma", city="Hamburg")
    make(3, city="Kiel")
    _view, answer = ask(Clients, "/?city=Hamburg", method="post", data={"do": "export", "format": "csv"})
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert lines[0] == ["Number", "Name", "Country", "Closed", "Owes", "Owes (currency)"]
    assert [line[1] for line in lines[1:]] == ['\'=HYPERLINK("http://bad","x")', "Plain, with comma"]
    assert lines[1][4:] == ["-12.50", "EUR"], "numbers stay numbers, also negative ones"
    assert answer["Content-Disposition"].startswith('attachment; filename="clients-')


def test_bulk_acts_tell_success_and_each_refusal(boss):
    good, bad = make(1), make(2, company="Never Ltd")
    view, answer = ask(
        Clients, "/?tab=all", boss, method="post", data={"bulk": "close", "ids": [good.pk, bad.pk, "x", 999999]}
    )
    assert answer.status_code == 302
    assert answer.url == "/?tab=all"
    assert view.request.said() == ["Close: done for 1.", "Never Ltd: has open invoices"]
    assert Client.objects.get(pk=good.pk).status == "closed"
    assert Client.objects.get(pk=bad.pk).status == "active"


def test_bulk_needs_its_own_permission():
    row = make(1)
    with pytest.raises(PermissionDenied):
        ask(Clients, method="post", data={"bulk": "close", "ids": [row.pk]}, actor=CLERK)
    assert page_of("", actor=CLERK)["bulk_actions"] == []


def test_all_that_match_means_the_filtered_ones(boss):
    make(1, city="Kiel")
    other = make(2, city="Hamburg")
    ask(Clients, "/?city=Kiel", boss, method="post", data={"bulk": "close", "all": "1", "sure": "1"})
    assert list(Client.objects.filter(status="closed").values_list("number", flat=True)) == ["C-1"]
    assert Client.objects.get(pk=other.pk).status == "active"


def test_htmx_gets_the_list_alone_and_names_are_escaped():
    make(1, company="<script>alert(1)</script>")
    _view, answer = ask(Clients)
    html = answer.content.decode()
    assert html.lstrip().startswith('<div class="card list" id="list"')
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "HX-Target" in answer["Vary"]


def test_invisible_rows_do_not_exist():
    make(1)
    assert page_of("", actor=Actor(kind="staff", label="Nobody"))["page"].rows == []


class Why(forms.Form):
    reason = forms.CharField()


class Close(StaffVerbView):
    model = Client
    permission = "clients.client.close"
    title = "Close"
    form_class = Why
    done = "Closed."

    @staticmethod
    def action(client, *, reason, actor):
        if reason == "whim":
            raise AppError("needs a better reason", field="reason")
        client.city = reason
        client.save()

    def type_word(self, obj):
        return obj.number

    def show(self, form, status=200):
        self.form = form
        return SimpleNamespace(status_code=status)

    def after_url(self, result):
        return "/done/"


def test_a_verb_asks_for_the_word_then_acts_and_keeps_refused_input():
    row = make(7)
    view, answer = ask(Close, method="post", data={"reason": "moved"}, pk=row.pk)
    assert answer.status_code == 422
    assert "C-7" in str(view.form.non_field_errors())
    view, answer = ask(Close, method="post", data={"reason": "whim", "typed": "C-7"}, pk=row.pk)
    assert answer.status_code == 422
    assert view.form.errors["reason"] == ["needs a better reason"]
    assert view.form["reason"].value() == "whim"
    view, answer = ask(Close, method="post", data={"reason": "moved", "typed": "C-7"}, pk=row.pk)
    assert (answer.status_code, answer.url) == (302, "/done/")
    assert Client.objects.get(pk=row.pk).city == "moved"
    with pytest.raises(Http404):
        ask(Close, pk=row.pk + 1)
