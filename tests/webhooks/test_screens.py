"""The pages: made with a secret that is shown once, seen by whom they concern, tried, stopped, sent again."""

import pytest
from django.test import Client
from django.urls import reverse

from clients.models import Membership
from hostbill.core.models import Change, IdempotencyKey, WebhookDelivery, WebhookEndpoint
from hostbill.core.webhooks.endpoints import create_endpoint, send_test, stop
from hostbill.pages.bell import notes
from tests.api.conftest import program_for
from tests.billing.factories import make_order
from tests.webhooks.conftest import deliveries

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def values(receiver, **more) -> dict:
    return {"label": "Mine", "target_url": receiver.url, "events": ["invoice.issued"]} | more


@pytest.mark.parametrize(("face", "person"), [("staff", "stella"), ("portal", "alice")])
def test_made_shown_once_tried_rotated_and_deleted(face, person, receiver, cast, drain):
    browser = signed_in(getattr(cast, person))

    def at(name, *args):
        return reverse(f"clients_{face}:{name}", args=args)

    assert b"invoice.issued" in browser.get(at("webhook_create")).content
    answer = browser.post(at("webhook_create"), values(receiver))
    endpoint = WebhookEndpoint.objects.get()
    assert answer.status_code == 200 and endpoint.secret in answer.content.decode()
    page = browser.get(at("webhook_detail", endpoint.pk)).content.decode()
    assert endpoint.secret not in page and receiver.url in page
    browser.post(at("webhook_test", endpoint.pk))
    drain()
    sent = deliveries(endpoint)[0]
    assert "webhook.test" in browser.get(at("webhook_deliveries", endpoint.pk)).content.decode()
    shown = browser.get(at("webhook_delivery_detail", sent.pk)).content.decode()
    assert sent.message_id in shown and "thank you" in shown
    assert browser.post(at("webhook_delivery_replay", sent.pk)).status_code == 302
    drain()
    assert len(receiver.got()) == 2
    rotated = browser.post(at("webhook_rotate", endpoint.pk), {"secret": ""}).content.decode()
    endpoint.refresh_from_db()
    assert endpoint.secret in rotated and endpoint.old_secret
    assert browser.post(at("webhook_edit", endpoint.pk), values(receiver, label="Other")).status_code == 302
    browser.post(at("webhook_off", endpoint.pk))
    assert not WebhookEndpoint.objects.get().is_on
    browser.post(at("webhook_on", endpoint.pk))
    browser.post(at("webhook_delete", endpoint.pk))
    assert not WebhookEndpoint.objects.exists() and not WebhookDelivery.objects.exists()
    acts = set(Change.objects.filter(object_kind="core.webhookendpoint").values_list("action", flat=True))
    assert {"core.webhook_created", "core.webhook_secret_changed", "core.webhook_deleted"} <= acts
    assert not Change.objects.filter(fields__icontains="whsec_").exists()


