"""The first-run page of an empty installation: one company, one owner, and then never again."""

import threading

import pytest
from django.db import connection
from django.test import Client as Browser

from clients.models import User
from clients.queries.actor import actor_of
from hostbill.core import options
from hostbill.core.models import Setting
from tests.factories import ensure_roles

pytestmark = pytest.mark.django_db
GOOD = {
    "company": "Fjord Hosting ApS",
    "country": "DK",
    "currency": "DKK",
    "time_zone": "Europe/Copenhagen",
    "name": "Signe Holm",
    "email": "Signe@Fjord.example",
    "password": "Lantern-Meadow-42",
}


@pytest.fixture(autouse=True)
def roles():
    """The seeded roles."""
    ensure_roles()


def test_an_empty_shop_leads_here(client):
    answer = client.get("/", follow=True)
    assert answer.request["PATH_INFO"] == "/setup/"
    page = answer.content.decode()
    assert all(f'name="{field}"' in page for field in GOOD)
    assert "Nordhost" not in page and "/imprint" not in page  # nobody has a name yet, or papers


def test_it_makes_the_company_and_its_owner_and_signs_in(client):
    answer = client.post("/setup/", GOOD)
    assert answer.status_code == 302 and answer["Location"] == "/staff/"
    owner = User.objects.get()
    assert (owner.email, owner.name, owner.is_staff) == ("signe@fjord.example", "Signe Holm", True)
    assert owner.check_password(GOOD["password"])
    assert "billing.invoice.void" in actor_of(owner).permissions or actor_of(owner).superuser
    for key in ("company", "country", "currency", "time_zone"):
        option = f"company.{'name' if key == 'company' else key}"
        assert options.find(option).value == GOOD[key]
    assert client.get("/staff/").status_code == 200


def test_afterwards_the_page_does_not_exist(client):
    client.post("/setup/", GOOD)
    for browser in (client, Browser()):
        assert browser.get("/setup/").status_code == 404
        assert browser.post("/setup/", {**GOOD, "email": "thief@fjord.example"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company", ""),
        ("country", "XX"),
        ("currency", "euro"),
        ("currency", "QQQ"),
        ("time_zone", "Mars/Olympus"),
        ("name", " "),
        ("email", "not an address"),
        ("password", "short"),
        ("password", "password12"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_nothing_is_kept(client, field, value):
    answer = client.post("/setup/", {**GOOD, field: value})
    assert answer.status_code in (200, 422)
    assert field in answer.context["form"].errors
    assert not User.objects.exists() and not Setting.objects.filter(key__startswith="company.").exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_owner():
    ready, answers = threading.Barrier(2), []

    def send(email):
        browser = Browser()
        ready.wait()
        answers.append(browser.post("/setup/", {**GOOD, "email": email}).status_code)
        connection.close()

    people = [threading.Thread(target=send, args=(f"{name}@fjord.example",)) for name in ("one", "two")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert User.objects.count() == 1
    assert answers.count(302) == 1
