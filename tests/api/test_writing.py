"""Making, changing, doing: by the screens' forms and actions, strict about what is sent, for nobody who may not."""

import json

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse

from billing.models import Account, Invoice
from clients.models import Client, StaffRole
from hostbill.core.api.nouns import NOUNS
from hostbill.core.models import Change, IdempotencyKey, WebhookEndpoint
from provisioning.models import Operation
from support.models import TicketMessage
from tests.api.conftest import Program, program_for
from tests.factories import make_staff
from tests.security.conftest import BACKEND

assert reverse("api:entrance")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]
NEW = {"company": "Brandt Keramik", "email": "lena@brandt.example", "country": "DE", "language": "de", "currency": "EUR"}
WRITES = [
    *[(name, "post", "") for name, noun in NOUNS.items() if noun.create_view],
    *[(name, method, "{pk}/") for name, noun in NOUNS.items() if noun.edit_view for method in ("patch", "put")],
    *[(name, "post", f"{{pk}}/{key}/") for name, noun in NOUNS.items() for key in noun.verbs],
]


def path_of(name, path, pk=None):
    """Of an object of the noun that exists; of logins those of colleagues can be changed."""
    rows = NOUNS[name].model._base_manager.order_by("pk")
    rows = rows.filter(is_staff=True) if name == "users" else rows
    rows = rows.filter(client_id=None) or rows if name == "webhooks" else rows  # each changes their own
    return f"{name}/" + path.format(pk=pk or rows.first().pk)


def only_looks(name, path) -> bool:
    """An act that changes nothing, such as what a bank line may be for."""
    act = NOUNS[name].verbs.get(path.removeprefix("{pk}/").rstrip("/"))
    return act is not None and act.view.permission.endswith(".view")


def test_every_write_is_refused_to_those_who_may_not(world):
    """Strangers, clients' people, staff without rights, tokens that only read; and nothing is done."""
    StaffRole.objects.create(code="tokens", name="Tokens", permissions=["clients.api_token.edit"])
    nobody, reader = program_for(make_staff("tokens")), program_for(world.people["stella"], "read")
    alice = Browser()
    alice.force_login(world.people["alice"], backend=BACKEND)
    before = Change.objects.count()
    for name, method, path in WRITES:
        address = path_of(name, path)
        assert Program().send(method, address).status_code == 401, address
        assert nobody.send(method, address).status_code == 403, address
        assert only_looks(name, path) or reader.send(method, address).status_code == 403, address
        call = getattr(alice, method)
        assert call(f"/api/v1/{address}", "{}", content_type="application/json").status_code in (403, 404, 405), address
    assert Change.objects.count() == before and len(WRITES) > 50


def test_every_write_bears_nonsense(stella, world):
    """Ids that are not there; empty bodies; names that no form has; values of every wrong kind. Never a 500."""
    hers = world.people["stella"]
    WebhookEndpoint.objects.create(user=hers, label="Own", target_url="https://hooks.example/1", events=["invoice.paid"], secret="whsec_x")
    for name, method, path in WRITES:
        assert not path or stella.send(method, path_of(name, path, 10**9)).status_code == 404, path
        found = stella.send(method, path_of(name, path), {"id": 1, "nonsense": True})
        assert found.status_code in (409, 422), (name, path, found.content)
        if found.status_code == 422 and found.json()["code"] == "invalid":
            assert {"id", "nonsense"} <= set(found.json()["errors"]), (name, path, found.content)


@pytest.mark.parametrize("value", [None, True, "x\x00", [{"a": [1]}], 10**30], ids=repr)
def test_every_field_bears_every_kind_of_value(value, world, stella):
    """Typed: a refusal beside the field, or a value that its form takes."""
    from django.db import transaction

    for name, method, path in WRITES:
        view_class = view_of(name, path)
        fields = getattr(view_class.form_class, "base_fields", {})
        with transaction.atomic():
            found = stella.send(method, path_of(name, path), dict.fromkeys(fields, value))
            transaction.set_rollback(True)
        assert found.status_code < 500, (name, path, found.content)