def test_who_may_not_see_invoices_reads_them_in_no_delivery(receiver, cast, drain):
    """Somebody else's webhook of the account shows only what one may see oneself, and sends it nowhere else."""
    endpoint = create_endpoint(
        actor=cast.alice_actor, client=cast.alice_client, label="A", target_url=receiver.url, events=["invoice.issued"]
    )
    order = make_order(cast.alice_client)
    drain()
    sent = deliveries(endpoint)[0]
    page = reverse("clients_portal:webhook_delivery_detail", args=[sent.pk])
    assert order.invoice.number in signed_in(cast.alice).get(page).content.decode()
    Membership.objects.filter(user=cast.alice).update(is_owner=False, areas=["account"])
    browser = signed_in(cast.alice)
    shown = browser.get(page)
    assert shown.status_code == 200 and order.invoice.number not in shown.content.decode()
    browser.post(reverse("clients_portal:webhook_delivery_replay", args=[sent.pk]))
    sent.refresh_from_db()
    assert sent.replays == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"target_url": "https://10.0.0.1/"}, "target_url"),
        ({"target_url": "ftp://x.example/"}, "target_url"),
        ({"events": []}, "events"),
        ({"events": ["server.stopped"]}, "events"),
        ({"secret": "whsec_short"}, "secret"),
        ({"secret": "no"}, "secret"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_nothing_is_lost(wrong, field, receiver, cast):
    answer = signed_in(cast.alice).post(reverse("clients_portal:webhook_create"), values(receiver, **wrong))
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [field]
    assert 'value="Mine"' in answer.content.decode() and not WebhookEndpoint.objects.exists()


def test_an_account_has_so_many_at_most(receiver, cast):
    for number in range(10):
        create_endpoint(actor=cast.alice_actor, client=cast.alice_client, **values(receiver, label=str(number)))
    answer = signed_in(cast.alice).post(reverse("clients_portal:webhook_create"), values(receiver))
    assert answer.status_code == 422 and WebhookEndpoint.objects.count() == 10


def test_others_find_nothing(alices, endpoint, receiver, cast, drain):
    send_test(alices, actor=cast.alice_actor)
    drain()
    sent = deliveries(alices)[0]
    charlie, bob, stella = (signed_in(getattr(cast, name)) for name in ("charlie", "bob", "stella"))
    for name, pk in (("webhook_detail", alices.pk), ("webhook_edit", alices.pk), ("webhook_delivery_detail", sent.pk)):
        assert charlie.get(reverse(f"clients_portal:{name}", args=[pk])).status_code == 404
        assert bob.get(reverse(f"clients_portal:{name}", args=[pk])).status_code == 403
    assert charlie.post(reverse("clients_portal:webhook_rotate", args=[alices.pk]), {}).status_code == 404
    assert stella.get(reverse("clients_staff:webhook_edit", args=[alices.pk])).status_code == 404
    assert stella.post(reverse("clients_staff:webhook_rotate", args=[alices.pk]), {}).status_code == 404
    assert stella.get(reverse("clients_staff:webhook_delivery_detail", args=[sent.pk])).status_code == 200


def test_the_bell_rings_for_its_owner(endpoint, cast):
    stop(endpoint, "failing")
    assert any("Ledger" in note.title for note in notes(cast.stella_actor))


def test_lists_cost_the_same_for_more(endpoint, receiver, cast, drain):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser, route = signed_in(cast.stella), reverse("clients_staff:webhook_list")
    browser.get(route)
    with CaptureQueriesContext(connection) as few:
        browser.get(route)
    for number in range(12):
        create_endpoint(actor=cast.stella_actor, **values(receiver, label=f"W{number}"))
    with CaptureQueriesContext(connection) as many:
        browser.get(route)
    assert len(many) <= len(few)


def test_by_api(cast, receiver, drain):
    stella = program_for(cast.stella)
    secret = "whsec_" + "QUJD" * 10
    body = values(receiver, secret=secret)
    made = stella.post("webhooks/", body, **{"Idempotency-Key": "k1"})
    assert made.status_code == 201, made.content
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secret == secret and secret not in made.content.decode()
    assert not IdempotencyKey.objects.filter(answer__contains="whsec_").exists()
    assert stella.get(made.json()["url"]).json()["target_url"] == receiver.url
    assert stella.patch(f"webhooks/{endpoint.pk}/", {"events": ["invoice.paid"]}).json()["events"] == ["invoice.paid"]
    assert stella.post(f"webhooks/{endpoint.pk}/test/").status_code == 200
    drain()
    sent = stella.get("webhook-deliveries/").json()["data"][0]
    whole = stella.get(sent["url"]).json()
    assert whole["state"] == "done" and whole["attempts"][0]["answer"] == "thank you" and "webhook.test" in whole["body"]
    assert stella.post(f"webhook-deliveries/{sent['id']}/replay/").status_code == 200
    refused = stella.post("webhooks/", values(receiver, target_url="https://169.254.169.254/"))
    assert refused.status_code == 422 and "target_url" in refused.json()["errors"]
    narrow = program_for(cast.stella, "chosen", permissions=["core.webhook.view", "core.webhook.edit"])
    assert narrow.post("webhooks/", values(receiver)).status_code == 422
