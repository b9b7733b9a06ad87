"""Lists as people use them: saved views, columns, files, acts on many rows; and what must not be possible with them."""

import csv
import io
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Client, StaffRole
from hostbill.core import clock, preferences
from hostbill.core.access import SYSTEM
from hostbill.core.crud import bulk, exporting
from hostbill.core.models import BulkRow, BulkRun, Change, Export, File, Outgoing, SavedView
from hostbill.core.options import LIST_EXPORT_DAYS
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
URL = "/staff/clients/"
KEY = "clients_staff:client_list"


@pytest.fixture
def stella(client, db):
    """Signed in, may do everything."""
    user = make_staff("owner")
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def sven(db):
    """A colleague who may look at clients only."""
    role = StaffRole.objects.create(code="looker", name="Looker", permissions=["clients.client.view"])
    return make_staff(role.code)


def make(number: int, **fields) -> Client:
    fields = {
        "company": f"Firm {number:03}",
        "email": f"c{number}@firm.example",
        "currency": "EUR",
        "city": "Kiel",
    } | fields
    return Client.objects.create(number=f"C-{number}", **fields)


def as_person(client, user):
    client.force_login(user)
    return client


def names(page) -> list[str]:
    return [row.company for row in page.context["page"].rows]


def tabs(page) -> dict:
    return {str(tab["label"]): tab for tab in page.context["tab_items"]}


# Saved views


def test_a_view_keeps_filters_sort_and_columns_under_a_name(stella):
    make(1), make(2, city="Hamburg"), make(3, city="Hamburg")
    state = "?tab=all&city=Hamburg&sort=number"
    stella.post(URL + "?tab=all", {"do": "columns", "column": ["name", "phone", "number"]})
    saved = stella.post(URL + state, {"do": "view_save", "name": " From  Hamburg "})
    page = stella.get(URL + f"?view={SavedView.objects.get().pk}")
    assert names(page) == ["Firm 002", "Firm 003"]
    assert tabs(page)["From Hamburg"]["current"]
    assert tabs(page)["From Hamburg"]["count"] == "2"
    assert [column.key for column in page.context["view"].shown_columns] == ["name", "phone", "number"]
    assert parse_qs(urlsplit(saved.url).query) == parse_qs(f"{state[1:]}&view={SavedView.objects.get().pk}")
    assert not page.context["view"].is_changed


def test_the_address_of_a_view_works_for_somebody_who_does_not_have_it(stella, sven):
    make(1), make(2, city="Hamburg")
    saved = stella.post(URL + "?tab=all&city=Hamburg", {"do": "view_save", "name": "Mine"})
    page = as_person(stella, sven).get(saved.url)
    assert names(page) == ["Firm 002"]
    assert "Mine" not in tabs(page)


def test_changes_of_a_view_are_kept_when_asked(stella):
    make(1), make(2, city="Hamburg"), make(3, city="Bremen")
    stella.post(URL + "?tab=all&city=Hamburg", {"do": "view_save", "name": "North"})
    row = SavedView.objects.get()
    changed = f"?view={row.pk}&tab=all&city=Bremen"
    page = stella.get(URL + changed)
    assert page.context["view_menu"]["changed"]
    assert names(page) == ["Firm 003"]
    stella.post(URL + changed, {"do": "view_update"})
    assert names(stella.get(URL + f"?view={row.pk}")) == ["Firm 003"]
    assert names(stella.get(URL + f"?view={row.pk}&tab=all")) == ["Firm 003", "Firm 002", "Firm 001"], (
        "the last chip came off"
    )


def test_shared_views_are_seen_and_not_changed_by_colleagues(stella, sven):
    make(1), make(2, city="Hamburg")
    stella.post(URL + "?tab=all&city=Hamburg", {"do": "view_save", "name": "Ours", "share": "1"})
    row = SavedView.objects.get()
    there = URL + f"?view={row.pk}&tab=all&city=Hamburg"
    as_person(stella, sven)
    assert tabs(stella.get(URL))["Ours"]["icon"] == "users"
    for do in ("view_update", "view_rename", "view_delete"):
        assert stella.post(there, {"do": do, "name": "Theirs"}).status_code == 403
    columns = stella.post(there, {"do": "columns", "column": ["email"]})
    assert "columns=name%2Cemail" in columns.url
    row.refresh_from_db()
    assert (row.name, row.columns) == ("Ours", [])
    assert Change.objects.filter(action="core.view_shared").count() == 1


