"""What people with bad intentions send: secrets that must not be written down, doors to other places, and others' answers."""

import base64
import json
import logging
import re
import secrets

import pytest
from django.urls import reverse

from clients.actions.api_token import create_client_token
from hostbill.core.access import SYSTEM
from hostbill.core.api.nouns import AUDIENCES
from hostbill.core.models import Change, IdempotencyKey, Outgoing, WebhookEndpoint
from hostbill.core.options import set_option
from hostbill.core.webhooks import targets
from hostbill.core.webhooks.options import ALLOWED_FOR_CLIENTS, ALLOWED_NETWORKS
from tests.api.conftest import Program, token_for

assert reverse("api:entrance")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]
ALL = ("billing", "services", "support", "account")
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def client_program(world, areas=ALL, reach="all") -> tuple[Program, str]:
    """One of Alice's, and its text."""
    text = create_client_token(world.client, actor=world.cast.alice_actor, label="Test", reach=reach, areas=areas)[1]
    return Program(text), text


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def local_hooks(world):
    """Webhooks may go to this machine."""
    set_option(ALLOWED_NETWORKS, "127.0.0.0/8", SYSTEM)
    set_option(ALLOWED_FOR_CLIENTS, True, SYSTEM)


def hook(secret: str = "", events=("invoice.issued",)) -> dict:
    return {"label": "Mine", "target_url": "https://127.0.0.1:9009/", "events": list(events), "secret": secret or new_secret()}


def test_no_secret_of_a_program_is_written_down(world, local_hooks, caplog, capfd):
    """Good and failing requests with tokens and secrets in every place where one may put them; then the log, the activity log,
    what is kept for repeated requests and what waits to be sent."""
    caplog.set_level(logging.DEBUG)
    own, secret, turned = token_for(world.people["stella"])[1], new_secret(), new_secret()
    program, mine = client_program(world)
    stella = Program(own)
    key = {"Idempotency-Key": "attack"}
    made = stella.post("webhooks/", hook(secret), **key)
    assert made.status_code == 201, made.content
    assert stella.post(f"{made.json()['url']}rotate/", {"secret": turned}, **key | {"Idempotency-Key": "b"}).status_code == 200
    theirs = program.post("webhooks/", hook(turned))
    assert theirs.status_code == 201, theirs.content
    password = {"password": "Attack-Pass-4711-x", "new_password": "Attack-Pass-4711-x"}
    config = {"secret_key": "sk_test_attack", "webhook_secret": "whsec_attack"}
    module = {"kind": "gateway", "driver": "stripe", "label": "C", "config": config}
    wrong = Program(f"{own}x")
    for ask in (
        lambda: wrong.get("invoices/"),
        lambda: stella.post("webhooks/", hook("whsec_short")),
        lambda: stella.post("webhooks/", hook(secret) | {"nonsense": secret}),
        lambda: stella.get("invoices/", {"q": own, "token": secret}),
        lambda: stella.get(f"nonsense/{secret[:10]}/"),
        lambda: stella.post("webhooks/", f'{{"secret": "{secret}"'),
        lambda: program.post(f"services/{world.objects['service'].pk}/password/", password),
        lambda: stella.post("modules/", module),
        lambda: stella.post("modules/", module | {"kind": "x"}),
        lambda: stella.patch("settings/mail/", {"mail.password": "sk_test_attack"}),
    ):
        assert ask().status_code < 500
    told = caplog.text + "".join(capfd.readouterr())
    told += json.dumps(list(Change.objects.values()), default=str)
    told += json.dumps(list(IdempotencyKey.objects.values()), default=str) + json.dumps(list(Outgoing.objects.values()), default=str)
    assert "/api/v1/webhooks/" in told, "the log was read"
    for text in (own, mine, secret, turned, "Attack-Pass-4711-x", "sk_test_attack", "whsec_attack"):
        assert text not in told and text.removeprefix("hostbill_") not in told, text[:12]
    assert secret not in stella.get(made.json()["url"]).content.decode()


def test_bodies_that_are_no_json_are_refused_before_they_are_read(world, stella):
    """XML with entities, forms, pickles: on each address that takes a body."""
    for name, noun in AUDIENCES["staff"].items():
        pk = noun.model._base_manager.order_by("pk").first().pk
        paths = [f"{name}/"] if noun.create_view else []
        paths += [f"{name}/{pk}/{key}/" for key in [*noun.verbs][:1]]
        for path in paths:
            for kind in ("application/xml", "text/xml", "application/x-www-form-urlencoded", "application/octet-stream"):
                found = stella.client.post(f"/api/v1/{path}", ENTITIES, content_type=kind, headers=stella.headers)
                assert found.status_code == 415 and b"root:" not in found.content, (path, kind, found.content)
            found = stella.post(path, ENTITIES)
            assert found.status_code == 400 and found.json()["code"] == "bad_json", path


