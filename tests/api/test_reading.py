"""Every noun: its list and its objects, who gets them, and that nothing senseless is passed over."""

import re
from itertools import count as counting

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import CreditNote, TaxLine
from clients.models import StaffRole
from hostbill.core.api.nouns import NOUNS
from tests.api.conftest import Program, program_for
from tests.factories import make_staff
from tests.security.test_list_queries import copy

assert reverse("api:entrance")  # the addresses are put together, so the nouns are known
NAMES = sorted(NOUNS)
_numbers = counting(1)
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]


def one_of(noun, world):
    """An object of the noun in the world."""
    return noun.model._base_manager.order_by("pk").first()


@pytest.mark.parametrize("name", NAMES)
def test_a_list_and_its_objects(name, world, stella):
    noun = NOUNS[name]
    found = stella.get(f"{name}/")
    assert found.status_code == 200, found.content
    body = found.json()
    assert set(body) == {"data", "next", "next_cursor"} and body["next"] is None
    assert body["data"], "the world has one of each noun"
    for row in body["data"]:
        assert list(row) == [fact.name for fact in noun.facts]
        one = stella.get(row["url"])
        assert one.status_code == 200 and one["ETag"]
        assert {key: one.json()[key] for key in row} == row
        assert set(one.json()) == {fact.name for fact in noun.every_fact}


#: What is seen by whom it belongs to, and by those who look after everybody's.
OWN = {"webhooks": "core.webhook.oversee", "webhook-deliveries": "core.webhook.oversee"}


@pytest.mark.parametrize("name", NAMES)
def test_without_the_right_nothing_is_told(name, world):
    noun = NOUNS[name]
    path = f"{name}/{one_of(noun, world).pk}/"
    nobody, reader = program_for_nobody(world), program_with(noun.list_view.permission, *OWN.get(name, "").split())
    for address in (f"{name}/", path):
        assert nobody.get(address).status_code == 403
        assert Program().get(address).status_code == 401
        assert reader.get(address).status_code == 200
    others = program_with(
        *sorted({n.list_view.permission for n in NOUNS.values()} - {noun.list_view.permission, noun.permission})
    )
    assert others.get(f"{name}/").status_code == 403 and others.get(path).status_code == 403


def program_for_nobody(world):
    """A token of somebody whose role was emptied after it was made."""
    return program_with()


def program_with(*permissions):
    """A token of somebody who may do this and make tokens."""
    role = StaffRole.objects.create(
        code=f"r{StaffRole.objects.count()}",
        name=f"R{StaffRole.objects.count()}",
        permissions=[*permissions, "clients.api_token.edit"],
    )
    return program_for(make_staff(role.code))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_there_is_not_found(name, stella):
    for pk in (0, 999_999_999, 10**30):
        found = stella.get(f"{name}/{pk}/")
        assert found.status_code == 404 and found.json()["code"] == "not_found"


@pytest.mark.parametrize("name", NAMES)
def test_as_many_queries_for_fifty_rows_as_for_one(name, world, stella, monkeypatch):
    noun = NOUNS[name]
    copies(one_of(noun, world), 1)
    stella.get(f"{name}/")
    with CaptureQueriesContext(connection) as few:
        first = stella.get(f"{name}/", {"limit": 1}).json()
    copies(one_of(noun, world), 12)
    with CaptureQueriesContext(connection) as many:
        rows = stella.get(f"{name}/").json()["data"]
    assert len(first["data"]) == 1 and (len(rows) > 1 or noun.model is CreditNote)
    assert len(many) <= len(few) + 1, "\n".join(query["sql"][:300] for query in many)


def copies(row, count: int) -> None:
    """More rows of the kind, as like it as its unique columns allow: none where they do not, of a view of the database, or of
    documents that the database adds up."""
    if isinstance(row, TaxLine | CreditNote):
        return
    for _again in range(count):
        copy(row, next(_numbers))


def test_filters_and_search_are_those_of_the_screen(world, stella):
    invoice = world.objects["invoice"]
    found = stella.get("invoices/", {"state": "issued", "client": invoice.client_id}).json()["data"]
    assert [row["id"] for row in found] == [invoice.pk]
    assert stella.get("invoices/", {"state": "draft"}).json()["data"] == []
    assert [row["id"] for row in stella.get("invoices/", {"q": invoice.number}).json()["data"]] == [invoice.pk]
    assert [row["id"] for row in stella.get("invoices/", {"tab": "paid"}).json()["data"]] != [invoice.pk]


