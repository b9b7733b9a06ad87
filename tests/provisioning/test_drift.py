"""Differences with servers can be mended, left, and are found again when mending did not help."""

from datetime import timedelta

import pytest
import requests
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from billing.actions.suspension import suspend_subscription
from hostbill.core import clock
from hostbill.core.access import SYSTEM, Actor
from hostbill.core.errors import AppError
from hostbill.core.models import JobRun, Lane
from provisioning.actions.drift import mend_drift, mend_safely
from provisioning.actions.reconcile import compare_server
from provisioning.models import Drift, Service
from provisioning.queries.drift import leaks, ways
from provisioning.queries.panel import read_accounts
from tests.provisioning.factories import buy_hosting, order_hosting


@pytest.fixture
def online(cast, server, product, drain):
    """Alice's service, online."""
    subscription = buy_hosting(cast.alice_client, product, "weaves.example.com")
    drain()
    return Service.objects.get(subscription=subscription)


@pytest.fixture
def in_panel(whm):
    """Does something in the panel behind our back."""

    def act(function, **params):
        login = {"Authorization": f"whm root:{whm.sandbox.whm.token}"}
        url = f"{whm.sandbox.whm.url}/json-api/{function}"
        answer = requests.get(url, params={"api.version": "1", **params}, headers=login, timeout=5)
        assert answer.json()["metadata"]["result"] == 1, answer.text

    return act


def compare(server) -> Drift | None:
    """Look at the server now; the one difference that stands."""
    compare_server(server, read_accounts(server))
    return Drift.objects.open().first()


def test_what_runs_unpaid_is_suspended_again(online, server, in_panel, drain, whm):
    """Somebody lifted it in the panel: money leaks until it is mended, and the panel's confirmation closes it."""
    suspend_subscription(online.subscription, kind="nonpayment", reason="unpaid", actor=SYSTEM)
    drain()
    in_panel("unsuspendacct", user=online.username)
    drift = compare(server)
    assert drift.kind == "state" and leaks()["EUR"].amount > 0
    mend_safely(drift, actor=SYSTEM)
    drift.refresh_from_db()
    assert drift.mended_at and not drift.resolved_at and ways(drift) == []
    with pytest.raises(AppError):
        mend_drift(drift, way="suspend", actor=SYSTEM)
    drain()
    assert whm.accounts()[online.username]["suspended"]
    drift.refresh_from_db()
    assert drift.resolved_at and leaks() == {}


def test_a_mend_that_did_not_help_asks_again(online, server, in_panel, drain):
    """Still so at the next comparison: it waits for a person once more."""
    in_panel("suspendacct", user=online.username, reason="spam")
    drift = compare(server)
    assert [way.key for way in ways(drift)] == ["resume", "leave"]
    Drift.objects.update(mended_at=online.created_at, mend="resume")
    assert compare(server).pk == drift.pk
    drift.refresh_from_db()
    assert drift.mended_at is None
    mend_drift(drift, way="resume", actor=SYSTEM)
    drain()
    assert compare(server) is None


def test_what_a_person_must_decide_is_not_safe(online, server, in_panel):
    """Somebody suspended it in the panel, perhaps for abuse."""
    in_panel("suspendacct", user=online.username, reason="spam")
    with pytest.raises(AppError) as refusal:
        mend_safely(compare(server), actor=SYSTEM)
    assert refusal.value.code == "not_safe"


def test_our_plan_or_theirs(online, server, in_panel, drain, whm):
    """Either the server gets ours, or our record takes theirs; both end the difference."""
    ours = online.plan
    in_panel("changepackage", user=online.username, pkg="grow")
    mend_drift(compare(server), way="our_plan", actor=SYSTEM)
    drain()
    assert whm.accounts()[online.username]["plan"] == ours and compare(server) is None
    in_panel("changepackage", user=online.username, pkg="grow")
    mend_drift(compare(server), way="their_plan", actor=SYSTEM)
    online.refresh_from_db()
    assert online.plan == online.wanted_plan == "grow"
    assert compare(server) is None


def test_a_lost_account_is_set_up_again(online, server, in_panel, drain, whm):
    """It was deleted by hand: a new one is made, and the difference is gone."""
    in_panel("removeacct", user=online.username)
    drift = compare(server)
    assert drift.kind == "missing"
    mend_drift(drift, way="recreate", actor=SYSTEM)
    drain()
    online.refresh_from_db()
    assert online.state == "live" and online.username in whm.accounts()
    assert compare(server) is None


