"""Pages of people and accounts, through HTTP, with the cast."""

import pytest

from clients.actions.membership import invitation_token, invite_member
from clients.models import Client, Membership, Note, StaffRole, User
from clients.queries.actor import actor_of
from hostbill.core.access import SYSTEM
from tests.factories import PASSWORD, ClientFactory, make_staff

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def browse(client):
    """A browser signed in as somebody."""

    def _browse(user):
        client.force_login(user, backend=BACKEND)
        return client

    return _browse


PORTAL = ["", "profile/", "company/", "people/", "people/invite/", "messages/", "tickets/", "tickets/new/"]
STAFF = ["", "clients/", "clients/new/", "users/", "users/new/", "roles/", "roles/new/", "tickets/", "tickets/new/", "departments/"]


@pytest.mark.parametrize("path", PORTAL)
def test_portal_pages_by_role(cast, browse, path):
    """Alice sees all; Bob only what his areas allow; staff have no client area."""
    url = f"/account/{path}"
    assert browse(cast.alice).get(url).status_code == 200
    allowed = path in ("", "profile/", "tickets/", "tickets/new/")
    assert browse(cast.bob).get(url).status_code == (200 if allowed else 403)
    assert browse(cast.stella).get(url).status_code in (302, 404)


@pytest.mark.parametrize("path", STAFF)
def test_staff_pages_by_role(cast, browse, path):
    """Stella sees all, clients none."""
    assert browse(cast.stella).get(f"/staff/{path}").status_code == 200
    assert browse(cast.alice).get(f"/staff/{path}").status_code == 403


def test_foreign_objects_do_not_exist(cast, browse):
    """Charlie guesses the ids of Alice's account."""
    bob = cast.bob.memberships.get()
    invitation = invite_member(cast.alice_client, actor=cast.alice_actor, email="d@weaves.example", areas=["billing"])
    charlie = browse(cast.charlie)
    assert charlie.get(f"/account/people/{bob.pk}/").status_code == 404
    assert charlie.post(f"/account/people/{bob.pk}/remove/").status_code == 404
    assert charlie.post(f"/account/people/invitations/{invitation.pk}/withdraw/").status_code == 404
    assert charlie.post("/account/switch/", {"client": cast.alice_client.pk}).status_code == 404
    assert Membership.objects.filter(pk=bob.pk).exists()


def test_switching_between_accounts(cast, browse):
    """Alice belongs to two accounts and sees one at a time; the rights are those of the chosen one."""
    second = ClientFactory(company="Second Shop")
    Membership.objects.create(user=cast.alice, client=second, areas=["support"])
    page = browse(cast.alice)
    assert page.get("/account/company/").status_code == 200
    assert page.post("/account/switch/", {"client": second.pk}).url == "/account/"
    assert b"Second Shop" in page.get("/account/").content
    assert page.get("/account/company/").status_code == 403
    assert page.post("/account/switch/", {"client": "x"}).status_code == 404


def test_staff_create_and_change_a_client(cast, browse):
    """Through the forms; a refusal stays on the page."""
    page = browse(cast.stella)
    data = {"company": "", "first_name": "", "last_name": "", "email": "n@people.example", "language": "en", "currency": "EUR"}
    assert page.post("/staff/clients/new/", data).status_code == 422
    data |= {"company": "New Mill", "currency": "xxq"}
    assert page.post("/staff/clients/new/", data).status_code == 422
    assert page.post("/staff/clients/new/", data | {"currency": "kwd"}).status_code == 302
    mill = Client.objects.get(company="New Mill")
    assert mill.currency == "KWD"
    page.post(f"/staff/clients/{mill.pk}/edit/", data | {"city": "Kuwait"})
    page.post(f"/staff/clients/{mill.pk}/note/", {"body": "Call first"})
    page.post(f"/staff/clients/{mill.pk}/close/", {"reason": "test"})
    mill.refresh_from_db()
    assert (mill.city, mill.status, Note.objects.get().body) == ("Kuwait", "closed", "Call first")
    shown = page.get(f"/staff/clients/{mill.pk}/").content.decode()
    assert "Call first" in shown and "New Mill" in shown


def test_read_only_staff_cannot_post(cast, browse):
    """They see the page, the verbs answer 403."""
    page = browse(make_staff("read-only"))
    assert page.get(f"/staff/clients/{cast.alice_client.pk}/").status_code == 200
    for path in ("edit/", "note/", "close/", "invite/"):
        assert page.post(f"/staff/clients/{cast.alice_client.pk}/{path}", {"reason": "x", "body": "x"}).status_code == 403


