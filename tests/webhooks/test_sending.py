"""From what happens to what is received: signed words, tries by the timetable, turns, who is told of what."""

from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from billing.actions.invoice import cancel_invoice
from clients.actions.client import close_client
from clients.models import Membership
from hostbill.core import clock, events, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.drain import drain as run_until_quiet
from hostbill.core.models import Delivery, Lane, Message, Outgoing, WebhookDelivery
from hostbill.core.webhooks import catalogue
from hostbill.core.webhooks.endpoints import (
    change_endpoint,
    create_endpoint,
    replay,
    rotate_secret,
    send_test,
    switch_off,
    switch_on,
)
from hostbill.core.webhooks.sender import WebhookSender
from support.actions.ticket import open_ticket
from support.models import Department
from tests.billing.factories import make_order, pay
from tests.webhooks.conftest import allow, deliveries

pytestmark = pytest.mark.django_db


def wait(delivery, seconds: float) -> None:
    """Let time pass for the delivery's calls, and process what is due."""
    row = Outgoing.objects.filter(kind="core.webhook", object_id=delivery.pk).latest("pk")
    clock.move_to(max(clock.now(), row.next_try_at) + timedelta(seconds=seconds))
    Lane.objects.update(open_until=None)
    outgoing.process(row.pk)
    delivery.refresh_from_db()


def test_every_event_has_a_public_name_or_a_reason():
    known, named = set(events.event_types()), {found.event.name for found in catalogue.all_types()}
    plain = {name for name in known if not name.startswith("tests.")}
    assert plain - named - set(catalogue.KEPT_IN) == set()
    assert not named & set(catalogue.KEPT_IN)


def test_the_page_for_people_names_each_with_its_rights():
    page = (Path(__file__).parents[2] / "docs/webhooks.md").read_text()
    for found in catalogue.all_types():
        right = found.subject.area if found.is_for_clients else "–"
        lines = [line for line in page.splitlines() if line.startswith(f"| `{found.name}` |")]
        assert len(lines) == 1 and lines[0].endswith(f"| `{found.subject.needed}` | {right} |"), found.name


def test_a_paid_invoice_is_told_and_the_signature_holds(endpoint, receiver, cast, drain):
    order = make_order(cast.alice_client)
    pay(order.invoice)
    drain()
    found = {one["data"]["type"]: one for one in receiver.got()}
    assert set(found) == {"order.placed", "invoice.issued", "invoice.paid", "subscription.created"}
    paid = found["invoice.paid"]
    body = Webhook(endpoint.secret).verify(paid["body"], paid["headers"])
    assert body["data"]["id"] == order.invoice.pk
    assert body["data"]["client"]["name"] == cast.alice_client.name
    assert body["data"]["state"] == "paid" and body["data"]["open"] == {"amount": "0.00", "currency": "EUR"}
    assert paid["headers"]["content-type"].startswith("application/json")
    assert all(row.state == "done" and row.status == 200 and row.attempts.get().answer == "thank you" for row in deliveries(endpoint))


def test_other_words_or_another_secret_do_not_verify(endpoint, receiver, drain, cast):
    make_order(cast.alice_client)
    drain()
    one = receiver.got()[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(one["body"].replace("EUR", "USD"), one["headers"])
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 44).verify(one["body"], one["headers"])


def test_for_a_day_after_a_rotation_both_secrets_sign(endpoint, receiver, cast, drain):
    old = endpoint.secret
    new = rotate_secret(endpoint, actor=cast.stella_actor).secret
    assert new != old
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    first = receiver.got()[-1]
    for secret in (old, new):
        assert Webhook(secret).verify(first["body"], first["headers"])["type"] == "webhook.test"
    clock.move_to(clock.now() + timedelta(hours=24, seconds=1))
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    later = receiver.got()[-1]
    assert Webhook(new).verify(later["body"], later["headers"])
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(later["body"], later["headers"])


def test_nothing_is_written_where_nobody_listens(cast, drain):
    make_order(cast.alice_client)
    drain()
    assert not Delivery.objects.filter(handler="core.webhooks").exists()