def test_an_ended_account_is_deleted_where_it_outlived_its_service(online, server, drain, whm):
    """Our row says terminated, the server still has it."""
    Service.objects.filter(pk=online.pk).update(state="terminated")
    online.subscription.__class__.objects.filter(pk=online.subscription_id).update(state="ended")
    drift = compare(server)
    assert drift.kind == "unpaid"
    clerk = Actor(kind="staff", user_id=1, label="Clerk", permissions=frozenset({"provisioning.service.edit"}))
    with pytest.raises(PermissionDenied):
        mend_drift(drift, way="delete", actor=clerk)
    mend_drift(drift, way="delete", actor=SYSTEM)
    drain()
    assert online.username not in whm.accounts()
    drift.refresh_from_db()
    assert drift.resolved_at


def test_a_stranger_is_given_to_a_service(cast, server, product, in_panel, drain):
    """Made by hand before it was ordered: the waiting service takes it over."""
    in_panel("createacct", username="stranger", domain="old.example.com", plan="start", password="Xy7-Xy7-Xy7")
    drift = compare(server)
    order = order_hosting(cast.alice_client, product, "old.example.com")
    drain()
    service = Service.objects.get(subscription__order_line__order=order)
    mend_drift(drift, way="import", service=service, actor=SYSTEM)
    service.refresh_from_db()
    assert (service.state, service.username, service.server) == ("live", "stranger", server)
    assert compare(server) is None


def test_what_may_stay_is_out_of_sight_until_taken_up(server, in_panel):
    """Left as it is: not found as new, and back on request."""
    in_panel("createacct", username="stranger", domain="old.example.com", plan="start", password="Xy7-Xy7-Xy7")
    drift = compare(server)
    mend_drift(drift, way="leave", reason="the boss's own", actor=SYSTEM)
    assert compare(server) is None and Drift.objects.count() == 1
    drift.refresh_from_db()
    assert drift.left_reason == "the boss's own"
    mend_drift(drift, way="take_up", actor=SYSTEM)
    assert compare(server).pk == drift.pk


def test_the_page_mends_what_is_safe_and_compares(client, cast, online, server, in_panel, drain, whm):
    """One press for the safe ones, another asks the servers again; a GET changes nothing."""
    client.force_login(cast.stella)
    in_panel("changepackage", user=online.username, pkg="grow")
    drift = compare(server)
    page = client.get(reverse("provisioning_staff:drift_list")).content.decode()
    assert "1 difference between books and servers" in page and "Mend 1 safe one" in page
    question = client.get(reverse("provisioning_staff:drift_mend", args=[drift.pk, "our_plan"])).content.decode()
    assert "the plan that is paid for" in question
    drift.refresh_from_db()
    assert drift.mended_at is None
    client.post(reverse("provisioning_staff:drift_mend_safe"))
    drain()
    assert whm.accounts()[online.username]["plan"] == online.plan
    client.post(reverse("provisioning_staff:drift_compare"))
    assert JobRun.objects.filter(name="provisioning.compare_accounts", state="queued").count() == 1
    client.post(reverse("provisioning_staff:drift_compare"))
    assert JobRun.objects.filter(name="provisioning.compare_accounts").count() == 1
    assert Lane.objects.filter(stopped=True).count() == 0


def test_deleting_wants_the_name_typed(client, cast, online, server):
    """The word guards what cannot be undone."""
    Service.objects.filter(pk=online.pk).update(state="terminated")
    drift = compare(server)
    client.force_login(cast.stella)
    url = reverse("provisioning_staff:drift_mend", args=[drift.pk, "delete"])
    assert client.post(url).status_code == 422
    drift.refresh_from_db()
    assert drift.mended_at is None
    assert client.get(reverse("provisioning_staff:drift_mend", args=[drift.pk, "nonsense"])).status_code == 404


@pytest.mark.parametrize("number", [2, 12])
def test_the_list_costs_the_same(client, cast, online, server, number, django_assert_max_num_queries):
    """However many rows."""
    client.force_login(cast.stella)
    for row in range(number):
        Drift.objects.create(
            server=server, service=online, kind="plan", username=f"u{row}", domain=online.domain, found_at=online.created_at
        )
    url = reverse("provisioning_staff:drift_list")
    client.get(url)
    with django_assert_max_num_queries(14):
        client.get(url)


def test_a_server_renamed_shows_in_the_filter_within_a_minute(cast, server, client, monkeypatch):
    """A list's tools are kept; the names of rows that a filter offers are theirs, not ours."""
    client.force_login(cast.stella)
    address = reverse("provisioning_staff:drift_list")
    assert server.name in client.get(address).content.decode()
    type(server).objects.filter(pk=server.pk).update(name="renamed-just-now")
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "renamed-just-now" in client.get(address).content.decode()
