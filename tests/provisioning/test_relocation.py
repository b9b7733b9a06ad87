"""A service follows its account to another server: looked up there first, counted there, old account left until deleted."""

import pytest
from django.urls import reverse

from billing.actions.suspension import suspend_subscription
from hostbill.core import modules
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Message
from provisioning.actions.operation import retry_operation
from provisioning.actions.reconcile import compare_server
from provisioning.actions.relocation import relocate_service, remove_former
from provisioning.actions.service import terminate_service
from provisioning.actions.settlement import mark_done
from provisioning.models import Drift, FormerAccount, Operation, Server, Service
from provisioning.panels.base import AccountRef, CreateAccount
from provisioning.queries.panel import read_accounts
from tests.factories import make_staff
from tests.provisioning.factories import buy_hosting, hurry, make_group, make_server


@pytest.fixture
def online(cast, server, product, drain):
    """Alice's service on the WHM server."""
    Server.objects.filter(pk=server.pk).update(ip_address="192.0.2.1")
    subscription = buy_hosting(cast.alice_client, product, "weaves.example.com")
    drain()
    return Service.objects.get(subscription=subscription)


@pytest.fixture
def other(sandbox, db):
    """A Plesk server of another group."""
    sandbox.control("plesk", "reset", {})
    return make_server(sandbox, make_group(), "plesk", ip_address="192.0.2.2")


def moved_by_hand(service, server, **changes):
    """What the technician's transfer tool leaves on the new server."""
    panel = modules.load(server.module_config)
    names = {"username": service.username, "domain": service.domain, "plan": panel.list_plans()[0]} | changes
    panel.create(CreateAccount(password="Tr7-kZ9-pQxx", email="a@example.com", **names))
    return panel


def move(service, server, **changes):
    """Staff say where it is."""
    values = {"username": service.username, "tell": True, "reason": "old hardware"} | changes
    return relocate_service(service, server=server, actor=SYSTEM, **values)


def test_the_service_goes_over_when_the_account_is_there(online, server, other, drain, whm):
    moved_by_hand(online, other)
    operation = move(online, other)
    online.refresh_from_db()
    assert online.server == server, "nothing before the other server confirmed"
    drain()
    for row in (online, operation, other, server):
        row.refresh_from_db()
    assert operation.state == "done" and operation.server == other
    assert (online.server, online.group, online.state) == (other, other.group, "live")
    assert (other.account_count, server.account_count) == (1, 1), "the old account is still there"
    former = FormerAccount.objects.get()
    assert (former.server, former.username, former.removed_at) == (server, online.username, None)
    assert online.username in whm.accounts()
    assert "192.0.2.2" in str(Message.objects.filter(kind="provisioning.moved").values().get())
    assert Change.objects.filter(action="provisioning.relocate_done", object_id=online.pk).exists()
    compare_server(server, read_accounts(server))
    compare_server(other, read_accounts(other))
    assert not Drift.objects.open().exists()


def test_not_found_there_changes_nothing(online, server, other, drain):
    operation = move(online, other)
    drain()
    online.refresh_from_db()
    operation.refresh_from_db()
    assert operation.state == "failed" and operation.error_code == "missing"
    assert (online.server, online.state) == (server, "live") and str(other) in online.attention
    assert not FormerAccount.objects.exists() and not Message.objects.filter(kind="provisioning.moved").exists()
    with pytest.raises(AppError):
        mark_done(operation, reason="I know it", actor=SYSTEM)
    moved_by_hand(online, other)
    retry_operation(operation, actor=SYSTEM)
    drain()
    online.refresh_from_db()
    assert online.server == other and online.attention == ""


def test_another_domain_under_the_name_is_not_ours(online, server, other, drain):
    moved_by_hand(online, other, domain="stranger.example.com")
    move(online, other)
    drain()
    online.refresh_from_db()
    assert online.server == server


