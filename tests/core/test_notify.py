"""Mail: what staff may write, what values may do, that one act makes one mail, and what an unsure mail server causes."""

import smtplib
from datetime import date
from decimal import Decimal
from email.utils import parseaddr

import pytest
from django.core import mail
from django.db import transaction

from hostbill.core import notify, outgoing, wording
from hostbill.core.access import Actor
from hostbill.core.channels import email as channel
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Message, MessageTemplate, Outgoing
from hostbill.core.money import Money
from hostbill.core.notices import Notice, register_notice
from hostbill.core.notify import Recipient

STELLA = Actor(kind="staff", user_id=1, label="Stella", superuser=True)

register_notice(
    Notice(
        kind="tests.parcel",
        label="Parcel",
        audience="client",
        subject="Parcel {{ number }} for {{ who }}",
        body="# Your parcel\n\n{{ hello }}, parcel **{{ number }}** waits.\n\n[[facts]]\n\n[[button]]\n\nKind regards",
        context={"number": "its number", "who": "for whom", "amount": "price", "due_on": "day", "url": "where"},
        button=("Collect for {{ amount }}", "url"),
    )
)


LENA = Recipient("lena@people.example", "Lena Brandt")


def send(key="parcel:1", to=LENA, **context):
    """One parcel notice."""
    values = {
        "number": "P-1",
        "who": "Lena",
        "url": "https://host.example/p/1",
        "amount": Money(Decimal("47.6"), "EUR"),
    }
    return notify.notify("tests.parcel", to=to, context=values | context, key=key, client_id=7)


# --- the language staff write in ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "{{ text.__class__ }}",
        "{{ text.upper }}",
        "{{ items.__init__.__globals__ }}",
        "{{ missing }}",
        "{% include 'base/email/layout.html' %}",
        "{% render 'x' %}",
        "{{ text | safe }}",
        "{% for i in (1..9999) %}{% for j in (1..9999) %}x{% endfor %}{% endfor %}",
        "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 20 + "{{ a }}",
        "{% for i in (1..1900) %}{{ long }}{% endfor %}",
        "{% if %}",
        "{{ text",
        "x" * 30_000,
    ],
)
def test_wording_is_refused(source):
    with pytest.raises(wording.WordingError):
        wording.render_markdown(source, {"text": "a", "items": ["b"], "long": "y" * 200})


def test_wording_offers_the_useful():
    source = "{% if n > 1 %}{% for i in items %}{{ i | upcase }} {% endfor %}{% else %}none{% endif %}"
    assert wording.render_markdown(source, {"n": 2, "items": ["a", "b"]}) == "A B "


def test_values_are_text_in_markdown_and_html():
    evil = "[Click](http://bad.example) <script>alert(1)</script> **loud**\n\n# Big"
    html = wording.to_html(wording.render_markdown("Hello {{ who }}!", {"who": evil}))
    assert "<a" not in html
    assert "<script" not in html
    assert "<strong" not in html
    assert "<h1" not in html
    assert "[Click](http://bad.example)" in wording.html_to_text(html)


def test_captured_text_is_escaped_once():
    markdown = wording.render_markdown("{% capture x %}{{ who }}{% endcapture %}{{ x }}", {"who": "A_b"})
    assert wording.html_to_text(wording.to_html(markdown)) == "A_b"


def test_links_go_to_the_web_only():
    html = wording.to_html("[a](javascript:alert(1)) [b](/x) [c](https://ok.example) <img src=x onerror=alert(1)>")
    assert html.count("href") == 1
    assert "<img" not in html


def test_context_takes_plain_data_only():
    with pytest.raises(TypeError):
        wording.plain({"row": Message()}, "en")


def test_dates_and_money_become_words():
    values = wording.plain({"day": date(2027, 10, 15), "sum": Money(Decimal("-1234.5"), "EUR")}, "en")
    assert values == {"day": "15 October 2027", "sum": "−€1,234.50"}


