"""Tokens of clients: made in the client area, never wider than the person, and shown what the client area shows."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Product
from billing.queries.pay_link import invoices_of_token
from clients.actions.api_token import create_client_token, create_token
from clients.models import ApiToken, Client, Membership
from clients.options import CLIENT_TOKENS
from clients.queries.actor import actor_of
from hostbill.core import clock
from hostbill.core.api.nouns import AUDIENCES
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Message
from hostbill.core.options import set_option
from tests.api.conftest import Program
from tests.billing.factories import make_order
from tests.security.conftest import browser
from tests.security.test_list_queries import copy

assert reverse("api:entrance")
MINE = AUDIENCES["client"]
ALL = ("billing", "services", "support", "account")
LIST, CREATE = "clients_portal:api_token_list", "clients_portal:api_token_create"
FORM = {"label": "Shop", "reach": "read", "areas": ["billing"], "expires_on": "", "networks": ""}
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]


def token_of(user, client, *, areas=ALL, reach="all", **fields):
    """(row, text)."""
    return create_client_token(client, actor=actor_of(user), label="Test", reach=reach, areas=areas, **fields)


@pytest.fixture
def alice(world):
    """A program of Alice's that may all she may."""
    return Program(token_of(world.cast.alice, world.client)[1])


@pytest.fixture
def charlie(world):
    """One of another client's."""
    client = Client.objects.get(memberships__user=world.cast.charlie)
    return Program(token_of(world.cast.charlie, client)[1])


def rows_of(program, name):
    found = program.get(f"{name}/")
    assert found.status_code == 200, (name, found.content)
    return found.json()["data"]


def test_the_page_shows_it_once_and_the_mail_tells(world, drain):
    page = browser(world.cast.alice).post(reverse(CREATE), FORM)
    token = ApiToken.objects.get(label="Shop")
    text = page.content.decode().split("hostbill_", 1)[1][:43]
    assert (token.client, token.areas, token.reach) == (world.client, ["billing"], "read") and text not in repr(token.__dict__)
    listed = browser(world.cast.alice).get(reverse(LIST)).content.decode()
    assert "Shop" in listed and text not in listed and "Back-up script" not in listed, "colleagues' tokens are theirs"
    found = Program(f"hostbill_{text}").get("/api/v1/").json()
    assert found["areas"] == ["billing"] and found["reads_only"] and found["client"]["id"] == world.client.pk
    assert "invoices" in found["nouns"] and "tickets" not in found["nouns"]
    drain()
    mail = Message.objects.get(kind="clients.api_token_made", subject__contains="Shop")
    assert mail.to_email == world.cast.alice.email and text not in mail.text
    assert Change.objects.filter(action="clients.api_token_created", actor_kind="client", object_id=token.pk).count() == 1


@pytest.mark.parametrize(
    "wrong", [{"areas": []}, {"areas": ["everything"]}, {"reach": "chosen"}, {"label": ""}, {"networks": "here"}], ids=str
)
def test_wrong_input_stays_on_the_page(wrong, world):
    page = browser(world.cast.alice).post(reverse(CREATE), FORM | wrong)
    assert page.status_code == 422 and ApiToken.objects.filter(client__isnull=False).count() == 1, "the world's own"


def test_never_wider_than_the_person(world):
    bob = Membership.objects.get(user=world.cast.bob)
    bob.areas = ["account", "support"]
    bob.save()
    with pytest.raises(AppError) as caught:
        token_of(world.cast.bob, world.client, areas=["billing"])
    assert caught.value.code == "more_than_own"
    program = Program(token_of(world.cast.bob, world.client, areas=["account", "support"])[1])
    assert program.get("tickets/").status_code == 200 and program.get("invoices/").status_code == 403
    bob.areas = ["account"]
    bob.save()
    assert program.get("tickets/").status_code == 403
    bob.delete()
    assert program.get("/api/v1/").json()["code"] == "token_owner"


def test_without_the_account_area_there_is_none(world):
    assert browser(world.cast.bob).get(reverse(LIST)).status_code == 403
    with pytest.raises(Exception, match="account"):
        token_of(world.cast.bob, world.client, areas=["support"])