def test_the_panel_follows_afterwards(online, other, drain, whm):
    """Suspending and ending call the new server; the account left behind is not touched by them."""
    panel = moved_by_hand(online, other)
    move(online, other)
    drain()
    ref = AccountRef(online.username, online.domain)
    suspend_subscription(online.subscription, kind="manual", reason="x", actor=SYSTEM)
    drain()
    assert panel.look_up(ref).suspended and not whm.accounts()[online.username]["suspended"]
    online.refresh_from_db()
    terminate_service(online, reason="x", actor=SYSTEM)
    drain()
    assert panel.look_up(ref) is None and online.username in whm.accounts()


def test_what_is_suspended_is_suspended_there(online, other, drain):
    suspend_subscription(online.subscription, kind="nonpayment", reason="unpaid", actor=SYSTEM)
    drain()
    panel = moved_by_hand(online, other)
    online.refresh_from_db()
    move(online, other)
    drain()
    online.refresh_from_db()
    assert online.state == "suspended" and online.server == other
    assert panel.look_up(AccountRef(online.username, online.domain)).suspended


def test_a_plan_that_the_new_server_lacks_is_kept_as_it_is(online, other, drain):
    panel = moved_by_hand(online, other)
    move(online, other)
    drain()
    online.refresh_from_db()
    if online.subscription.product.provisioning["plan"] in panel.list_plans():
        assert online.plan == online.wanted_plan
    else:
        assert online.plan == online.plan_override == panel.list_plans()[0]
    assert not Operation.objects.failed().exists()


def test_the_old_account_is_deleted_once_and_its_place_is_free(online, server, other, drain, whm):
    moved_by_hand(online, other)
    move(online, other)
    drain()
    former = FormerAccount.objects.get()
    whm.fault("removeacct", "drop_after")
    remove_former(former, actor=SYSTEM)
    for _index in range(3):
        drain()
        hurry()
    drain()
    for row in (former, server, online):
        row.refresh_from_db()
    assert former.removed_at and server.account_count == 0
    assert online.username not in whm.accounts() and len(whm.calls("removeacct")) == 1
    assert (online.state, online.server) == ("live", other)
    with pytest.raises(AppError):
        remove_former(former, actor=SYSTEM)


def test_moved_back_the_account_left_behind_is_in_use_again(online, server, other, drain):
    moved_by_hand(online, other)
    move(online, other)
    drain()
    former = FormerAccount.objects.get()
    online.refresh_from_db()
    move(online, server)
    drain()
    online.refresh_from_db()
    former.refresh_from_db()
    assert online.server == server and former.removed_at
    assert FormerAccount.objects.standing().get().server == other


def test_refused_before_anybody_is_asked(online, server, other):
    def refusal(target, **changes):
        with pytest.raises(AppError) as refused:
            move(online, target, **changes)
        return refused.value.code

    assert refusal(server) == "same_server"
    Server.objects.filter(pk=other.pk).update(max_accounts=0)
    assert refusal(other) == "full"
    Server.objects.filter(pk=other.pk).update(max_accounts=9, stopped_since=online.live_at)
    assert refusal(other) == "stopped"
    assert not Operation.objects.filter(verb="relocate").exists()


def test_by_the_page_and_only_with_the_right(client, online, server, other, drain):
    url = reverse("provisioning_staff:service_relocate", args=[online.pk])
    values = {"server": other.pk, "username": online.username, "tell": "on"}
    client.force_login(make_staff("support-agent"))
    assert client.post(url, values).status_code == 403
    client.force_login(make_staff("technician"))
    moved_by_hand(online, other)
    assert str(server) not in [str(choice) for choice in client.get(url).context["form"].fields["server"].queryset]
    assert client.post(url, values).url == online.get_absolute_url()
    drain()
    former = FormerAccount.objects.get()
    assert str(server) in client.get(online.get_absolute_url()).content.decode()
    remove = reverse("provisioning_staff:former_account_remove", args=[former.pk])
    assert client.post(remove, {"typed": online.domain}).status_code == 422
    assert client.post(remove, {"typed": server.name}).status_code == 302


def test_without_new_addresses_nobody_is_written_to(online, server, other, drain):
    moved_by_hand(online, other)
    move(online, other, tell=False)
    drain()
    assert not Message.objects.filter(kind="provisioning.moved").exists()

