"""The message log and the editor of wording, through HTTP."""

import pytest
from django.urls import reverse

from hostbill.core import notify
from hostbill.core.models import Change, Message, MessageTemplate
from hostbill.core.notices import all_notices
from hostbill.core.notify import shipped_wording
from hostbill.core.own_wording import preview

pytestmark = pytest.mark.django_db
KIND = "clients.email_confirm"


@pytest.fixture
def stella(cast, client):
    """Signed in as staff who may do everything."""
    client.force_login(cast.stella, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def message(cast):
    """One mail to Alice."""
    context = {"email": "alice@weaves.example", "link": "https://host.example/c/1"}
    (row,) = notify.notify(KIND, to=cast.alice.email, context=context, key="confirm:1", client_id=cast.alice_client.pk)
    return row


def edit_url(kind=KIND, language="en"):
    """The editor's address."""
    return reverse("template_edit", args=[kind, language])


def test_list_and_detail_show_the_mail(stella, message):
    assert message.subject in stella.get(reverse("message_list")).content.decode()
    page = stella.get(reverse("message_detail", args=[message.pk])).content.decode()
    assert message.to_email in page
    assert reverse("message_body", args=[message.pk]) in page


def test_mail_is_framed_without_script(stella, message):
    Message.objects.filter(pk=message.pk).update(html="<p>Hello</p><img src='cid:mark@hostbill'>")
    response = stella.get(reverse("message_body", args=[message.pk]))
    policy = response["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "data:image/png" in response.content.decode()


def test_clients_and_visitors_see_no_log(cast, client, message):
    names = ["message_list", "template_list"]
    urls = [reverse(name) for name in names] + [reverse("message_body", args=[message.pk]), edit_url()]
    assert {client.get(url).status_code for url in urls} == {302}
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    assert {client.get(url).status_code for url in urls} == {403}


def test_resend(stella, message, drain):
    url = reverse("message_resend", args=[message.pk])
    stella.post(url)
    assert Message.objects.count() == 1, "it is still on its way"
    drain()
    stella.post(url)
    assert Message.objects.get(resend_of=message).subject == message.subject


def test_own_words_are_kept_logged_and_reset(stella):
    words = {"subject": "Is {{ email }} yours?", "body": "{{ hello }}, tell us.\n\n[[button]]", "is_active": "on"}
    assert stella.post(edit_url(), words).status_code == 302
    row = MessageTemplate.objects.get(kind=KIND, language="en")
    assert (row.subject, row.is_active) == ("Is {{ email }} yours?", True)
    assert Change.objects.filter(action="core.wording_changed").exists()
    stella.post(reverse("template_reset", args=[KIND, "en"]))
    assert not MessageTemplate.objects.exists()


def test_wrong_words_are_refused_beside_the_field(stella):
    response = stella.post(edit_url(), {"subject": "Fine", "body": "{{ oops }}", "is_active": "on"})
    assert response.status_code == 200
    assert "oops" in str(response.context["form"].errors["body"])
    assert not MessageTemplate.objects.exists()


def test_preview_shows_the_draft_to_its_author_only(stella, cast, client):
    url = reverse("template_preview", args=[KIND, "en"])
    answer = stella.post(url, {"subject": "S", "body": "Draft {{ email }}"})
    frame = answer.context["preview"]["url"]
    assert "Draft" in stella.get(frame).content.decode()
    assert "gone" in stella.get(f"{url}?draft=guess").content.decode()


def test_a_mail_is_shown_light_and_dark_whatever_the_screen_is(stella, message):
    """The editor and the log offer both; the dark rules of the layout are switched on and off."""
    url = reverse("message_body", args=[message.pk])
    assert "prefers-color-scheme: dark" in stella.get(url).content.decode()
    looks = {scheme: stella.get(f"{url}?scheme={scheme}").content.decode() for scheme in ("light", "dark")}
    assert "prefers-color-scheme: dark" not in looks["light"] + looks["dark"]
    assert "@media not all" in looks["light"] and "@media all" in looks["dark"]
    page = stella.get(reverse("message_detail", args=[message.pk])).content.decode()
    assert page.count("<iframe") == 3 and f"{url}?scheme=dark" in page


def test_test_mail_goes_to_oneself(stella, cast, drain, mailoutbox):
    words = {"subject": "S", "body": "Draft {{ email }}", "act": "test"}
    stella.post(edit_url(), words)
    drain()
    (mail,) = mailoutbox
    assert cast.stella.email in mail.to[0]
    assert mail.subject == "[Test] S"


def test_unknown_notice_and_language_are_not_found(stella):
    assert stella.get(edit_url("no.such")).status_code == 404
    assert stella.get(edit_url(KIND, "xx")).status_code == 404


def test_every_shipped_wording_can_be_rendered():
    for notice in all_notices():
        composed = preview(notice, shipped_wording(notice, "en"), "en")
        assert composed.subject, notice.kind
        assert "{{" not in composed.text, notice.kind
        assert "[[" not in composed.text, notice.kind