def test_a_token_makes_no_token_and_opens_no_page(world):
    from clients.actions.api_token import actor_for

    row, text = token_of(world.cast.alice, world.client)
    for make in (
        lambda: create_client_token(world.client, actor=actor_for(row), label="x", reach="all", areas=["billing"]),
        lambda: create_token(actor=actor_for(row), label="x", reach="all"),
    ):
        with pytest.raises(Exception):  # noqa: B017 - refused, by whichever word
            make()
    assert Program(text).get(reverse("portal_home")).status_code == 302 and ApiToken.objects.filter(client=world.client).count() == 2


def test_expiry_address_switch_and_revocation_shut_it(world):
    token, text = token_of(world.cast.alice, world.client)
    program, rows = Program(text), ApiToken.objects.filter(pk=token.pk)
    rows.update(expires_on=clock.today() - timedelta(days=1))
    assert program.get("/api/v1/").json()["code"] == "token_expired"
    rows.update(expires_on=None, networks=["198.51.100.0/24"])
    assert program.get("/api/v1/").json()["code"] == "token_address"
    rows.update(networks=[])
    set_option(CLIENT_TOKENS, False, world.cast.stella_actor)
    assert program.get("/api/v1/").json()["code"] == "token_owner" and browser(world.cast.alice).get(reverse(LIST)).status_code == 404
    set_option(CLIENT_TOKENS, True, world.cast.stella_actor)
    assert program.get("/api/v1/").status_code == 200 and ApiToken.objects.get(pk=token.pk).last_used_at
    browser(world.cast.alice).post(reverse("clients_portal:api_token_revoke", args=[token.pk]))
    assert program.get("/api/v1/").json()["code"] == "token_revoked"


def test_others_tokens_do_not_exist(world):
    token, _text = token_of(world.cast.alice, world.client)
    assert browser(world.cast.charlie).post(reverse("clients_portal:api_token_revoke", args=[token.pk])).status_code == 404
    assert ApiToken.objects.get(pk=token.pk).revoked_at is None


@pytest.mark.parametrize("name", sorted(MINE))
def test_what_is_told_is_one_s_own_and_leads_somewhere(name, world, alice, charlie):
    """Each noun: the list, each object as the document says, every address in it answers; nothing of it for others."""
    from jsonschema import Draft202012Validator

    document, noun = alice.get("/api/v1/openapi-client.json").json(), MINE[name]
    whole = {"$ref": f"#/components/schemas/{noun.schema_name}", "components": document["components"]}
    rows = rows_of(alice, name)
    assert rows, "the world has one of each"
    for row in rows:
        one = alice.get(row["url"])
        assert one.status_code == 200 and without_moment({key: one.json()[key] for key in row}) == without_moment(row)
        assert not [error.message for error in Draft202012Validator(whole).iter_errors(one.json())]
        for address in addresses_in(one.json()):
            assert alice.get(address).status_code == 200, address
        if name not in ("products", "departments"):
            assert charlie.get(row["url"]).status_code == 404
    for area in set(ALL) - {noun.list_view.area}:
        if noun.list_view.area:
            program = Program(token_of(world.cast.alice, world.client, areas=[area])[1])
            assert program.get(f"{name}/").status_code == 403 and program.get(rows[0]["url"]).status_code == 403


def without_moment(value):
    """Pay links name the second in which they were signed: of each only what it leads to."""
    if isinstance(value, dict):
        return {key: paid_by(entry) if key == "pay_url" and entry else without_moment(entry) for key, entry in value.items()}
    return [without_moment(entry) for entry in value] if isinstance(value, list) else value


def paid_by(link):
    """The invoices that a pay link is for."""
    found = [invoice.pk for invoice in invoices_of_token(link.rstrip("/").rsplit("/", 1)[1])]
    assert found, link
    return found


def addresses_in(value):
    """All of the API's own in an answer."""
    if isinstance(value, dict):
        if isinstance(value.get("url"), str) and value["url"].startswith(settings.SITE_URL):
            yield value["url"]
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            yield from addresses_in(entry)