def test_tries_follow_the_timetable_and_then_the_endpoint_is_stopped(endpoint, receiver, cast, drain):
    receiver.fail()
    began = clock.now()
    make_order(cast.alice_client)
    drain()
    delivery = WebhookDelivery.objects.get(type="invoice.issued")
    for number, planned in enumerate(WebhookSender.backoff, start=1):
        assert (delivery.state, delivery.tries, delivery.status, delivery.error_code) == ("waiting", number, 500, "refused")
        row = Outgoing.objects.filter(kind="core.webhook", object_id=delivery.pk).get()
        assert planned <= (row.next_try_at - clock.now()).total_seconds() + 2 <= planned * 1.1 + 4
        wait(delivery, 0)
    assert (delivery.state, delivery.tries) == ("failed", 10)
    assert timedelta(days=3) < clock.now() - began < timedelta(days=3.6)
    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.stopped_reason) == (False, "failing")
    drain()
    mail = Message.objects.get(kind="clients.webhook_stopped")
    assert mail.to_email == cast.stella.email and "Ledger" in mail.subject


def test_an_endpoint_that_took_something_meanwhile_goes_on(endpoint, receiver, cast, drain):
    receiver.fail()
    make_order(cast.alice_client)
    drain()
    delivery = WebhookDelivery.objects.get(type="invoice.issued")
    wait(delivery, 0)
    receiver.fail("")
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    receiver.fail()
    while delivery.state == "waiting":
        wait(delivery, 0)
    endpoint.refresh_from_db()
    assert delivery.state == "failed" and endpoint.is_on


def test_gone_stops_at_once(alices, receiver, cast, drain):
    receiver.fail("gone")
    make_order(cast.alice_client)
    drain()
    alices.refresh_from_db()
    assert (alices.is_on, alices.stopped_reason) == (False, "gone")
    assert Message.objects.filter(kind="clients.webhook_stopped", to_email=cast.alice.email).count() == 1
    make_order(cast.alice_client)
    drain()
    assert not WebhookDelivery.objects.filter(endpoint=alices, tries=0, state="waiting").exists()


@pytest.mark.parametrize(
    ("kind", "code"), [("redirect", "redirect"), ("refused", "refused"), ("drop_before", "dropped"), ("500", "refused")]
)
def test_whatever_is_not_success_is_tried_again(endpoint, receiver, cast, drain, kind, code):
    receiver.fail(kind, 1)
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    delivery = deliveries(endpoint)[0]
    assert (delivery.state, delivery.error_code) == ("waiting", code)
    assert "elsewhere" not in str(receiver.sandbox.control("hooks", "calls", None)[-1]["path"])
    wait(delivery, 1)
    assert (delivery.state, delivery.tries, delivery.error_code) == ("done", 2, "")
    assert len({one["headers"]["webhook-id"] for one in receiver.got()}) == 1


def test_a_slow_and_a_huge_answer_end(endpoint, receiver, cast, drain, monkeypatch):
    monkeypatch.setattr("hostbill.core.webhooks.sender.SECONDS", 1)
    receiver.fail("delay", 1, seconds=4)
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    slow = deliveries(endpoint)[0]
    assert (slow.state, slow.error_code) == ("waiting", "timeout")
    receiver.fail("big", 1)
    wait(slow, 1)
    assert slow.state == "done" and len(slow.attempts.last().answer) == 4000


def test_a_later_event_of_the_same_object_waits_for_the_earlier_one(endpoint, receiver, cast, drain):
    receiver.fail()
    order = make_order(cast.alice_client)
    drain()
    pay(order.invoice)
    drain()
    issued, paid = (WebhookDelivery.objects.get(type=name) for name in ("invoice.issued", "invoice.paid"))
    assert (issued.state, paid.state) == ("waiting", "held")
    receiver.fail("")
    wait(issued, 0)
    drain()
    paid.refresh_from_db()
    assert (issued.state, paid.state) == ("done", "done")
    assert [name for name in receiver.types() if name.startswith("invoice.")] == ["invoice.issued", "invoice.paid"]