# --- one act, one mail --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_message_is_rendered_at_once_and_sent_by_the_worker(drain):
    (message,) = send()
    assert (message.state, message.client_id, message.to) == ("queued", 7, "Lena Brandt <lena@people.example>")
    assert "Collect for €47.60" in message.html
    assert "Hello Lena Brandt, parcel P-1 waits." in message.text
    assert "https://host.example/p/1" in message.text
    drain()
    message.refresh_from_db()
    assert message.state == "sent"
    assert message.sent_at
    (sent,) = mail.outbox
    assert sent.subject == "Parcel P-1 for Lena"
    assert sent.extra_headers["Message-ID"] == channel.message_id(message)
    assert sent.message().as_bytes().count(b"Content-ID") == 1


register_notice(
    Notice(
        kind="tests.plain",
        label="Plain",
        audience="client",
        subject="Plain",
        body="First.\n\nSecond.",
        context={"quote": "words", "link": "where"},
        button=("Go", "link"),
    )
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("context", "order"),
    [
        ({}, ["First.", "Second."]),
        ({"link": "https://x.example"}, ["First.", "Go", "Second."]),
        ({"link": "javascript:alert(1)", "quote": "[[button]]\n<b>"}, ["First.", "&gt; [[button]]", "Second."]),
    ],
)
def test_unmarked_body_takes_blocks_after_its_first_paragraph(context, order):
    (message,) = notify.notify("tests.plain", to="lena@people.example", context=context, key="plain")
    places = [message.text.index(words.replace("&gt;", ">")) for words in order]
    assert places == sorted(places)
    assert "First.Second" not in message.text
    assert "javascript" not in message.html
    assert "<b>" not in message.html


@pytest.mark.django_db
def test_same_key_sends_nothing(drain):
    first, second = send()[0], send(number="P-2")[0]
    drain()
    assert first.pk == second.pk
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_rolled_back_act_sends_nothing(drain):
    def act():
        with transaction.atomic():
            send()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    drain()
    assert not mail.outbox
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_each_mailbox_once_in_its_language(drain):
    readers = [("a@x.example", "A", "en"), ("A@x.example", "A", "en"), ("b@x.example", "B", "de")]
    assert {m.to_email for m in send(to=readers)} == {"a@x.example", "b@x.example"}


@pytest.mark.django_db
def test_no_header_can_be_added(drain):
    send(number="1\r\nBcc: thief@bad.example", to=Recipient("lena@people.example", "Lena\r\nBcc: thief@bad.example"))
    drain()
    (sent,) = mail.outbox
    assert [parseaddr(item)[1] for item in sent.recipients()] == ["lena@people.example"]
    assert sent.message()["Bcc"] is None
    assert "\n" not in sent.subject


# --- staff's own wording ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_staff_wording_counts():
    MessageTemplate.objects.create(
        kind="tests.parcel", language="en", subject="Yours: {{ number }}", body="Come, {{ who }}."
    )
    (message,) = send()
    assert message.subject == "Yours: P-1"
    assert "Come, Lena." in message.text


@pytest.mark.django_db
def test_broken_staff_wording_falls_back():
    MessageTemplate.objects.create(kind="tests.parcel", language="en", subject="{{ oops }}", body="x")
    assert send()[0].subject == "Parcel P-1 for Lena"


# --- sending again, and an unsure server ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_link_of_a_message_that_opens_a_login_is_not_kept(drain):
    values = {"number": "P-1", "who": "Lena", "url": "https://host.example/p/opens-a-login", "amount": "1"}
    (message,) = notify.notify(
        "tests.parcel", to=LENA, context=values, key="private:1", subject_ref=(Message.PRIVATE, None)
    )
    assert "opens-a-login" in message.text
    drain()
    message.refresh_from_db()
    assert message.state == "sent" and "opens-a-login" in mail.outbox[0].body
    assert "opens-a-login" not in message.text + message.html
    with pytest.raises(AppError):
        notify.resend(message, STELLA)


@pytest.mark.django_db
def test_resend_is_a_new_message_with_the_same_words(drain):
    (message,) = send()
    with pytest.raises(AppError):
        notify.resend(message, STELLA)
    drain()
    again = notify.resend(message, STELLA)
    drain()
    assert (again.resend_of_id, again.subject, again.html) == (message.pk, message.subject, message.html)
    assert len({m.extra_headers["Message-ID"] for m in mail.outbox}) == 2
    assert Change.objects.filter(action="core.message_resent", object_id=again.pk).exists()


