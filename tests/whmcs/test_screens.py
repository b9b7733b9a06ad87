"""Credentials and roles in the console."""

import pytest
from django.urls import reverse

from clients.actions.api_credential import create_credential, delete_api_role
from clients.models import ApiCredential, ApiRole, StaffRole
from clients.queries.actor import actor_of
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Message
from tests.factories import make_staff
from tests.security.conftest import browser
from tests.whmcs.conftest import Caller, caller_for, make_role

pytestmark = pytest.mark.django_db
CREATE, LIST = "whmcs:api_credential_create", "whmcs:api_credential_list"


@pytest.fixture
def everything(cast):
    return ApiRole.objects.get(name="Everything")


def test_the_secret_is_shown_once_and_kept_as_a_hash(cast, everything, drain):
    page = browser(cast.stella).post(reverse(CREATE), {"label": "Order form", "roles": [everything.pk], "networks": "10.0.0.0/8"})
    credential, secret = ApiCredential.objects.get(), page.context["secret"]
    told = page.content.decode()
    assert len(credential.identifier) == len(secret) == 32 and credential.identifier in told and secret in told
    assert secret not in repr(credential.__dict__) and credential.networks == ["10.0.0.0/8"]
    assert "no-store" in page["Cache-Control"]
    assert secret not in browser(cast.stella).get(reverse(LIST)).content.decode()
    drain()
    mail = Message.objects.get(kind="clients.api_credential_made")
    assert mail.to_email == cast.stella.email and "Order form" in mail.subject and secret not in mail.text
    change = Change.objects.get(action="clients.api_credential_created")
    assert change.fields == {"roles": ["", "Everything"]}
    assert Caller(credential, secret).send("WhmcsDetails").json()["message"] == "Invalid IP 127.0.0.1"


@pytest.mark.parametrize(
    ("wrong", "where"), [({"label": ""}, "label"), ({"roles": []}, "roles"), ({"networks": "here"}, "networks")], ids=str
)
def test_wrong_input_stays_on_the_page(wrong, where, cast, everything):
    form = {"label": "Order form", "roles": [everything.pk], "networks": ""} | wrong
    page = browser(cast.stella).post(reverse(CREATE), form)
    assert page.status_code == 422 and where in page.context["form"].errors and not ApiCredential.objects.exists()


def test_revoking_is_for_its_owner_and_those_who_look_after_logins(cast):
    StaffRole.objects.create(code="few", name="Few", permissions=["clients.api_credential.edit"])
    person, other = make_staff("few"), make_staff("few")
    caller = caller_for(person)
    revoke = reverse("whmcs:api_credential_revoke", args=[caller.credential.pk])
    assert browser(other).get(revoke).status_code == 404
    assert "Order form" not in browser(other).get(reverse(LIST)).content.decode()
    assert browser(cast.stella).post(revoke).status_code == 302
    assert caller.send("WhmcsDetails").status_code == 403
    assert Change.objects.filter(action="clients.api_credential_revoked").count() == 1


def test_a_program_makes_no_credentials(cast, everything):
    from dataclasses import replace

    with pytest.raises(AppError) as caught:
        create_credential(actor=replace(actor_of(cast.stella), kind="api"), label="x", roles=[everything])
    assert caught.value.code == "person_only"


def test_a_role_is_ticked_by_area_and_binds_at_once(cast):
    stella = browser(cast.stella)
    page = stella.post(reverse("whmcs:api_role_create"), {"name": "Orders", "area_0": ["AddOrder"]})
    role = ApiRole.objects.get(name="Orders")
    assert page.status_code == 302 and role.actions == ["AddOrder"]
    credential, secret = create_credential(actor=actor_of(cast.stella), label="x", roles=[role])
    assert Caller(credential, secret).send("WhmcsDetails").status_code == 403
    edit = reverse("whmcs:api_role_edit", args=[role.pk])
    assert "AddOrder" in stella.get(edit).content.decode()
    stella.post(edit, {"name": "Orders", "everything": "on"})
    Caller(credential, secret).done("WhmcsDetails")
    for wrong in ({"name": "everything", "area_0": ["AddOrder"]}, {"name": "Empty"}, {"name": "Odd", "area_0": ["GetClients"]}):
        assert stella.post(reverse("whmcs:api_role_create"), wrong).status_code == 422
    with pytest.raises(AppError):
        delete_api_role(role, actor=actor_of(cast.stella))


def test_a_role_of_nobody_is_deleted(cast):
    role = make_role("Short", ["GetClients"])
    assert browser(cast.stella).post(reverse("whmcs:api_role_delete", args=[role.pk])).status_code == 302
    assert not ApiRole.objects.filter(name="Short").exists()