def test_after_half_an_hour_the_later_one_no_longer_waits(endpoint, receiver, cast, drain):
    receiver.fail()
    order = make_order(cast.alice_client)
    drain()
    pay(order.invoice)
    drain()
    issued, paid = (WebhookDelivery.objects.get(type=name) for name in ("invoice.issued", "invoice.paid"))
    for _number in range(2):  # after 5 s and 5 min
        wait(issued, 0)
        paid.refresh_from_db()
        assert paid.state == "held"
    wait(issued, 0)  # after 35 min
    paid.refresh_from_db()
    assert (issued.state, paid.state) == ("waiting", "waiting")


def test_other_objects_do_not_wait(endpoint, receiver, cast, drain):
    receiver.fail("500", 4)
    make_order(cast.alice_client)
    drain()
    Lane.objects.update(open_until=None)
    make_order(cast.alice_client)
    drain()
    assert WebhookDelivery.objects.filter(type="invoice.issued", state="done").count() == 1


def test_replay_sends_the_same_words_under_the_same_id(endpoint, receiver, cast, drain):
    order = make_order(cast.alice_client)
    drain()
    delivery = WebhookDelivery.objects.get(type="invoice.issued")
    cancel_invoice(order.invoice, reason="mistake", actor=SYSTEM)
    replay(delivery, actor=cast.stella_actor)
    drain()
    delivery.refresh_from_db()
    both = [one for one in receiver.got() if one["data"]["type"] == "invoice.issued"]
    assert both[0]["body"] == both[1]["body"] and both[0]["headers"]["webhook-id"] == both[1]["headers"]["webhook-id"]
    assert (delivery.state, delivery.tries, delivery.attempts.count()) == ("done", 2, 2)


def test_what_is_due_while_it_is_off_is_given_up_and_can_be_replayed(endpoint, receiver, cast, drain):
    receiver.fail()
    send_test(endpoint, actor=cast.stella_actor)
    drain()
    delivery = deliveries(endpoint)[0]
    switch_off(endpoint, actor=cast.stella_actor)
    receiver.fail("")
    wait(delivery, 0)
    assert (delivery.state, delivery.error_code, len(receiver.got())) == ("failed", "switched_off", 0)
    switch_on(endpoint, actor=cast.stella_actor)
    replay(delivery, actor=cast.stella_actor)
    drain()
    delivery.refresh_from_db()
    assert delivery.state == "done"


# --- who is told of what ---


def test_an_account_hears_of_its_own_events_only(alices, receiver, cast, drain):
    make_order(cast.charlie_client)
    department = Department.objects.get_or_create(name="Support")[0]
    open_ticket(actor=cast.charlie_actor, client=cast.charlie_client, department=department, subject="Mine", body="x")
    drain()
    assert receiver.got() == []
    order = make_order(cast.alice_client)
    drain()
    assert set(receiver.types()) == {"order.placed", "invoice.issued", "subscription.created"}
    told = next(one["data"]["data"] for one in receiver.got() if one["data"]["type"] == "invoice.issued")
    assert told["id"] == order.invoice.pk and told["lines"][0]["net"]["currency"] == "EUR"
    assert not {"notes", "client", "seller", "collections_at", "url"} & set(told)


@pytest.mark.parametrize("how", ["disabled", "left", "fewer_rights", "other_rights", "closed", "switched_off"])
def test_who_may_no_longer_see_it_is_not_told(alices, receiver, cast, drain, how):
    receiver.fail()
    make_order(cast.alice_client)
    drain()
    waiting = WebhookDelivery.objects.filter(endpoint=alices, state="waiting").first()
    receiver.fail("")
    member = Membership.objects.filter(user=cast.alice)
    if how == "disabled":
        cast.alice.is_active = False
        cast.alice.save()
    elif how == "left":
        member.delete()
    elif how == "fewer_rights":
        member.update(is_owner=False, areas=["billing"])
    elif how == "other_rights":
        member.update(is_owner=False, areas=["account"])
    elif how == "closed":
        close_client(cast.alice_client, actor=SYSTEM, reason="asked")
    else:
        allow("for_clients", False)
    count = WebhookDelivery.objects.filter(endpoint=alices).count()
    make_order(cast.alice_client) if how != "closed" else None
    drain()
    assert WebhookDelivery.objects.filter(endpoint=alices).count() == count
    wait(waiting, 0)
    assert (waiting.state, waiting.error_code, receiver.got()) == ("failed", "owner_gone", [])