def view_of(name, path):
    noun, key = NOUNS[name], path.removeprefix("{pk}/").rstrip("/")
    return noun.verbs[key].view if key else noun.edit_view if path else noun.create_view


def test_making_a_client(stella):
    made = stella.post("clients/", NEW)
    assert made.status_code == 201, made.content
    client = Client.objects.get(pk=made.json()["id"])
    assert made["Location"] == made.json()["url"] and made["ETag"] and client.company == "Brandt Keramik"
    change = Change.objects.get(action="clients.client_created", object_id=client.pk)
    assert change.actor_kind == "api" and change.actor_label == "Stella Solberg (API: Test)" and change.request_id == made["X-Request-ID"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": None}, "email"),
        ({"company": ""}, "last_name"),
        ({"company": 12}, "company"),
        ({"currency": "EURO"}, "currency"),
        ({"number": "C-1"}, "number"),
        ({"status": "closed"}, "status"),
        ({"id": 1}, "id"),
        ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
    ],
    ids=str,
)
def test_what_is_wrong_stands_beside_its_field(wrong, where, stella):
    before = Client.objects.count()
    found = stella.post("clients/", NEW | wrong)
    assert found.status_code == 422 and found["Content-Type"] == "application/problem+json"
    assert where in found.json()["errors"] and found.json()["code"] == "invalid"
    assert Client.objects.count() == before


def test_patch_changes_what_is_sent_and_nothing_else(world, stella):
    client = world.client
    before = stella.get(f"clients/{client.pk}/").json()
    after = stella.patch(f"clients/{client.pk}/", {"city": "Dhaka"})
    assert after.status_code == 200, after.content
    changed = {key for key, value in after.json().items() if value != before[key]}
    assert changed == {"city", "updated_at"} and after.json()["city"] == "Dhaka"


def test_put_wants_every_field(world, stella):
    path = f"clients/{world.client.pk}/"
    found = stella.put(path, {"city": "Dhaka"})
    assert found.status_code == 422 and "email" in found.json()["errors"] and "city" not in found.json()["errors"]
    shown = stella.get(path).json()
    from clients.actions.client import CLIENT_FIELDS

    whole = {name: shown[name] for name in CLIENT_FIELDS} | {"city": "Sylhet"}
    assert stella.put(path, whole).json()["city"] == "Sylhet"


def test_what_changed_meanwhile_is_not_overwritten(world, stella):
    path = f"clients/{world.client.pk}/"
    mark = stella.get(path)["ETag"]
    assert stella.patch(path, {"city": "Dhaka"}, **{"If-Match": mark}).status_code == 200
    late = stella.patch(path, {"city": "Sylhet"}, **{"If-Match": mark})
    assert late.status_code == 412 and late.json()["code"] == "changed_meanwhile"
    assert Client.objects.get(pk=world.client.pk).city == "Dhaka"
    assert stella.patch(path, {"city": "Sylhet"}, **{"If-Match": late["ETag"]}).status_code == 200


def test_doing_something_and_doing_it_where_it_cannot_be_done(world, stella):
    invoice = world.objects["invoice"]
    path = f"invoices/{invoice.pk}/cancel/"
    missing = stella.post(path)
    assert missing.status_code == 422 and set(missing.json()["errors"]) == {"reason"}
    done = stella.post(path, {"reason": "Ordered twice"})
    assert done.status_code == 200 and done.json()["object"]["state"] == "cancelled" and done.json()["result"] is None
    again = stella.post(path, {"reason": "Ordered twice"})
    assert again.status_code == 409 and again.json()["code"] == "not_possible_now"
    assert Change.objects.get(action="billing.invoice_cancelled", object_id=invoice.pk).reason == "Ordered twice"