@pytest.mark.parametrize(
    "asked",
    [
        {"stat": "issued"},
        {"state": "isued"},
        {"due_on_from": "tomorrow"},
        {"total_amount_from": "much"},
        {"client": "Alice"},
        {"sort": "buyer"},
        {"sort": "client__billing_account__id"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "0000001000000"},
        {"limit": "-1"},
        {"limit": "٣"},
        {"fields": "number,account"},
        {"tab": "nonsense"},
        {"after": "x"},
        {"after": "due_on~x"},
        {"after": "due_on~WyJub25zZW5zZSIsMV0"},
        {"after": "-pk~WyJub25zZW5zZSIsMV0"},
        {"columns": "number"},
        {"view": "1"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_by_name(asked, stella):
    found = stella.get("invoices/", asked)
    name = next(iter(asked))
    assert found.status_code == 400 and found["Content-Type"] == "application/problem+json"
    body = found.json()
    assert list(body["errors"]) == [name] and body["request_id"] == found["X-Request-ID"]
    assert body["code"] in ("unknown_parameter", "bad_parameter", "unknown_field", "bad_cursor")


def test_walking_by_cursor_meets_each_row_once(world, stella):
    copies(world.objects["subscription"], 5)
    whole = [row["id"] for row in stella.get("subscriptions/", {"sort": "next_due_on"}).json()["data"]]
    met, page = [], stella.get("subscriptions/", {"sort": "next_due_on", "limit": 2, "fields": "label"}).json()
    while True:
        met += [row["id"] for row in page["data"]]
        if page["next"] is None:
            break
        assert len(page["data"]) == 2 and list(page["data"][0]) == ["id", "label"]
        page = stella.get(page["next"]).json()
    assert met == whole and len(met) > 5


def test_a_cursor_belongs_to_its_sort(world, stella):
    copies(world.objects["subscription"], 2)
    page = stella.get("subscriptions/", {"sort": "next_due_on", "limit": 1}).json()
    wrong = stella.get("subscriptions/", {"sort": "-next_due_on", "limit": 1, "after": page["next_cursor"]})
    assert wrong.status_code == 400 and wrong.json()["code"] == "bad_cursor"


def test_an_invoice_as_programs_need_it(world, stella):
    invoice = world.objects["invoice"]
    found = stella.get(f"invoices/{invoice.pk}/").json()
    assert found["total"] == {"amount": f"{invoice.total.amount}", "currency": "EUR"} and re.fullmatch(
        r"\d+\.\d\d", found["total"]["amount"]
    )
    assert found["state"] == "issued" and found["state_words"].startswith("Due")
    assert found["due_on"] == invoice.due_on.isoformat() and found["created_at"].endswith("Z")
    client = found["client"]
    assert client == {
        "id": invoice.client_id,
        "name": "Sundarban Weaves Ltd.",
        "url": f"{settings.SITE_URL}/api/v1/clients/{invoice.client_id}/",
    }
    assert found["lines"][0]["net"]["currency"] == "EUR" and found["lines"][0]["subscription"]["url"]
    assert stella.get(f"invoices/{invoice.pk}/", {"fields": "number,total"}).json() == {
        "id": invoice.pk, "number": invoice.number, "total": found["total"]
    }  # fmt: skip


def test_words_in_the_reader_s_language_and_the_mark_stays(world, stella):
    path = f"invoices/{world.objects['invoice'].pk}/"
    english, german = stella.get(path), stella.get(path, **{"Accept-Language": "de"})
    assert english.json()["state_words"] != german.json()["state_words"] and english["ETag"] == german["ETag"]
    assert stella.get(path, **{"If-None-Match": english["ETag"]}).status_code == 304


def test_every_screen_with_a_list_has_its_twin():
    """A new noun of the console is a noun of the API, or says here why not."""
    from hostbill.core.crud import StaffEditView, StaffListView, StaffVerbView
    from tests.security.routes import routes

    reports = {"figure_unpaid_running", "figure_paid_down", "figure_unbilled", "figure_renewals_due", "figure_new_clients",
               "figure_lost_clients", "figure_unanswered"}  # fmt: skip
    not_twinned = {
        **dict.fromkeys(reports, "a figure's rows: the noun with a filter"),
        "export_list": "files that a person asked for on screen",
        "bulk_run_list": "acts that a person asked for on screen",
        "bulk_run_detail": "acts that a person asked for on screen",
        "api_credential_list": "credentials are made and seen by people only",
        "api_credential_create": "credentials are made by people only",
        "api_credential_revoke": "credentials are revoked by people only",
        **dict.fromkeys(("api_role_list", "api_role_create", "api_role_edit", "api_role_delete"), "a program does not widen itself"),
        "api_token_list": "tokens are made and seen by people only",
        "api_token_create": "tokens are made by people only",
        "api_token_revoke": "tokens are revoked by people only",
    }
    known = {f"{noun.route}_list" for noun in NOUNS.values()}
    known |= {f"{noun.route}_{key}".replace("-", "_") for noun in NOUNS.values() for key in noun.verbs}
    known |= {f"{noun.route}_{key}" for noun in NOUNS.values() for key in ("create", "edit", *noun.closed)}
    missing = [
        route.noun
        for route in routes()
        if route.is_staff and isinstance(route.view, type) and issubclass(route.view, StaffListView | StaffEditView | StaffVerbView)
        and route.noun not in known and route.noun not in not_twinned
    ]  # fmt: skip
    assert not missing, f"{missing}: add a Noun to the app's api/, or say here why it stays a screen"


def test_no_secret_is_a_fact_of_anything():
    """Over all models: what is encrypted, or named like something that opens, cannot even be asked for."""
    from django.apps import apps

    from hostbill.core.api.fields import NoFact, fact
    from hostbill.core.secrets import EncryptedJSONField, EncryptedTextField

    secret = re.compile("password|secret|token")
    tried = 0
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, EncryptedTextField | EncryptedJSONField) or secret.search(column.name):
                tried += 1
                with pytest.raises(NoFact):
                    fact(model, column.name)
    assert tried > 8
    assert not [f"{noun.name}.{f.name}" for noun in NOUNS.values() for f in noun.every_fact if secret.search(f.name)]


def test_no_secret_is_told(world, stella):
    """Nor as a value: a panel password, a module's secrets, the token's own text."""
    from provisioning.models import Service

    service = Service.objects.get(pk=world.objects["service"].pk)
    service.password = "PanelSecret-4711"
    service.save()
    told = ""
    for name in NAMES:
        told += stella.get(f"{name}/").content.decode()
        told += "".join(stella.get(row["url"]).content.decode() for row in stella.get(f"{name}/").json()["data"])
    for word in ("PanelSecret-4711", "T" * 20, "sk_test_w", "whsec_w", world.token, "argon2"):
        assert word not in told, word


def test_nothing_else_is_below_the_api(stella):
    for path in ("nonsense/", "invoices/1/2/3/", "invoices/abc/", "clients"):
        found = stella.get(path)
        assert found.status_code in (404, 301), path
    assert stella.get("nonsense/").json()["code"] == "not_found"


def test_the_entrance_says_who_one_is(world, stella):
    found = stella.get("/api/v1/").json()
    assert found["actor"]["kind"] == "api" and "Stella" in found["actor"]["label"]
    assert set(found["nouns"]) == set(NAMES)
    told = program_with("billing.invoice.view").get("/api/v1/").json()["nouns"]
    assert told.keys() == {"invoices", "credit-notes", "e-invoices", "billing-accounts"}


def test_a_client_user_s_session_opens_nothing(world):
    from tests.security.conftest import browser

    for person in ("alice", "charlie"):
        found = browser(world.people[person]).get("/api/v1/invoices/")
        assert found.status_code == 403 and found.json()["code"] == "forbidden"


def test_a_colleague_s_session_reads(console):
    assert console.get("/api/v1/invoices/").status_code == 200


def test_methods_media_and_formats(stella):
    assert stella.client.delete("/api/v1/invoices/", headers=stella.headers).json()["code"] == "method_not_allowed"
    assert stella.get("invoices/", Accept="text/html").status_code == 406
    assert stella.client.options("/api/v1/invoices/", headers=stella.headers).status_code == 405