def test_private_views_of_others_do_not_exist(stella, sven):
    make(1)
    stella.post(URL + "?tab=all", {"do": "view_save", "name": "Private"})
    row = SavedView.objects.get()
    as_person(stella, sven)
    assert "Private" not in tabs(stella.get(URL + f"?view={row.pk}"))
    assert stella.post(URL + f"?view={row.pk}", {"do": "view_delete"}).status_code == 403
    assert SavedView.objects.filter(pk=row.pk).exists()


def test_sharing_needs_a_right_and_names_are_one_of_a_kind(stella, sven):
    as_person(stella, sven)
    assert stella.post(URL, {"do": "view_save", "name": "Loud", "share": "1"}).status_code == 403
    stella.post(URL, {"do": "view_save", "name": "Mine"})
    stella.post(URL, {"do": "view_save", "name": "Mine"})
    stella.post(URL, {"do": "view_save", "name": "  "})
    assert SavedView.objects.count() == 1
    assert (
        stella.post(
            URL + f"?view={SavedView.objects.get().pk}", {"do": "view_rename", "name": "X", "share": "1"}
        ).status_code
        == 403
    )


def test_a_list_begins_where_the_person_wants(stella):
    make(1), make(2, status="closed", closed_at=clock.now())
    assert names(stella.get(URL)) == ["Firm 001"]
    stella.post(URL + "?tab=closed", {"do": "view_start", "begin": "1"})
    assert stella.get(URL).url == f"{URL}?tab=closed"
    assert names(stella.get(URL, follow=True)) == ["Firm 002"]
    stella.post(URL + "?tab=closed", {"do": "view_start"})
    assert names(stella.get(URL)) == ["Firm 001"]
    stella.post(URL + "?tab=all", {"do": "view_save", "name": "Both"})
    row = SavedView.objects.get()
    stella.post(URL + f"?view={row.pk}", {"do": "view_start", "begin": "1"})
    assert stella.get(URL).url == f"{URL}?tab=all&view={row.pk}"
    stella.post(URL + f"?view={row.pk}", {"do": "view_delete"})
    assert stella.get(URL).status_code == 200, "a start that is gone is no start"


# Columns


def test_columns_are_chosen_and_ordered_per_person_and_list(stella, sven):
    make(1)
    stella.post(
        URL + "?tab=all&city=Kiel",
        {"do": "columns", "column": ["email", "name", "created_at", "password", "client__x"]},
    )
    assert preferences.read(stella.get(URL).wsgi_request.actor, f"list:{KEY}") == {
        "columns": ["email", "name", "created_at"]
    }
    heads = [str(head["column"].label) for head in stella.get(URL).context["heads"]]
    assert heads == ["E-mail", "Client", "Since"]
    assert len(as_person(stella, sven).get(URL).context["heads"]) == 6
    as_person(stella, stella.user).post(URL, {"do": "columns", "usual": "1"})
    assert len(stella.get(URL).context["heads"]) == 6


def test_without_script_an_arrow_moves_one_column(stella):
    make(1)
    stella.post(URL, {"do": "columns", "column": ["name", "email", "city"], "up": "city"})
    assert [head["column"].key for head in stella.get(URL).context["heads"]] == ["name", "city", "email"]


@pytest.mark.parametrize(
    "forged", ["password", "user__password", "__class__", "_meta.label", "pk,__dict__", "objects", ",,,"]
)
def test_forged_column_names_show_nothing(stella, forged):
    make(1)
    page = stella.get(URL, {"tab": "all", "columns": forged})
    known = {column.key for column in page.context["view"].every_column}
    assert {head["column"].key for head in page.context["heads"]} <= known
    assert "pbkdf2" not in page.content.decode()


# Files


def export(client, query="", form="csv"):
    return client.post(URL + query, {"do": "export", "format": form})


def test_a_short_list_is_a_file_at_once_with_the_columns_in_use(stella):
    make(1, company="=1+1", phone="+49 461 1"), make(2, company=" @SUM(A1)", phone="-1")
    lines = list(
        csv.reader(
            io.StringIO(b"".join(export(stella, "?tab=all&columns=name,phone").streaming_content).decode("utf-8-sig"))
        )
    )
    assert lines == [["Client", "Phone"], ["' @SUM(A1)", "'-1"], ["'=1+1", "'+49 461 1"]]
    assert Change.objects.get(action="core.list_exported").reason == "Clients (csv)"
    assert not Export.objects.exists()