def test_a_verb_that_makes_something_says_what(world, stella):
    done = stella.post(f"invoices/{world.objects['invoice'].pk}/duplicate/")
    draft = Invoice.objects.get(state="draft")
    assert done.json()["result"] == {"id": draft.pk, "name": str(draft), "url": f"{settings.SITE_URL}/api/v1/invoices/{draft.pk}/"}
    assert done.json()["object"]["id"] == world.objects["invoice"].pk


def test_amounts_are_texts(world, stella):
    path, before = f"clients/{world.client.pk}/credit/", Account.objects.get(client=world.client).credit
    for wrong in (12.5, True, "12,50", "1e3", "12.505", {"amount": "12.50", "currency": "USD"}, {"amount": "12.50"}):
        found = stella.post(path, {"amount": wrong, "note": "Sorry"})
        assert found.status_code == 422 and set(found.json()["errors"]) == {"amount"}, wrong
    for right in ("12.50", 3, {"amount": "1.25", "currency": "EUR"}):
        assert stella.post(path, {"amount": right, "note": "Sorry"}).status_code == 200, right
    assert str(Account.objects.get(client=world.client).credit - before) == "16.75 EUR"


def test_what_cannot_be_undone_wants_its_name(world, stella):
    service = world.objects["service"]
    path = f"services/{service.pk}/terminate/"
    for body in ({"reason": "x"}, {"reason": "x", "confirm": "other.example"}):
        found = stella.post(path, body)
        assert found.status_code == 422 and found.json()["code"] == "not_confirmed"
    assert not Operation.objects.filter(verb="terminate").exists()
    assert stella.post(path, {"reason": "x", "confirm": service.shown_domain}).status_code == 200


def test_the_right_to_the_verb_is_asked_not_only_the_noun_s(world):
    StaffRole.objects.create(
        code="some", name="Some", permissions=["billing.invoice.view", "billing.invoice.remind", "clients.api_token.edit"]
    )
    program, pk = program_for(make_staff("some")), world.objects["invoice"].pk
    assert program.post(f"invoices/{pk}/mail/").status_code == 200
    assert program.post(f"invoices/{pk}/cancel/", {"reason": "x"}).status_code == 403


def test_a_token_raises_nobody(world):
    """Scope escalation: more rights for a role, a colleague or itself than the token holds."""
    stella = world.people["stella"]
    program = program_for(stella, "chosen", permissions=["clients.user.view", "clients.user.edit"])
    found = program.post("roles/", {"name": "Mine", "permissions": ["billing.invoice.cancel"]})
    assert found.status_code == 422 and found.json()["code"] == "more_than_own"
    owner = StaffRole.objects.get(code="owner")
    found = program.post("users/", {"email": "new@hostbill.example", "name": "N", "language": "en", "roles": [owner.pk]})
    assert found.status_code == 422 and found.json()["code"] == "more_than_own"
    made = program.post("roles/", {"name": "Mine", "permissions": ["clients.user.view"]})
    assert made.status_code == 201 and made.json()["permissions"] == ["clients.user.view"]
    assert program.patch(f"users/{stella.pk}/", {"name": "S", "is_superuser": True}).status_code == 422


def test_tickets_are_answered(world, stella):
    ticket = world.objects["ticket"]
    assert stella.post(f"tickets/{ticket.pk}/reply/", {"body": "By program."}).status_code == 200
    message = TicketMessage.objects.filter(ticket=ticket).latest("pk")
    assert message.body == "By program." and message.author_id == world.people["stella"].pk and message.kind == "staff"
    assert stella.post(f"tickets/{ticket.pk}/close/").json()["object"]["state"] == "closed"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b'{"a": ' + b"1" * 5000 + b"}", 400, "bad_json"),
        (b'{"a": 1e999}', 400, "bad_json"),
        (b'{"company": "\\ud800"}', 400, "bad_json"),
        (b"1", 400, "bad_json"),
        (b"\xff", 400, "bad_json"),
        (b'{"email": NaN}', 400, "bad_json"),
        (b'{"email": "a@b.example", "email": "c@d.example"}', 400, "bad_json"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "bad_json"),
        (b'{"a": [[[[[[1]]]]]]}', 400, "bad_json"),
        (b'{"company": "' + b"x" * 1_100_000 + b'"}', 413, "too_large"),
        (b'{"company": "' + b"x" * 3_000_000 + b'"}', 413, "too_large"),
        (b"", 422, "invalid"),
    ],
    ids=range(14),
)
def test_bodies_that_cannot_be_read(body, status, code, stella):
    found = stella.post("clients/", body)
    assert (found.status_code, found.json()["code"]) == (status, code)


