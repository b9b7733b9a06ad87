"""The mail sink: what goes in by SMTP comes out as JSON and on the page."""

import smtplib
import time
from email.message import EmailMessage

import pytest
import requests


@pytest.fixture
def mail(sandbox):
    sandbox.control("mail", "reset", {})
    return sandbox.mail


def send(mail, to="bob@example.com", subject="Grüße", html=True, message_id=""):
    message = EmailMessage()
    if message_id:
        message["Message-ID"] = message_id
    message["Subject"], message["From"], message["To"] = subject, "shop@example.com", to
    message.set_content("Hello\n.a line with a dot\n")
    if html:
        message.add_alternative("<p>Hello <script>alert(1)</script></p>", subtype="html")
    message.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="invoice.pdf")
    with smtplib.SMTP(mail.smtp_host, mail.smtp_port, timeout=5) as client:
        client.send_message(message)


def listed(mail, **query):
    return requests.get(f"{mail.url}/messages.json", params=query, timeout=5).json()


def test_a_message_is_kept_whole(mail):
    send(mail)
    row = listed(mail)[0]
    found = requests.get(f"{mail.url}/messages/{row['id']}.json", timeout=5).json()
    assert (found["subject"], found["recipients"]) == ("Grüße", ["bob@example.com"])
    assert found["text"].splitlines() == ["Hello", ".a line with a dot"]
    assert found["html"].startswith("<p>Hello")
    assert [part["name"] for part in found["attachments"]] == ["invoice.pdf"]
    attachment = requests.get(f"{mail.url}/messages/{row['id']}/attachments/0", timeout=5)
    assert (attachment.content, attachment.headers["Content-Type"]) == (b"%PDF-1", "application/pdf")


def test_searching_and_deleting(mail):
    send(mail, "bob@example.com", "One")
    last = listed(mail)[-1]
    send(mail, "eve@example.com", "Two")
    assert [row["subject"] for row in listed(mail, to="EVE")] == ["Two"]
    assert [row["subject"] for row in listed(mail, subject="one")] == ["One"]
    assert [row["subject"] for row in listed(mail, since=last["id"])] == ["Two"]
    assert [row["subject"] for row in listed(mail, since=last["at"])] == ["One", "Two"]
    requests.delete(f"{mail.url}/messages", timeout=5)
    assert listed(mail) == []


def test_html_cannot_run_scripts(mail):
    send(mail)
    page = requests.get(f"{mail.url}/messages/{listed(mail)[0]['id']}", timeout=5)
    assert "sandbox=" in page.text and "<script>alert" not in page.text
    frame = requests.get(f"{mail.url}/messages/{listed(mail)[0]['id']}/html", timeout=5)
    assert "allow-scripts" not in frame.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("kind", "error", "kept"),
    [
        ("4xx", smtplib.SMTPRecipientsRefused, 0),
        ("5xx", smtplib.SMTPRecipientsRefused, 0),
        ("drop", smtplib.SMTPServerDisconnected, 0),
        ("drop_after", smtplib.SMTPServerDisconnected, 1),
        ("refuse", (smtplib.SMTPServerDisconnected, ConnectionError), 0),
    ],
)
def test_faults(sandbox, mail, kind, error, kept):
    sandbox.control("mail", "faults", {"match": "", "kind": kind})
    with pytest.raises(error) as refusal:
        send(mail)
    if kind in ("4xx", "5xx"):
        assert str(next(iter(refusal.value.recipients.values()))[0])[0] == kind[0]
    assert len(listed(mail)) == kept
    send(mail)
    assert len(listed(mail)) == kept + 1


def test_a_mailbox_shows_one_of_two_deliveries_with_the_same_id(mail):
    for _delivery in range(2):
        send(mail, message_id="<one@shop.example>")
    (row,) = listed(mail)
    assert (row["copies"], row["message_id"]) == (2, "<one@shop.example>")
    for page in ("/", f"/messages/{row['id']}"):
        assert "delivered 2 times, shown once" in requests.get(mail.url + page, timeout=5).text


def test_another_mailbox_and_another_id_are_no_twins(mail):
    send(mail, message_id="<one@shop.example>")
    send(mail, "eve@example.com", message_id="<one@shop.example>")
    send(mail, "bob@example.com, eve@example.com, mia@example.com", message_id="<one@shop.example>")
    send(mail, message_id="<two@shop.example>")
    send(mail)
    send(mail)
    assert [(row["recipients"], row["copies"]) for row in listed(mail)] == [
        (["bob@example.com"], 2),
        (["eve@example.com"], 2),
        (["mia@example.com"], 1),
        (["bob@example.com"], 1),
        (["bob@example.com"], 1),
        (["bob@example.com"], 1),
    ]


@pytest.mark.parametrize("step", ["rcpt", "begin"])
def test_the_answer_before_the_text_can_be_late(sandbox, mail, step):
    sandbox.control("mail", "faults", {"match": f"{step} bob@", "kind": "delay", "seconds": 0.3})
    began = time.monotonic()
    send(mail)
    assert time.monotonic() - began > 0.3
    assert len(listed(mail)) == 1