def test_excel_files_hold_text_as_text_and_days_as_days(stella):
    make(1, company='=HYPERLINK("http://bad","x")')
    answer = export(stella, "?tab=all&columns=name,created_at", "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [cell.value for cell in sheet[1]] == ["Client", "Since"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ('=HYPERLINK("http://bad","x")', "s")
    assert sheet["B2"].is_date


@pytest.fixture
def long_lists(monkeypatch):
    """What is long for these tests."""
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "COLLECTED", 3)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_long_list_is_written_in_the_background(stella, long_lists, drain, form):
    for number in range(5):
        make(number)
    make(9, city="Hamburg")
    assert export(stella, "?tab=all&city=Kiel&columns=name,city", form).url == reverse("export_list")
    row = Export.objects.get()
    assert (row.state, row.columns) == ("queued", ["name", "city"])
    page = stella.get(reverse("export_list"))
    assert page.context["live"]
    assert 'hx-trigger="every 1s"' in page.content.decode()
    drain()
    row.refresh_from_db()
    assert (row.state, row.written, row.total) == ("done", 5, 5)
    page = stella.get(reverse("export_list"))
    assert not page.context["live"]
    address = reverse("export_file", args=[row.pk])
    assert address in page.content.decode()
    answer = stella.get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    data = b"".join(answer.streaming_content)
    if form == "csv":
        assert len(data.decode("utf-8-sig").splitlines()) == 6
    else:
        assert openpyxl.load_workbook(io.BytesIO(data)).active.max_row == 6


def ready_export(client, drain):
    for number in range(4):
        make(number)
    export(client, "?tab=all")
    drain()
    return Export.objects.get()


def test_files_are_for_the_person_who_asked_while_they_may_see_the_list(stella, sven, long_lists, drain, client):
    as_person(stella, sven)
    row = ready_export(stella, drain)
    address = reverse("export_file", args=[row.pk])
    assert stella.get(address).status_code == 200
    boss = make_staff("owner")
    assert as_person(stella, boss).get(address).status_code == 404
    assert stella.get(reverse("export_list")).context["page"].rows == []
    sven.roles.clear()
    assert as_person(stella, sven).get(address).status_code == 403


def test_a_right_lost_meanwhile_stops_the_file(stella, sven, long_lists, drain):
    for number in range(4):
        make(number)
    export(as_person(stella, sven), "?tab=all")
    sven.roles.clear()
    drain()
    row = Export.objects.get()
    assert (row.state, row.file) == ("failed", None)
    assert not File.objects.exists()


def test_a_worker_that_died_leaves_one_file(stella, long_lists, drain):
    row = ready_export(stella, drain)
    before = File.objects.get()
    row = Export.objects.select_related("user").get()
    answer = exporting.make(row)
    exporting.settle(row, answer, None)
    after = File.objects.get()
    assert (after.token, after.content.name) == (before.token, before.content.name)
    assert after.content.read() == before.content.read()


def test_files_are_deleted_after_some_days(stella, long_lists, drain, move_clock):
    ready_export(stella, drain)
    path = File.objects.get().content.path
    assert exporting.forget_old(clock.now()) == 0
    move_clock(LIST_EXPORT_DAYS.value + 1)
    assert not File.objects.exists()
    assert not Path(path).exists()
    row = Export.objects.get()
    assert row.state_words[0] == "ended"
    assert stella.get(reverse("export_file", args=[row.pk])).status_code == 404


def test_nobody_floods_the_workers_with_files(stella, long_lists):
    for number in range(4):
        make(number)
    for _ in range(exporting.MOST_OPEN + 3):
        export(stella, "?tab=all")
    assert Export.objects.count() == exporting.MOST_OPEN


# Acts on many rows


def close(client, query="", **data):
    return client.post(URL + query, {"bulk": "close", "reason": "moved away", "sure": "1"} | data)


def test_a_dangerous_act_asks_first_and_names_the_rows(stella):
    rows = [make(number) for number in range(3)]
    page = stella.post(URL, {"bulk": "close", "ids": [row.pk for row in rows], "once": "abc"})
    html = page.content.decode()
    assert page.status_code == 200
    assert "Firm 001" in html
    assert 'name="reason"' in html
    assert 'value="abc"' in html
    refused = stella.post(URL, {"bulk": "close", "ids": [rows[0].pk], "sure": "1"})
    assert refused.status_code == 422, "no reason given"
    assert not Client.objects.filter(status="closed").exists()
    assert close(stella, ids=[row.pk for row in rows]).status_code == 302
    assert Client.objects.filter(status="closed").count() == 3


def test_the_same_form_sent_twice_acts_once(stella):
    row = make(1)
    close(stella, ids=[row.pk], once="token")
    again = close(stella, ids=[row.pk], once="token")
    assert BulkRun.objects.count() == 1
    assert again.url == BulkRun.objects.get().get_absolute_url()
    assert Change.objects.filter(action="clients.client_closed").count() == 1
    other = make(2)
    close(stella, ids=[other.pk], once="token")
    assert BulkRun.objects.count() == 2, "another selection on the same page is another act"