@pytest.mark.django_db
def test_attachment_is_rendered_when_sending(drain):
    notify.register_attachment("tests.note", lambda object_id: (f"note-{object_id}.txt", b"text", "text/plain"))
    notify.notify("tests.parcel", to="lena@people.example", context={}, key="parcel:9", attachments=[("tests.note", 9)])
    drain()
    assert ("note-9.txt", "text", "text/plain") in [
        tuple(item) for item in mail.outbox[0].attachments if not hasattr(item, "get_payload")
    ]


class Server:
    """A mail server that answers as told; stands for Django's backend."""

    def __init__(self, *answers):
        self.answers, self.taken = list(answers), []

    def __call__(self, *args, **kwargs):
        return self

    def open(self):
        """Connect."""
        answer = self.answers[0] if self.answers else None
        if isinstance(answer, ConnectionRefusedError):
            raise self.answers.pop(0)

    def close(self):
        """Hang up."""

    def send_messages(self, mails):
        """Take the mail, then answer as told."""
        self.taken += [m.extra_headers["Message-ID"] for m in mails]
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer


def outcome(monkeypatch, *answers, rounds=4):
    """The message's state and the server after trying as often as the program would."""
    server = Server(*answers)
    monkeypatch.setattr(channel, "get_connection", server)
    (message,) = send()
    row = Outgoing.objects.get(kind="core.message")
    for _round in range(rounds):
        Outgoing.objects.filter(pk=row.pk).update(next_try_at="2020-01-01T00:00Z")
        outgoing.process(row.pk)
    message.refresh_from_db()
    return message, server


@pytest.mark.django_db
def test_lost_answer_once_is_sent_again_with_the_same_id(monkeypatch):
    message, server = outcome(monkeypatch, TimeoutError("timed out"))
    assert message.state == "sent"
    assert len(server.taken) == 2
    assert len(set(server.taken)) == 1


@pytest.mark.django_db
def test_lost_answer_twice_is_left_to_staff(monkeypatch):
    message, server = outcome(monkeypatch, TimeoutError(), smtplib.SMTPServerDisconnected("gone"))
    assert message.state == "failed"
    assert "may have arrived" in message.error
    assert len(server.taken) == 2


@pytest.mark.django_db
def test_unreachable_server_is_tried_again(monkeypatch):
    message, server = outcome(monkeypatch, ConnectionRefusedError("no"), ConnectionRefusedError("no"))
    assert message.state == "sent"
    assert len(server.taken) == 1


@pytest.mark.django_db
def test_unknown_mailbox_fails_for_good(monkeypatch):
    refusal = smtplib.SMTPRecipientsRefused({"lena@people.example": (550, b"no such user")})
    message, server = outcome(monkeypatch, refusal)
    assert (message.state, len(server.taken)) == ("failed", 1)
    assert "550 no such user" in message.error


@pytest.mark.django_db
def test_worker_dead_after_the_servers_yes_sends_no_twin(monkeypatch):
    server = Server()
    monkeypatch.setattr(channel, "get_connection", server)
    (message,) = send()
    row = Outgoing.objects.get(kind="core.message")
    channel.MessageSender().send(row)  # the worker dies here: nothing is settled
    Outgoing.objects.filter(pk=row.pk).update(state="unknown", must_look=True, attempts=1)
    outgoing.process(row.pk)
    message.refresh_from_db()
    assert message.state == "sent"
    assert len(server.taken) == 1


@pytest.mark.django_db
def test_readers_see_their_own_messages_only():
    send()
    alice, charlie = Actor(kind="client", client_ids=(7,)), Actor(kind="client", client_ids=(8,))
    assert Message.objects.visible_to(alice).count() == 1
    assert Message.objects.visible_to(charlie).count() == 0
    assert Message.objects.visible_to(STELLA).count() == 1
    assert Message.objects.visible_to(Actor(kind="staff")).count() == 0