def test_no_word_of_staff_s_alone(world, alice):
    from support.actions.ticket import add_note

    add_note(world.objects["ticket"], actor=world.cast.stella_actor, body="Difficult person")
    told = "".join(alice.get(row["url"]).content.decode() for name in MINE for row in rows_of(alice, name))
    assert "alices-secret-domain" in told
    for word in ("Difficult person", "pm_1", "cus_1", "fingerprint", "tax_proof", "staff_notes", "booked_by", "attention"):
        assert word not in told, word


WRITES = [
    *[(name, "post", "") for name, noun in MINE.items() if noun.create_view],
    *[(name, "post", f"{key}/") for name, noun in MINE.items() for key in noun.on_list],
    *[(name, method, "{pk}/") for name, noun in MINE.items() if noun.edit_view for method in ("patch", "put")],
    *[(name, "post", f"{{pk}}/{key}/") for name, noun in MINE.items() for key in noun.verbs],
]


def test_every_write_with_foreign_ids_and_nonsense(world, alice, charlie):
    """Foreign ids are 404 on every route; a token that only looks changes nothing; no answer is a 500."""
    reader = Program(token_of(world.cast.alice, world.client, reach="read")[1])
    before = Change.objects.count()
    for name, method, path in WRITES:
        pk = rows_of(alice, name)[0]["id"]
        address = f"{name}/{path.format(pk=pk)}"
        if path.startswith("{pk}"):
            assert charlie.send(method, address).status_code == 404, address
            assert alice.send(method, f"{name}/{path.format(pk=10**9)}").status_code == 404, address
        if not path.endswith("preview/"):
            assert reader.send(method, address).json()["code"] == "reads_only", address
        for body in ({"id": 1, "client": 1}, {"lines": [{"product": [], "answers": 1, "options": []}], "code": {}}):
            found = alice.send(method, address, body)
            assert found.status_code in (409, 422), (address, found.content)
    assert Change.objects.count() == before and len(WRITES) > 15


def test_addresses_of_colleagues_do_not_exist(world, alice):
    """Every address of the console's API with a client's token: what clients have no part in is not there."""
    for name, noun in AUDIENCES["staff"].items():
        if name not in MINE:
            assert alice.get(f"{name}/").status_code == 404 and alice.get(f"{name}/1/").status_code == 404, name
        for key in set(noun.verbs) - set(MINE[name].verbs if name in MINE else ()):
            pk = noun.model._base_manager.order_by("pk").first().pk
            assert alice.post(f"{name}/{pk}/{key}/").status_code == 404, (name, key)


def test_a_ticket_is_asked_answered_and_closed_with_files(world, alice):
    department = rows_of(alice, "departments")[0]["id"]
    files = [{"name": "log.txt", "content": "ZXJyb3I="}]
    made = alice.post("tickets/", {"subject": "Mail", "department": department, "body": "It bounces.", "files": files})
    assert made.status_code == 201, made.content
    ticket = made.json()
    assert ticket["messages"][0]["files"][0]["name"] == "log.txt" and ticket["state"] == "open"
    assert alice.post(f"{ticket['url']}reply/", {"body": "Still."}).status_code == 200
    assert alice.post(f"{ticket['url']}close/").json()["object"]["state"] == "closed"
    bad = [{"name": "x.exe", "content": ""}, {"name": "x.txt"}, {"name": "x.txt", "content": "%"}, {"name": "a\x00.txt", "content": ""}]
    for wrong in ("x", *([file] for file in bad)):
        refused = alice.post(f"{ticket['url']}reply/", {"body": "x", "files": wrong})
        assert refused.status_code == 422 and "files" in refused.json()["errors"], wrong


