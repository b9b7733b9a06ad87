"""Logins and staff roles: addresses, passwords, and that nobody gives away more than they have."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from clients.actions.staff_role import create_role, delete_role, update_role
from clients.actions.user import create_staff, create_user, update_profile, update_staff
from clients.models import StaffRole, User
from clients.queries.actor import actor_of
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change
from tests.factories import PASSWORD, make_staff


def test_address_is_unique_whatever_its_case(cast):
    """The action says so in words, the database enforces it."""
    with pytest.raises(AppError) as refused:
        create_user("ALICE@weaves.example", PASSWORD)
    assert refused.value.code == "email_taken"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="Alice@Weaves.example")])


def test_password_is_argon2_and_never_in_the_log(db):
    """Stored by Argon2; the change log holds no hash."""
    user = create_user("new@people.example", PASSWORD)
    assert user.password.startswith("argon2")
    assert user.check_password(PASSWORD)
    assert "argon2" not in str(list(Change.objects.values_list("fields", flat=True)))


@pytest.mark.parametrize("password", ["short", "password1234", "new@people.example"])
def test_weak_passwords_are_refused(db, password):
    """Too short, too common, too much like the address."""
    with pytest.raises(AppError) as refused:
        create_user("new@people.example", password)
    assert refused.value.code == "weak_password"
    assert not User.objects.exists()


def test_without_password_nobody_can_sign_in(db):
    """Only a reset link opens such a login."""
    user = create_user("new@people.example")
    assert not user.has_usable_password()


def test_profile_is_changed_by_its_owner_only(cast):
    """And only the fields of a profile."""
    update_profile(cast.alice, actor=cast.alice_actor, language="bn", theme="dark")
    with pytest.raises(PermissionDenied):
        update_profile(cast.alice, actor=cast.bob_actor, language="de")
    with pytest.raises(AppError):
        update_profile(cast.alice, actor=cast.alice_actor, is_staff=True)
    cast.alice.refresh_from_db()
    assert (cast.alice.language, cast.alice.theme, cast.alice.is_staff) == ("bn", "dark", False)


def test_nobody_gives_more_rights_than_they_have(cast):
    """Somebody who manages people, without money rights, cannot make a billing clerk nor touch an owner."""
    create_role(actor=SYSTEM, name="People", permissions=["clients.user.edit", "clients.user.view"])
    people = actor_of(make_staff("people"))
    clerk = StaffRole.objects.get(code="billing-clerk")
    with pytest.raises(AppError) as refused:
        create_staff("new@hostbill.example", actor=people, roles=[clerk])
    assert refused.value.code == "more_than_own"
    with pytest.raises(AppError):
        update_staff(cast.stella, actor=people, roles=[], is_active=False)
    with pytest.raises(AppError):
        create_role(actor=people, name="Mighty", permissions=["clients.client.close"])
    assert not User.objects.filter(email="new@hostbill.example").exists()


def test_nobody_locks_themselves_out(cast):
    """Own roles and own switch are for a colleague."""
    with pytest.raises(AppError) as refused:
        update_staff(cast.stella, actor=cast.stella_actor, roles=[], is_active=True)
    assert refused.value.code == "own_login"


def test_inactive_staff_has_no_session(cast, client):
    """Switched off means out, also for a session that is open."""
    helper = make_staff("support-agent")
    client.force_login(helper, backend="django.contrib.auth.backends.ModelBackend")
    update_staff(helper, actor=cast.stella_actor, roles=[], is_active=False)
    assert client.get("/staff/clients/").status_code == 302


def test_role_changes_and_deletion(cast):
    """A role in use stays; the almighty one cannot be narrowed."""
    role = create_role(actor=cast.stella_actor, name="Night shift", permissions=["support.ticket.view"])
    update_role(role, actor=cast.stella_actor, name="Night", permissions=["support.ticket.view", "clients.client.view"])
    helper = make_staff("night-shift")
    assert actor_of(helper).may("clients.client.view")
    with pytest.raises(AppError):
        delete_role(role, actor=cast.stella_actor)
    helper.roles.clear()
    delete_role(role, actor=cast.stella_actor)
    with pytest.raises(AppError):
        update_role(StaffRole.objects.get(code="owner"), actor=cast.stella_actor, name="Owner", permissions=[])


def test_visible_users(cast):
    """Alice manages people and sees her colleague; Bob, without that area, sees nobody."""
    seen = set(User.objects.visible_to(cast.alice_actor).values_list("email", flat=True))
    assert seen == {"alice@weaves.example", "bob@weaves.example"}
    assert not User.objects.visible_to(cast.bob_actor).exists()
