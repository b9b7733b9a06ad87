"""Rights that patterns of roles do not give."""

from importlib import import_module

import pytest
from django.apps import apps

from clients.models import StaffRole
from clients.queries.actor import actor_of
from clients.queries.permission import expand
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
RIGHTS = {"billing.ledger.reopen", "billing.invoice.write_off"}


def test_patterns_do_not_give_them_but_everything_and_their_names_do():
    assert not RIGHTS & expand(["billing.*"]) and "billing.ledger.close" in expand(["billing.*"])
    assert not RIGHTS & expand(["billing.ledger.*", "*.write_off"])
    assert expand(["*"]) >= RIGHTS
    assert expand(["billing.*", "billing.ledger.reopen"]) & RIGHTS == {"billing.ledger.reopen"}


def test_a_billing_clerk_cannot_and_an_owner_can():
    clerk, owner = actor_of(make_staff("billing-clerk")), actor_of(make_staff("owner"))
    assert clerk.may("billing.invoice.cancel") and not any(clerk.may(right) for right in RIGHTS)
    assert all(owner.may(right) for right in RIGHTS)


def test_roles_of_the_house_keep_what_they_had():
    own = StaffRole.objects.create(code="books", name="Books", permissions=["billing.*"])
    half = StaffRole.objects.create(code="half", name="Half", permissions=["billing.ledger.*", "billing.invoice.view"])
    import_module("billing.migrations.0043_rights_by_name").name_them(apps, None)
    own.refresh_from_db(), half.refresh_from_db()
    assert set(own.permissions) == {"billing.*", *RIGHTS}
    assert set(half.permissions) == {"billing.ledger.*", "billing.invoice.view", "billing.ledger.reopen"}
    assert StaffRole.objects.get(code="billing-clerk").permissions[0] == "billing.*"
    assert not RIGHTS & set(StaffRole.objects.get(code="billing-clerk").permissions)