def test_an_order_is_previewed_placed_and_can_be_paid(world, alice):
    Product.objects.update(kind="hosting")
    product = world.objects["product"]
    line = {"product": product.pk, "cycle": "monthly", "answers": {"domain": "new.example"}}
    seen = alice.post("orders/preview/", {"lines": [line]})
    assert seen.status_code == 200, seen.content
    refused = alice.post("orders/", {"lines": [line]})
    assert set(refused.json()["errors"]) == {"agree"}
    other = alice.post("orders/", {"lines": [line], "agree": True, "expected_total": "0.01"})
    assert other.json()["code"] == "price_changed"
    cheap = alice.post("orders/", {"lines": [line | {"amount": "0.01"}], "agree": True})
    assert "lines.0.amount" in cheap.json()["errors"]
    made = alice.post("orders/", {"lines": [line], "agree": True, "expected_total": seen.json()["total"]})
    assert made.status_code == 201, made.content
    order = made.json()
    assert order["total"] == seen.json()["total"] and order["pay_url"] and order["lines"][0]["label"] == "new.example"
    invoice = alice.get(order["invoice"]["url"]).json()
    assert invoice["state"] == "issued" and alice.get(f"{order['invoice']['url']}pdf/").content.startswith(b"%PDF")
    assert Change.objects.filter(action="billing.order_placed", actor_label__endswith="(API: Test)").exists()
    bad = alice.post("orders/", {"lines": [line | {"answers": {"domain": "no domain"}}], "agree": True})
    assert "lines.0.answers.domain" in bad.json()["errors"]


def test_a_subscription_is_cancelled_kept_and_changed(world, alice):
    path = f"subscriptions/{world.objects['subscription'].pk}/"
    world.objects["change"].delete()
    assert alice.post(f"{path}cancel/", {"when": "end", "sure": True}).json()["object"]["cancel_at_end"] is True
    again = alice.post(f"{path}cancel/", {"when": "end", "sure": True})
    assert again.status_code == 409 and again.json()["code"] == "not_possible_now"
    assert alice.post(f"{path}keep/").json()["object"]["cancel_at_end"] is False
    seen = alice.post(f"{path}change-preview/", {"when": "term_end"})
    assert seen.status_code in (200, 422), seen.content


def test_a_quote_is_signed(world, alice):
    path = f"quotes/{world.objects['quote'].pk}/"
    assert set(alice.post(f"{path}accept/").json()["errors"]) == {"name", "agree"}
    done = alice.post(f"{path}accept/", {"name": "Alice Rahman", "agree": True})
    assert done.json()["object"]["state"] == "accepted", done.content


def test_own_methods_pay_own_invoices(world, alice, charlie):
    invoice, method = world.objects["invoice"], world.objects["payment_method"]
    other = make_order(Client.objects.get(memberships__user=world.cast.charlie)).invoice
    assert charlie.post(f"invoices/{other.pk}/pay/", {"method": method.pk}).json()["errors"]["method"]
    assert alice.post(f"invoices/{other.pk}/pay/", {"method": method.pk}).status_code == 404
    paid = alice.post(f"invoices/{invoice.pk}/pay/", {"method": method.pk})
    assert paid.status_code == 200, paid.content
    assert invoice.charges.filter(state="queued", payment_method=method).exists()


def test_the_account_s_address_is_changed_and_nothing_else(world, alice):
    path = f"clients/{world.client.pk}/"
    assert alice.patch(path, {"city": "Sylhet"}).json()["city"] == "Sylhet"
    for name in ("status", "currency", "number", "group"):
        assert name in alice.patch(path, {name: "x"}).json()["errors"]
    assert alice.patch(f"clients/{world.cast.charlie.pk}/", {}).status_code == 404


def test_guesses_are_counted_as_with_colleagues_and_keys_belong_to_an_account(world, alice):
    department = rows_of(alice, "departments")[0]["id"]
    body = {"subject": "Once", "department": department, "body": "x"}
    first, second = (alice.post("tickets/", body, **{"Idempotency-Key": "one"}) for _again in range(2))
    assert first.json() == second.json() and second["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("name", ["invoices", "orders", "payments", "services", "subscriptions", "tickets"])
def test_as_many_queries_for_many_rows_as_for_one(name, world, alice):
    rows = MINE[name].model._base_manager.filter(client=world.client).order_by("pk")
    rows_of(alice, name)
    with CaptureQueriesContext(connection) as few:
        alice.get(f"{name}/", {"limit": 1})
    for number in range(900, 908):
        copy(rows.first(), number)
    with CaptureQueriesContext(connection) as many:
        assert len(rows_of(alice, name)) > 8
    assert len(many) <= len(few) + 1, "\n".join(query["sql"][:200] for query in many)