def test_forms_are_not_json(stella):
    found = stella.client.post("/api/v1/clients/", NEW, headers=stella.headers)
    assert found.status_code == 415 and found.json()["code"] == "unsupported_media_type"


def test_parameters_have_no_place_in_a_write(stella):
    found = stella.post("clients/?company=x", NEW)
    assert found.status_code == 400 and found.json()["code"] == "unknown_parameter"


def test_a_session_writes_with_the_csrf_token_only(world):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(world.people["stella"], backend=BACKEND)
    refused = browser.post("/api/v1/clients/", json.dumps(NEW), content_type="application/json")
    assert refused.status_code == 403 and refused.json()["code"] == "csrf"
    browser.get("/staff/clients/new/")
    token = browser.cookies["csrftoken"].value
    made = browser.post("/api/v1/clients/", json.dumps(NEW), content_type="application/json", headers={"X-CSRFToken": token})
    assert made.status_code == 201
    assert Change.objects.get(action="clients.client_created", object_id=made.json()["id"]).actor_kind == "staff"


def test_nouns_that_are_not_made_take_no_post(stella):
    found = stella.post("changes/", {})
    assert found.status_code == 405 and "POST" not in found["Allow"]
    assert stella.patch("changes/1/", {}).status_code == 405


def test_the_same_key_does_it_once(stella):
    first = stella.post("clients/", NEW, **{"Idempotency-Key": "one"})
    second = stella.post("clients/", dict(reversed(NEW.items())), **{"Idempotency-Key": "one"})
    assert first.status_code == second.status_code == 201 and first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true" and second["Location"] == first["Location"] and second["ETag"] == first["ETag"]
    assert Client.objects.filter(company="Brandt Keramik").count() == 1


def test_the_same_key_for_something_else_is_refused(world, stella):
    stella.post("clients/", NEW, **{"Idempotency-Key": "one"})
    for path, body in (("clients/", NEW | {"city": "Kiel"}), ("departments/", NEW)):
        found = stella.post(path, body, **{"Idempotency-Key": "one"})
        assert found.status_code == 409 and found.json()["code"] == "idempotency_key_reused"
    assert IdempotencyKey.objects.count() == 1


def test_a_refusal_keeps_no_key(stella):
    assert stella.post("clients/", NEW | {"email": "x"}, **{"Idempotency-Key": "one"}).status_code == 422
    assert not IdempotencyKey.objects.exists()
    assert stella.post("clients/", NEW, **{"Idempotency-Key": "one"}).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
def test_senseless_keys(key, stella):
    found = stella.post("clients/", NEW, **{"Idempotency-Key": key})
    assert found.status_code == 400 and found.json()["code"] == "bad_idempotency_key"


def test_keys_are_kept_for_seven_days(stella, move_clock):
    from datetime import timedelta

    stella.post("clients/", NEW, **{"Idempotency-Key": "one"})
    row = IdempotencyKey.objects.get()
    row.created_at -= timedelta(days=7, minutes=1)
    row.save()
    found = stella.post("clients/", NEW, **{"Idempotency-Key": "one"})
    assert found.status_code == 201 and "Idempotent-Replayed" not in found