def test_a_colleague_is_told_what_their_role_shows(receiver, cast, drain):
    from clients.queries.actor import actor_of
    from tests.factories import make_staff

    person = make_staff("support-agent")
    role = person.roles.get()
    role.permissions = ["support.ticket.view", "core.webhook.view", "core.webhook.edit"]
    role.save()
    actor = actor_of(person)
    allowed = {found.name for found in catalogue.types_for(actor, None)}
    assert "ticket.opened" in allowed and "server.stopped" not in allowed
    mine = create_endpoint(actor=actor, label="Desk", target_url=receiver.url, events=["ticket.opened"])
    department = Department.objects.get_or_create(name="Support")[0]
    open_ticket(actor=cast.alice_actor, client=cast.alice_client, department=department, subject="Help", body="x")
    drain()
    assert receiver.types() == ["ticket.opened"]
    role.permissions = ["core.webhook.edit"]
    role.save()
    open_ticket(actor=cast.alice_actor, client=cast.alice_client, department=department, subject="Again", body="x")
    drain()
    assert receiver.types() == ["ticket.opened"] and len(deliveries(mine)) == 1


def test_each_event_is_written_once_for_each_endpoint(endpoint, cast, receiver):
    make_order(cast.alice_client)
    rows = Delivery.objects.filter(handler="core.webhooks")
    for row in rows:
        events.deliver(row.pk)
        rows.filter(pk=row.pk).update(state="waiting")
        events.deliver(row.pk)
    assert WebhookDelivery.objects.filter(endpoint=endpoint).count() == rows.count() > 2


def test_queries_do_not_grow_with_the_endpoints_of_others(endpoint, cast, receiver, django_assert_max_num_queries):
    for number in range(8):
        values = {"label": f"E{number}", "target_url": receiver.url, "events": ["invoice.issued"]}
        create_endpoint(actor=cast.charlie_actor, client=cast.charlie_client, **values)
    make_order(cast.alice_client)
    row = Delivery.objects.get(handler="core.webhooks", event__name="billing.invoice_issued")
    with django_assert_max_num_queries(24):
        events.deliver(row.pk)


def test_changing_where_it_goes_is_its_owners_alone(endpoint, alices, cast):
    from django.core.exceptions import PermissionDenied

    values = {"label": "Mine", "target_url": endpoint.target_url, "events": ["invoice.issued"]}
    for row, actor in ((alices, cast.stella_actor), (alices, cast.charlie_actor), (endpoint, cast.alice_actor), (alices, cast.bob_actor)):
        with pytest.raises(PermissionDenied):
            change_endpoint(row, actor=actor, **values)
        with pytest.raises(PermissionDenied):
            rotate_secret(row, actor=actor)
    switch_off(alices, actor=cast.stella_actor)
    with pytest.raises(PermissionDenied):
        switch_on(alices, actor=cast.charlie_actor)


def test_the_secret_is_stored_encrypted(endpoint):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM core_webhookendpoint")
        stored = cursor.fetchone()[0]
    assert endpoint.secret.startswith("whsec_") and "whsec_" not in stored and endpoint.secret not in stored


def test_two_workers_never_send_one_delivery_twice(endpoint, cast, receiver):
    """The claim is taken by one of them; the other finds nothing to do."""
    delivery = send_test(endpoint, actor=cast.stella_actor)
    row = Outgoing.objects.get(kind="core.webhook", object_id=delivery.pk)
    assert [outgoing.process(row.pk), outgoing.process(row.pk)] == [True, False]
    assert len(receiver.got()) == 1
    run_until_quiet()
    assert len(receiver.got()) == 1