def test_many_rows_are_done_in_the_background_each_with_its_result(stella, long_lists, drain):
    for number in range(8):
        make(number)
    make(99, city="Hamburg"), make(98, status="closed", closed_at=clock.now())
    answer = close(stella, "?tab=all&city=Kiel", all="1", once="x")
    run = BulkRun.objects.get()
    assert answer.url == run.get_absolute_url()
    assert not Client.objects.filter(status="closed").exclude(pk__in=[Client.objects.get(number="C-98").pk]).exists()
    page = stella.get(answer.url)
    assert page.context["live"]
    drain()
    run.refresh_from_db()
    assert (run.state, run.total, run.done, run.refused, run.failed) == ("done", 9, 8, 1, 0)
    assert Client.objects.get(number="C-99").status == "active"
    page = stella.get(answer.url + "?tab=refused")
    assert [row.label for row in page.context["page"].rows] == [str(Client.objects.get(number="C-98"))]
    assert not page.context["live"]
    stella.post(answer.url, {"do": "export", "format": "csv"})
    drain()
    lines = Export.objects.get().file.content.read().decode()
    assert lines.count("Done") == 8
    assert lines.count("Refused") == 1


def test_a_worker_that_dies_neither_repeats_nor_forgets_a_row(stella, long_lists, drain, monkeypatch):
    for number in range(6):
        make(number)
    close(stella, "?tab=all", all="1")
    run, real, seen = BulkRun.objects.get(), bulk._outcome, []

    def dies(obj, *rest):
        answer = real(obj, *rest)
        seen.append(obj.pk)
        if len(seen) == 4:
            raise SystemExit  # between the act and the end of its transaction
        return answer

    monkeypatch.setattr(bulk, "_outcome", dies)
    with pytest.raises(SystemExit):
        bulk.work(run.pk, 60)
    assert Client.objects.filter(status="closed").count() == 3
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 3)
    monkeypatch.setattr(bulk, "_outcome", real)
    drain()
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 6)
    assert Change.objects.filter(action="clients.client_closed").count() == 6


def test_slices_follow_one_another(stella, long_lists, drain, monkeypatch):
    for number in range(7):
        make(number)
    close(stella, "?tab=all", all="1")
    real = bulk.go_on
    monkeypatch.setattr(bulk, "go_on", lambda run, view, seconds=None: real(run, view, 0.000001))
    drain()
    run = BulkRun.objects.get()
    assert (run.state, run.done) == ("done", 7)
    assert Outgoing.objects.filter(kind=bulk.OUTGOING_KIND, state="done").count() > 7, "each slice gets one row further"


def test_a_right_lost_meanwhile_stops_the_act(stella, long_lists, drain):
    role = StaffRole.objects.create(
        code="closer", name="C", permissions=["clients.client.view", "clients.client.close"]
    )
    user = make_staff(role.code)
    for number in range(5):
        make(number)
    close(as_person(stella, user), "?tab=all", all="1")
    role.permissions = ["clients.client.view"]
    role.save()
    drain()
    run = BulkRun.objects.get()
    assert (run.state, run.done) == ("failed", 0)
    assert not Client.objects.filter(status="closed").exists()


def test_a_run_names_its_rows_only_to_those_who_may_see_the_list(stella, long_lists, drain):
    role = StaffRole.objects.create(
        code="closer", name="C", permissions=["clients.client.view", "clients.client.close"]
    )
    browser = as_person(stella, make_staff(role.code))
    for number in range(5):
        make(number)
    close(browser, "?tab=all", all="1")
    drain()
    page = BulkRun.objects.get().get_absolute_url()
    assert "Firm 001" in browser.get(page).content.decode()
    role.permissions = []
    role.save()
    assert browser.get(page).status_code == 403


def test_a_closed_login_stops_the_act(stella, long_lists, drain):
    for number in range(5):
        make(number)
    close(stella, "?tab=all", all="1")
    stella.user.is_active = False
    stella.user.save()
    drain()
    assert BulkRun.objects.get().state == "failed"
    assert not Client.objects.filter(status="closed").exists()


def test_a_run_is_stopped_by_its_owner_only(stella, sven, long_lists, drain):
    for number in range(5):
        make(number)
    close(stella, "?tab=all", all="1")
    run = BulkRun.objects.get()
    stop, detail = reverse("bulk_run_stop", args=[run.pk]), run.get_absolute_url()
    as_person(stella, sven)
    assert stella.post(stop).status_code == 404
    assert stella.get(detail).status_code == 404
    assert stella.get(reverse("bulk_run_list")).context["page"].rows == []
    as_person(stella, stella.user).post(stop)
    drain()
    run.refresh_from_db()
    assert (run.state, run.done) == ("stopped", 0)
    assert not Client.objects.filter(status="closed").exists()