def test_huge_and_deep_bodies_are_refused_on_every_kind_of_address(world, stella):
    deep, huge = b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"a": "' + b"x" * 1_100_000 + b'"}'
    pk = world.client.pk
    for method, path in (("post", "clients/"), ("patch", f"clients/{pk}/"), ("put", f"clients/{pk}/"), ("post", f"clients/{pk}/close/"),
                         ("post", "clients/bulk/"), ("post", "rules/dry-run/"), ("patch", "settings/api/"),
                         ("patch", "settings/api/api.rate/"), ("post", "notices/read/")):  # fmt: skip
        assert stella.send(method, path, deep).status_code == 400, path
        assert stella.send(method, path, huge).status_code == 413, path


def test_keys_of_one_token_say_nothing_to_another(world):
    """The same person, the same key, the same request: another token gets an act of its own, or what it may not do."""
    wide, body = Program(token_for(world.people["stella"])[1]), {"body": "Once"}
    path = f"tickets/{world.objects['ticket'].pk}/note/"
    first = wide.post(path, body, **{"Idempotency-Key": "one"})
    assert first.status_code == 200 and wide.post(path, body, **{"Idempotency-Key": "one"})["Idempotent-Replayed"] == "true"
    other = Program(token_for(world.people["stella"])[1]).post(path, body, **{"Idempotency-Key": "one"})
    assert other.status_code == 200 and "Idempotent-Replayed" not in other
    narrow = Program(token_for(world.people["stella"], "read")[1]).post(path, body, **{"Idempotency-Key": "one"})
    assert narrow.status_code == 403


def test_expanding_shows_a_client_no_more_than_its_own_addresses(world):
    """Each fact of each noun that names another object: what is told whole is what the client's own address of it tells."""
    program, _text = client_program(world)
    narrow = {area: client_program(world, [area])[0] for area in ALL}
    tried = 0
    for name, noun in AUDIENCES["client"].items():
        row = program.get(f"{name}/").json()["data"][0]
        for fact in [fact for fact in noun.every_fact if fact.kind in ("related", "several")]:
            found = program.get(row["url"], {"expand": fact.name})
            if found.status_code == 400:
                continue  # it has no address for clients
            one = found.json()[fact.name]
            for whole in one if isinstance(one, list) else [one] if one else []:
                tried += 1
                alone = program.get(whole["url"]).json()
                assert {key: value for key, value in whole.items() if key in alone} == {key: alone[key] for key in whole if key in alone}
                assert set(whole) - set(alone) <= {"name"}, (name, fact.name)
            area = noun.list_view.area
            other = next((n.list_view.area for n in AUDIENCES["client"].values() if n.model is fact.model), area)
            if area and other and other != area:
                assert narrow[area].get(row["url"], {"expand": fact.name}).status_code == 403, (name, fact.name)
    assert tried > 3


def test_a_narrow_token_leads_no_webhook_elsewhere(world, local_hooks):
    """The person is told of invoices; a token with the account alone may not point that at another machine."""
    wide, account = client_program(world)[0], client_program(world, ["account"])[0]
    made = wide.post("webhooks/", hook()).json()
    refused = account.patch(made["url"], {"target_url": "https://127.0.0.1:9010/"})
    assert refused.status_code == 422 and refused.json()["code"] == "more_than_own"
    assert wide.patch(made["url"], {"label": "Other"}).json()["label"] == "Other"
    assert "events" in account.post("webhooks/", hook()).json()["errors"]
    assert WebhookEndpoint.objects.get(pk=made["id"]).target_url == "https://127.0.0.1:9009/"
    assert Program(create_client_token(world.client, actor=world.cast.alice_actor, label="R", reach="read", areas=["account"])[1]).post(
        f"{made['url']}off/"
    ).json()["code"] == "reads_only"  # fmt: skip


def test_what_is_told_of_a_delivery_is_what_the_token_may_see(world, local_hooks):
    delivery = world.objects["webhook_delivery"]
    wide, account = client_program(world)[0], client_program(world, ["account"])[0]
    delivery.type = "invoice.issued"
    delivery.save()
    path = f"webhook-deliveries/{delivery.pk}/"
    assert "alices-secret-domain" in wide.get(path).json()["body"]
    assert account.get(path).json()["body"] is None and account.get(path).json()["attempts"] == []


def test_a_narrow_token_invites_nobody_to_more(world):
    account, _text = client_program(world, ["account"])
    path, body = f"clients/{world.client.pk}/invite/", {"email": "x@example.com", "areas": ["billing"]}
    assert account.post(path, body).json()["code"] == "more_than_own"
    bob = world.objects["member"]
    assert account.patch(f"members/{bob.pk}/", {"areas": ["billing"]}).json()["code"] == "more_than_own"
    assert account.post(path, body | {"areas": ["account"]}).status_code == 200


def test_this_machine_is_no_target_whatever_its_address_is():
    assert targets.is_own(targets.ip_address("127.0.0.1")) and not targets.is_own(targets.ip_address("192.0.2.1"))


def test_an_internal_reason_of_a_refund_is_not_told_to_clients():
    from hostbill.core.webhooks.catalogue import all_types

    subject = next(found.subject for found in all_types() if found.name == "refund.made")
    words = [part for entry in subject.own for part in re.split(r"\s+", entry if isinstance(entry, str) else entry.name)]
    assert "money" in words and "reason" not in words and "reason" in subject.facts[0].split()
