"""When a mail may have arrived: from the final dot on, and not before. Against a server on a real socket."""

import smtplib

import pytest
import requests

from hostbill.core import outgoing
from hostbill.core.channels import email as channel
from hostbill.core.channels.smtp import hand_over
from hostbill.core.models import Message, Outgoing
from hostbill.core.outgoing import LostClaim
from tests.core.test_notify import send

pytestmark = pytest.mark.django_db
MAIL = b"Subject: x\r\nMessage-ID: <x@shop.example>\r\n\r\n.a line with a dot\r\nlast line"


@pytest.fixture
def server(sandbox, settings):
    """The sink, empty and without faults, as the place our mails go to."""
    sandbox.control("mail", "reset", {})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = sandbox.mail.smtp_host, sandbox.mail.smtp_port
    settings.EMAIL_TIMEOUT = 2
    return sandbox


def arrived(server) -> list[tuple[str, int]]:
    rows = requests.get(f"{server.mail.url}/messages.json", timeout=5).json()
    return [(row["recipients"][0], row["copies"]) for row in rows]


def fault(server, match, kind, **more):
    server.control("mail", "faults", {"match": match, "kind": kind, **more})


def work_on(row) -> Message:
    Outgoing.objects.filter(pk=row.pk).update(next_try_at="2020-01-01T00:00Z")
    outgoing.process(row.pk)
    return Message.objects.get(pk=row.object_id)


class Dead(BaseException):
    """The process ends here."""


def die():
    raise Dead


def connect(server):
    return smtplib.SMTP(server.mail.smtp_host, server.mail.smtp_port, timeout=5)


def test_the_whole_text_arrives(server):
    with connect(server) as smtp:
        hand_over(smtp, "shop@shop.example", ["bob@example.com"], MAIL, before_dot=lambda: None)
    raw = requests.get(f"{server.mail.url}/messages/1/raw", timeout=5).content
    assert raw.replace(b"\r\n", b"\n").strip() == MAIL.replace(b"\r\n", b"\n")


def test_dead_before_the_dot_nothing_arrives(server):
    smtp = connect(server)
    with pytest.raises(Dead):
        hand_over(smtp, "shop@shop.example", ["bob@example.com"], MAIL, before_dot=die)
    smtp.close()
    assert arrived(server) == []


def test_one_of_two_recipients_is_refused(server):
    fault(server, "rcpt eve@", "5xx")
    with connect(server) as smtp:
        hand_over(smtp, "a@shop.example", ["eve@example.com", "bob@example.com"], MAIL, before_dot=lambda: None)
    assert arrived(server) == [("bob@example.com", 1)]


def test_dead_before_the_dot_is_a_plain_retry(server, monkeypatch):
    (message,) = send()
    row = Outgoing.objects.get(kind="core.message")
    with monkeypatch.context() as patch:
        patch.setattr(channel, "_note_handed", lambda message: die())
        with pytest.raises(Dead):
            outgoing.process(row.pk)
    Outgoing.objects.filter(pk=row.pk).update(state="unknown", claim=None)  # as when the lease is over
    message = work_on(row)
    assert (message.state, message.blind_retries, arrived(server)) == ("sent", 0, [(message.to_email, 1)])


@pytest.mark.parametrize("match", ["begin", "connect"])
def test_a_server_that_hangs_up_before_the_text_is_a_plain_retry(server, match):
    fault(server, match, "refuse" if match == "connect" else "drop")
    send()
    row = Outgoing.objects.get(kind="core.message")
    assert work_on(row).state == "queued"
    row.refresh_from_db()
    assert (row.state, row.must_look, row.error_code) == ("queued", False, "unreachable")
    message = work_on(row)
    assert (message.state, message.blind_retries, arrived(server)) == ("sent", 0, [(message.to_email, 1)])


@pytest.mark.parametrize(("kind", "copies"), [("drop_after", 2), ("drop_before", 1)])
def test_a_lost_answer_to_the_dot_is_tried_once_more(server, kind, copies):
    fault(server, "data", kind)
    send()
    row = Outgoing.objects.get(kind="core.message")
    assert work_on(row).handed_at
    message = work_on(row)
    assert (message.state, message.blind_retries, arrived(server)) == ("sent", 1, [(message.to_email, copies)])


def test_a_slow_worker_does_not_send_what_another_has_sent(server):
    """Its lease ran out before the dot; meanwhile the next worker was through."""
    send()
    row = Outgoing.objects.get(kind="core.message")
    slow = Message.objects.get(pk=row.object_id)
    assert work_on(row).state == "sent"
    with pytest.raises(LostClaim):
        channel.MessageSender().send(row)
    assert arrived(server) == [(slow.to_email, 1)]
