"""Logins by the WHMCS API: made, found, let into accounts."""

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied

from clients.models import Invitation, Membership, User
from hostbill.core.errors import AppError
from hostbill.core.models import Message
from tests.whmcs.calls import call, clerk

pytestmark = pytest.mark.django_db
NEW = {"firstname": "Lena", "lastname": "Brandt", "email": "Lena@brandt.example", "password2": "Lantern-Meadow-42"}


@pytest.fixture
def stella(cast):
    return cast.stella_actor


def test_a_login_of_its_own(stella):
    user = User.objects.get(pk=call(stella, "AddUser", **NEW, language="german")["user_id"])
    assert (user.name, user.email, user.language, user.is_staff) == ("Lena Brandt", "lena@brandt.example", "de", False)
    assert user.check_password(NEW["password2"])
    weak = {"email": "l@b.example", "password2": "short"}
    for changes, words in (({}, "login with this address"), ({"email": "x"}, "mail"), (weak, "password")):
        with pytest.raises(AppError, match=words):
            call(stella, "AddUser", **{**NEW, **changes})


def test_whose_address_it_is_is_told(stella):
    """Whoever chose the password may not be the person: the mail leads to a password of their own."""
    call(stella, "AddUser", **NEW)
    mail = Message.objects.get(to_email="lena@brandt.example")
    assert mail.kind == "clients.login_made" and "/password/reset/key/" in mail.text and NEW["password2"] not in mail.text
    with pytest.raises(PermissionDenied):
        call(clerk("clients.client.edit"), "AddUser", **NEW | {"email": "other@brandt.example"})


def test_nobody_is_flooded_with_mails(cast, stella):
    cache.clear()
    for _again in range(3):
        call(stella, "ResetPassword", id=cast.bob.pk)
    with pytest.raises(AppError, match="Too many mails"):
        call(stella, "ResetPassword", email=cast.bob.email)
    call(stella, "ResetPassword", id=cast.charlie.pk)
    for _again in range(20):
        call(stella, "SendAdminEmail", customsubject="x", custommessage="y")
    with pytest.raises(AppError, match="Too many mails"):
        call(stella, "SendAdminEmail", customsubject="x", custommessage="y")
    cache.clear()


def test_the_list_knows_clients_people_only(cast, stella):
    found = call(stella, "GetUsers", search="bob")
    assert found["users"][0]["clients"] == [{"id": cast.alice_client.pk, "isOwner": False}]
    assert (found["users"][0]["firstname"], found["users"][0]["lastname"]) == ("Bob", "Rahman")
    everybody = call(stella, "GetUsers", sorting="DESC")
    assert [row["email"] for row in everybody["users"]] == ["charlie@brandt.example", "bob@weaves.example", "alice@weaves.example"]


def test_changing_a_login(cast, stella):
    call(stella, "UpdateUser", user_id=cast.bob.pk, firstname="Robert", language="german")
    cast.bob.refresh_from_db()
    assert (cast.bob.name, cast.bob.language) == ("Robert Rahman", "de")
    with pytest.raises(AppError, match="confirm"):
        call(stella, "UpdateUser", user_id=cast.bob.pk, email="other@weaves.example")
    for pk in (cast.stella.pk, 999999, "x"):
        with pytest.raises(AppError):
            call(stella, "UpdateUser", user_id=pk, firstname="Nobody")


def test_a_link_for_a_new_password(cast, stella, client):
    call(stella, "ResetPassword", email="BOB@weaves.example")
    message = Message.objects.get(to_email=cast.bob.email)
    link = next(word for word in message.text.split() if "/password/reset/key/" in word)
    page = client.get(link.partition("://")[2].partition("/")[1] + link.partition("://")[2].partition("/")[2], follow=True)
    assert page.status_code == 200 and "password1" in page.content.decode()
    call(stella, "ResetPassword", id=cast.charlie.pk)
    with pytest.raises(AppError, match="No user found"):
        call(stella, "ResetPassword", email=cast.stella.email)
    with pytest.raises(AppError, match="Please enter"):
        call(stella, "ResetPassword")


def test_rights_in_an_account(cast, stella):
    member = {"user_id": cast.bob.pk, "client_id": cast.alice_client.pk}
    assert call(stella, "GetUserPermissions", **member)["permissions"] == ["tickets"]
    call(stella, "UpdateUserPermissions", **member, permissions="invoices,tickets")
    assert Membership.objects.get(user=cast.bob).areas == ["billing", "support"]
    call(stella, "UpdateUserPermissions", **member, permissions=["products"])
    assert call(stella, "GetUserPermissions", **member)["permissions"] == ["products", "manageproducts", "productsso", "orders"]
    with pytest.raises(AppError, match="owner"):
        call(stella, "UpdateUserPermissions", user_id=cast.alice.pk, client_id=cast.alice_client.pk, permissions="tickets")
    with pytest.raises(AppError, match="Invalid permissions"):
        call(stella, "UpdateUserPermissions", **member, permissions="domains")
    with pytest.raises(AppError, match="not associated"):
        call(stella, "GetUserPermissions", user_id=cast.charlie.pk, client_id=cast.alice_client.pk)
    call(stella, "DeleteUserClient", **member)
    assert not Membership.objects.filter(user=cast.bob).exists()
    with pytest.raises(PermissionDenied):
        call(clerk("clients.client.view", "clients.user.view"), "DeleteUserClient", **member)


def test_an_invitation(cast, stella):
    call(stella, "CreateClientInvite", client_id=cast.alice_client.pk, email="new@weaves.example", permissions="invoices,products")
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.areas) == ("new@weaves.example", ["billing", "services"])


def test_the_list_of_rights(stella):
    found = call(stella, "GetPermissionsList")
    assert found["status"] == "success" and {"key": "tickets", "title": "View & Open Support Tickets"} in found["permissions"]["permission"]