def test_what_is_not_mine_to_see_is_refused_and_a_crash_is_one_row(stella, monkeypatch):
    row = make(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clients.actions.client.audit", lambda *args, **kwargs: 1 / 0)
        close(stella, ids=[row.pk])
    run = BulkRun.objects.get()
    assert (run.done, run.failed) == (0, 1)
    assert Client.objects.get(pk=row.pk).status == "active", "undone with its own savepoint"
    close(stella, ids=[row.pk, 999_999])
    assert BulkRow.objects.filter(run__gt=run.pk).count() == 1


def test_without_the_right_there_is_no_bulk_act(stella, sven):
    row = make(1)
    as_person(stella, sven)
    assert stella.get(URL).context["bulk_actions"] == []
    assert close(stella, ids=[row.pk]).status_code == 403
    assert not BulkRun.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"do": "nonsense"},
        {"bulk": "nonsense"},
        {"do": "bulk"},
        {"do": "export", "format": "exe"},
        {"do": "post_bulk"},
        {},
    ],
)
def test_forged_forms_do_nothing(stella, data):
    make(1)
    assert stella.post(URL, data).status_code == 302
    assert not (BulkRun.objects.exists() or Export.objects.exists() or SavedView.objects.exists())


# Preview


def test_a_row_is_looked_at_without_leaving_the_list(stella, sven):
    row, other = make(1, native_name="তানভীর হোসেন"), make(2)
    peek = stella.get(URL, {"preview": row.pk}, headers={"HX-Request": "true", "HX-Target": "list-peek"})
    html = peek.content.decode()
    assert "তানভীর হোসেন" in html
    assert "<table" not in html
    page = stella.get(URL, {"preview": row.pk}).content.decode()
    assert "peek-head" in page
    assert "<table" in page
    assert (
        stella.get(URL, {"preview": 999_999}, headers={"HX-Request": "true", "HX-Target": "list-peek"}).status_code
        == 404
    )
    assert stella.get(URL, {"preview": "x' OR 1=1"}).status_code == 200
    assert other.company in page


def test_system_is_no_person_and_keeps_nothing(stella):
    assert preferences.read(SYSTEM, f"list:{KEY}") is None


# How close rows stand


def test_rows_are_compact_for_the_person_who_wants_it_in_all_lists(stella, sven):
    make(1)
    assert "list-compact" not in stella.get(URL).content.decode()
    answer = stella.post(URL + "?tab=all", {"do": "density", "compact": "1"})
    assert answer.url == f"{URL}?tab=all"
    for url in (URL, "/staff/invoices/"):
        page = stella.get(url).content.decode()
        assert "list-compact" in page and 'id="list-density" aria-pressed="true"' in page
    assert "list-compact" not in as_person(stella, sven).get(URL).content.decode()
    as_person(stella, stella.user).post(URL, {"do": "density", "compact": "0"})
    page = stella.get(URL).content.decode()
    assert "list-compact" not in page and 'id="list-density" aria-pressed="false"' in page


def test_a_person_chooses_how_many_rows_a_page_has_in_all_lists(stella, sven):
    for number in range(60):
        make(number)
    page = stella.get(URL)
    assert page.context["page"].shown == 25
    assert 'value="25" aria-pressed="true"' in page.content.decode()
    stella.post(URL, {"do": "rows", "rows": "50"})
    page = stella.get(URL)
    assert page.context["page"].shown == 50
    assert 'value="50" aria-pressed="true"' in page.content.decode()
    stella.post(URL, {"do": "rows", "rows": "100000"})
    assert stella.get(URL).context["page"].shown == 50
    assert as_person(stella, sven).get("/staff/clients/").context["page"].shown == 25


def test_few_rows_offer_no_choice_of_their_number(stella):
    make(3)
    assert 'name="rows"' not in stella.get(URL).content.decode()


def test_the_density_and_the_list_s_own_arrangement_are_one_query(stella):
    make(1)
    stella.post(URL, {"do": "columns", "column": ["name", "email"]})
    stella.post(URL, {"do": "density", "compact": "1"})
    with CaptureQueriesContext(connection) as asked:
        page = stella.get(URL)
    assert [head["column"].key for head in page.context["heads"]] == ["name", "email"]
    assert sum("core_preference" in query["sql"] and "lists.density" in query["sql"] for query in asked) == 1
