"""Makers of test data, and the cast that every test knows: Alice owns an account, Bob is her colleague with few rights,
Charlie belongs to another client, Stella works here and may do everything."""

from functools import cache
from itertools import count
from types import SimpleNamespace

import factory
from django.contrib.auth.hashers import make_password

from clients.actions.client import create_client
from clients.actions.user import create_staff, create_user
from clients.models import Client, Membership, StaffRole, User
from clients.queries.actor import actor_of
from hostbill.core.access import SYSTEM

PASSWORD = "Lantern-Meadow-42"
_numbers = count(1)

ALICE_CLIENT = {
    "company": "Sundarban Weaves Ltd.",
    "first_name": "Alice",
    "last_name": "Hossain",
    "native_name": "অ্যালিস হোসেন",
    "address1": "14 Khan Jahan Ali Road",
    "city": "Khulna",
    "postcode": "9100",
    "country": "BD",
    "phone": "+880 1711 555 014",
    "currency": "EUR",
}
CHARLIE_CLIENT = {
    "first_name": "Charlie",
    "last_name": "Brandt",
    "address1": "Norderstrasse 12",
    "city": "Flensburg",
    "postcode": "24939",
    "country": "DE",
    "currency": "EUR",
}


@cache
def _password_hash():
    """Argon2 is slow on purpose."""
    return make_password(PASSWORD)


def give_password(user):
    """Let the user sign in with the known password."""
    User.objects.filter(pk=user.pk).update(password=_password_hash())
    user.refresh_from_db()
    return user


class UserFactory(factory.django.DjangoModelFactory):
    """A client's login with the known password."""

    class Meta:
        model = User

    email = factory.Sequence(lambda number: f"person{number}@people.example")
    name = "Some Person"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """Through the action, as the product does it; hashed once per run."""
        return give_password(create_user(kwargs.pop("email"), **kwargs))


class ClientFactory(factory.django.DjangoModelFactory):
    """A client account; give `user` to have an owner."""

    class Meta:
        model = Client

    first_name = "Some"
    last_name = factory.Sequence(lambda number: f"Client {number}")
    email = factory.Sequence(lambda number: f"client{number}@people.example")
    currency = "EUR"
    country = "DE"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """Through the action, as the product does it."""
        return create_client(actor=SYSTEM, **kwargs)


def make_staff(*role_codes, email=None, **fields):
    """Somebody who works here, with the seeded roles of these codes."""
    roles = list(StaffRole.objects.filter(code__in=role_codes))
    assert len(roles) == len(role_codes), f"unknown role among {role_codes}"
    email = email or f"staff{next(_numbers)}@hostbill.example"
    return give_password(create_staff(email, actor=SYSTEM, roles=roles, **fields))


def ensure_roles():
    """The seeded roles, also after a test that emptied all tables."""
    StaffRole.objects.get_or_create(code="owner", defaults={"name": "Owner", "permissions": ["*"]})


def make_cast():
    """The four people, the two client accounts, and each person's actor as `<name>_actor`."""
    ensure_roles()
    alice = UserFactory(email="alice@weaves.example", name="Alice Hossain")
    bob = UserFactory(email="bob@weaves.example", name="Bob Rahman")
    charlie = UserFactory(email="charlie@brandt.example", name="Charlie Brandt")
    stella = make_staff("owner", email="stella@hostbill.example", name="Stella Solberg")
    alice_client = create_client(actor=SYSTEM, user=alice, **ALICE_CLIENT)
    charlie_client = create_client(actor=SYSTEM, user=charlie, **CHARLIE_CLIENT)
    Membership.objects.create(user=bob, client=alice_client, areas=["support"])
    people = {"alice": alice, "bob": bob, "charlie": charlie, "stella": stella}
    return SimpleNamespace(
        **people,
        **{f"{name}_actor": actor_of(user) for name, user in people.items()},
        alice_client=alice_client,
        charlie_client=charlie_client,
        password=PASSWORD,
    )