def test_invited_newcomer_gets_a_login_and_lands_in_the_account(cast, client):
    """Name and password, nothing more; the second use of the link is told so."""
    invitation = invite_member(cast.alice_client, actor=cast.alice_actor, email="dora@weaves.example", areas=["billing"])
    url = f"/account/join/{invitation_token(invitation)}/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "Dora", "password": "short"}).status_code == 200
    assert client.post(url, {"name": "Dora", "password": PASSWORD}).url == "/account/"
    dora = User.objects.get(email="dora@weaves.example")
    assert actor_of(dora).clients_with("billing") == [cast.alice_client.pk]
    assert client.get(url).status_code == 410


def test_invited_person_with_a_login_signs_in_first(cast, client):
    """Charlie is invited; Bob, signed in, is told that it is not for him."""
    invitation = invite_member(cast.alice_client, actor=SYSTEM, email="charlie@brandt.example", areas=["support"])
    url = f"/account/join/{invitation_token(invitation)}/"
    assert client.get(url).status_code == 302
    client.force_login(cast.bob, backend=BACKEND)
    assert client.post(url).status_code == 200
    client.force_login(cast.charlie, backend=BACKEND)
    assert client.post(url).url == "/account/"
    assert set(actor_of(cast.charlie).client_ids) == {cast.charlie_client.pk, cast.alice_client.pk}


def test_role_form_keeps_chosen_permissions(cast, browse):
    """Patterns are shown spelt out, and saved as chosen."""
    page, role = browse(cast.stella), StaffRole.objects.get(code="support-agent")
    form = page.get(f"/staff/roles/{role.pk}/")
    form = form.context["form"]
    field = next(name for name in form.fields if "support.ticket.view" in str(form[name]))
    assert "support.ticket.reply" in form.fields[field].initial
    page.post(f"/staff/roles/{role.pk}/", {"name": "Support agent", field: ["support.ticket.view"]})
    role.refresh_from_db()
    assert role.permissions == ["support.ticket.view"]


def test_language_and_theme_of_the_profile(cast, browse):
    """Saved for the person, spoken at once."""
    page = browse(cast.alice)
    page.post("/account/profile/", {"name": "Alice", "language": "de", "time_zone": "Asia/Dhaka", "theme": "dark"})
    cast.alice.refresh_from_db()
    assert (cast.alice.language, cast.alice.time_zone) == ("de", "Asia/Dhaka")
    assert page.cookies["language"].value == "de"


def choose(page, path, **data):
    """What a press in the menu sends: the browser names the page's own site."""
    return page.post(
        f"/preferences/{path}/", {"next": "/", **data}, headers={"origin": "http://testserver"}, follow=True
    )


def test_the_language_menu_changes_the_profile_and_says_so_in_that_language(cast, browse):
    """The account that is hers alone follows; one kept in a language of its own does not."""
    own = ClientFactory(company="Own language", email=cast.alice.email, language="bn")
    Membership.objects.create(user=cast.alice, client=own, is_owner=True)
    Client.objects.filter(pk=cast.alice_client.pk).update(email=cast.alice.email)
    told = choose(browse(cast.alice), "language", language="de").context["messages"]
    assert [str(message) for message in told] == ["Sprache geändert. Auch unsere E-Mails kommen in dieser Sprache."]
    cast.alice.refresh_from_db(), cast.alice_client.refresh_from_db(), own.refresh_from_db()
    assert (cast.alice.language, cast.alice_client.language, own.language) == ("de", "de", "bn")
    assert cast.alice_client.recipients("billing")[0][2] == "de"
    assert not list(choose(browse(cast.alice), "language", language="de").context["messages"])


def test_a_colleagues_language_leaves_the_account_alone(cast, browse):
    """Bob is no owner; nonsense and visitors change nobody."""
    page = browse(cast.bob)
    choose(page, "language", language="am")
    choose(page, "language", language="xx")
    choose(page, "theme", theme="dark")
    cast.bob.refresh_from_db(), cast.alice_client.refresh_from_db()
    assert (cast.bob.language, cast.bob.theme, cast.alice_client.language) == ("am", "dark", "en")
    page.logout()
    assert not list(choose(page, "language", language="de").context["messages"])
    assert page.cookies["language"].value == "de"


def test_the_way_to_close_an_account_leads_to_a_ticket_that_says_so(cast, browse):
    shown = browse(cast.alice).get("/account/company/").content.decode()
    address = shown.partition('href="/account/tickets/new/?subject=')[2].partition('"')[0]
    asked = browse(cast.alice).get(f"/account/tickets/new/?subject={address}").content.decode()
    assert 'value="Please close this account"' in asked
