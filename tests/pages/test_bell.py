"""Notices: each person hears of what needs them, once, until it is mended."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from clients.queries.actor import actor_of
from hostbill.core import clock
from hostbill.core.models import Export, JobRun, Message, Outgoing
from support.actions.ticket import open_ticket
from support.models import Department
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


def make_trouble():
    now = clock.now()
    JobRun.objects.create(name="billing.charge_due", slot=now, state="failed", error="no money")
    Outgoing.objects.create(kind="billing.charge", key="1", object_id=1, state="failed", error="card shop is down")
    Message.objects.create(
        kind="x", key="m", to_email="gone@else.example", subject="Hello", html="", text="", state="bounced"
    )


def page(client):
    return client.get(reverse("notice_list")).content.decode()


def test_failures_are_told_counted_and_marked_read(client, cast):
    make_trouble()
    client.force_login(cast.stella)
    shown = page(client)
    assert "billing.charge_due" in shown and "gone@else.example" in shown and "bell-note-new" in shown
    assert "3 new notices" in shown
    answer = client.post(reverse("notice_read"))
    assert answer.status_code == 302
    shown = page(client)
    assert "billing.charge_due" in shown, "read is not mended"
    assert "bell-note-new" not in shown and "new notices" not in shown


def test_what_is_mended_is_told_no_more(client, cast):
    make_trouble()
    client.force_login(cast.stella)
    JobRun.objects.update(state="done")
    assert "billing.charge_due" not in page(client)


def test_nothing_is_told_to_who_may_do_nothing_about_it(client, cast):
    make_trouble()
    client.force_login(make_staff("read-only"))
    shown = page(client)
    assert "billing.charge_due" not in shown and "gone@else.example" not in shown and "Nothing needs you" in shown
    client.force_login(cast.alice)
    assert client.get(reverse("notice_list")).status_code == 403


def test_read_marks_are_each_persons_own(client, cast):
    make_trouble()
    client.force_login(cast.stella)
    client.post(reverse("notice_read"))
    client.force_login(make_staff("owner"))
    assert "bell-note-new" in page(client)


def test_an_export_is_told_to_who_asked(client, cast):
    other = make_staff("owner")
    for user, title in ((cast.stella, "My clients"), (other, "Secret list")):
        Export.objects.create(
            user=user,
            list_key="x",
            format="csv",
            title=title,
            language="en",
            time_zone="UTC",
            state="done",
            finished_at=clock.now(),
        )
    client.force_login(cast.stella)
    shown = page(client)
    assert "My clients" in shown and "Secret list" not in shown


def test_a_ticket_past_its_time_is_told(client, cast):
    ticket = open_ticket(
        client=cast.alice_client, department=Department.objects.first(), subject="Still down", body="x", actor=actor_of(cast.alice)
    )
    ticket.reply_due_at = clock.now() - timedelta(minutes=1)
    ticket.save()
    client.force_login(cast.stella)
    assert "Still down" in page(client)


def test_help_and_keys_are_pages(client, cast):
    client.force_login(make_staff())
    assert "Book a bank transfer" in client.get(reverse("help")).content.decode()
    assert "Ctrl" in client.get(reverse("keys")).content.decode()
