"""What goes wrong with panels, and that each ends as it should: looked up, moved on, retried, or with a person."""

from datetime import timedelta

import pytest

from billing.actions.cancellation import cancel_subscription
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Lane, Message, Outgoing
from provisioning.actions.operation import retry_operation
from provisioning.actions.server import reopen_server, update_server
from provisioning.actions.service import start_setup
from provisioning.actions.settlement import mark_done
from provisioning.models import Operation, OperationAttempt, Server, Service
from provisioning.panels.cpanel.driver import CPanel
from tests.journeys.stack import eventually
from tests.provisioning.factories import buy_hosting, hurry, make_group, make_hosting, make_server


def run(drain, times=3):
    """Until quiet, with every wait over."""
    for _index in range(times):
        drain()
        hurry()
    drain()


def made(subscription) -> Service:
    return Service.objects.select_related("server").get(subscription=subscription)


@pytest.mark.parametrize("kind", ["drop_after", "500_after", "html", "empty", "truncate"])
def test_lost_answer_is_looked_up_not_sent_again(cast, server, product, drain, whm, kind):
    """One createacct, one account; its password is set again because the answer was lost."""
    whm.fault("createacct", kind)
    subscription = buy_hosting(cast.alice_client, product)
    drain()
    assert Operation.objects.get().state == "unknown"
    run(drain)
    assert made(subscription).state == "live"
    assert len(whm.calls("createacct")) == 1 and len(whm.accounts()) == 1
    assert len(whm.calls("passwd")) == 1
    assert [attempt.outcome for attempt in Operation.objects.get().attempts.all()] == ["unknown", "done"]
    assert Message.objects.filter(kind="provisioning.welcome").count() == 1


def test_lost_before_the_work_is_looked_up_then_sent(cast, server, product, drain, whm):
    """Nothing there: only then another call."""
    whm.fault("createacct", "drop_before")
    subscription = buy_hosting(cast.alice_client, product)
    run(drain)
    outcomes = [attempt.outcome for attempt in Operation.objects.get().attempts.all()]
    assert outcomes == ["unknown", "absent", "done"] and made(subscription).state == "live"


def test_taken_username_gives_another(cast, server, product, drain, whm, monkeypatch):
    """The first name is somebody else's."""
    names = iter(["weaves01", "weaves01", "weaves02"])
    monkeypatch.setattr("provisioning.actions.service.new_username", lambda domain, tried=(): next(names))
    monkeypatch.setattr("provisioning.actions.settlement.new_username", lambda domain, tried=(): next(names))
    buy_hosting(cast.charlie_client, product, "first.example.com")
    run(drain)
    subscription = buy_hosting(cast.alice_client, product, "second.example.com")
    Service.objects.filter(username="weaves01").update(username="elsewhere")  # ours does not know of the other account
    run(drain)
    service = made(subscription)
    assert (service.state, service.username) == ("live", "weaves02")
    assert Operation.objects.get(service=service).usernames_tried == ["weaves01"]


def test_full_server_hands_on_to_the_next(cast, sandbox, group, server, product, drain, whm):
    """The licence of the first is exhausted, the second has room."""
    Server.objects.filter(pk=server.pk).update(max_accounts=0)
    other = make_server(sandbox, group)
    subscription = buy_hosting(cast.alice_client, product)
    run(drain)
    assert made(subscription).server == other


def test_all_full_waits_and_goes_on_when_there_is_room(cast, server, product, drain, whm):
    """Staff hear once; raising the limit is enough."""
    Server.objects.filter(pk=server.pk).update(max_accounts=0)
    first = buy_hosting(cast.alice_client, product)
    second = buy_hosting(cast.charlie_client, product)
    run(drain)
    assert {made(row).wait_reason for row in (first, second)} == {"servers_full"}
    assert Message.objects.filter(kind="provisioning.all_servers_full").count() == 1
    update_server(Server.objects.get(pk=server.pk), max_accounts=10, actor=SYSTEM)
    run(drain)
    assert {made(row).state for row in (first, second)} == {"live"}


def test_refused_login_stops_the_lane_until_staff_mend_it(cast, sandbox, group, whm, drain):
    """One call, one alert, the job is kept."""
    server = make_server(sandbox, group, values={"token": "WRONG-TOKEN-0000000000"})
    subscription = buy_hosting(cast.alice_client, make_hosting(group))
    run(drain)
    server.refresh_from_db()
    assert server.stopped_since and Lane.objects.get(name=server.lane).stopped
    assert Message.objects.filter(kind="provisioning.server_alert").count() == 1
    assert Operation.objects.get().attempts.count() == 1 and made(subscription).state == "setting_up"
    module = server.module_config
    module.secrets = {**module.secrets, "token": sandbox.whm.token}
    module.save()
    reopen_server(server, actor=cast.stella_actor)
    run(drain)
    assert made(subscription).state == "live"


def test_missing_plan_needs_a_person_then_a_retry_works(cast, server, group, drain, whm):
    """No blind repetition; staff are told; after the cure one click is enough."""
    product = make_hosting(group, plan="nosuchplan")
    subscription = buy_hosting(cast.alice_client, product)
    run(drain)
    service = made(subscription)
    assert service.state == "review" and "nosuchplan" in service.attention
    assert len(whm.calls("createacct")) == 1
    assert Message.objects.filter(kind="provisioning.operation_failed").count() == 1
    product.provisioning = {**product.provisioning, "plan": "start"}
    product.save()
    retry_operation(Operation.objects.get(), actor=cast.stella_actor)
    run(drain)
    assert made(subscription).state == "live"


def test_set_up_again_after_a_refusal_takes_one_slot(cast, server, group, drain, whm):
    """The slot of the refused try is given back first."""
    product = make_hosting(group, plan="nosuchplan")
    subscription = buy_hosting(cast.alice_client, product)
    run(drain)
    product.provisioning = {**product.provisioning, "plan": "start"}
    product.save()
    start_setup(made(subscription), actor=cast.stella_actor)
    run(drain)
    server.refresh_from_db()
    assert made(subscription).state == "live" and server.account_count == 1


def test_ending_what_never_came_to_be_asks_the_server_first(cast, server, group, drain, whm):
    """A refused set-up leaves no account, but the panel decides that, not we."""
    subscription = buy_hosting(cast.alice_client, make_hosting(group, plan="nosuchplan"))
    run(drain)
    cancel_subscription(subscription, when="now", reason="x", actor=SYSTEM)
    run(drain)
    server.refresh_from_db()
    assert made(subscription).state == "terminated" and server.account_count == 0
    assert whm.calls("removeacct") == []


def test_server_down_moves_a_new_account_on(cast, sandbox, group, whm, drain):
    """Surely nothing arrived there, so the next server may have it."""
    down = make_server(sandbox, group, values={"port": 9}, sort=0)
    subscription = buy_hosting(cast.alice_client, make_hosting(group))
    drain()
    other = make_server(sandbox, group)
    run(drain)
    service = made(subscription)
    down.refresh_from_db()
    assert (service.state, service.server) == ("live", other)
    assert (down.account_count, down.health) == (0, "problem")


def test_in_doubt_it_never_moves(cast, sandbox, group, server, product, drain, whm):
    """An account may exist on the first server: the second is not asked."""
    whm.fault("createacct", "drop_after")
    whm.fault("accountsummary", "500", times=None)
    subscription = buy_hosting(cast.alice_client, product)
    drain()
    make_server(sandbox, group)
    run(drain)
    assert made(subscription).server == server
    assert Operation.objects.get().state == "unknown"


def test_marked_done_by_hand_sends_nothing_more(cast, server, product, drain, whm):
    """Staff made the account in the panel."""
    whm.fault("createacct", "refuse", times=None)
    subscription = buy_hosting(cast.alice_client, product)
    drain()
    calls = len(whm.calls("createacct"))
    mark_done(Operation.objects.get(), reason="made by hand", actor=cast.stella_actor)
    run(drain)
    assert made(subscription).state == "live" and len(whm.calls("createacct")) == calls
    assert Outgoing.objects.get(kind="provisioning.operation").state == "done"


def test_worker_killed_in_the_middle_is_looked_up(cast, server, product, drain, whm):
    """A row left "sending" is never taken for new."""
    from hostbill.core import outgoing

    subscription = buy_hosting(cast.alice_client, product)
    from hostbill.core import events

    for delivery in events.due():
        events.deliver(delivery)
    row = Outgoing.objects.get(kind="provisioning.operation")
    outgoing.process(row.pk)
    service = made(subscription)
    # As if the process had died after the panel's answer and before it was written down.
    Outgoing.objects.filter(pk=row.pk).update(
        state="sending", must_look=True, claimed_at=clock.real_now() - timedelta(hours=1), finished_at=None
    )
    Operation.objects.update(state="running", done_at=None)
    Service.objects.filter(pk=service.pk).update(state="setting_up", live_at=None, password="Kept-For-Retry-1")
    outgoing.expire_leases()
    run(drain)
    assert made(subscription).state == "live" and len(whm.calls("createacct")) == 1
    assert Message.objects.filter(kind="provisioning.welcome").count() == 1


def test_plesk_goes_the_same_way(cast, sandbox, drain):
    """Lost answer included."""
    sandbox.control("plesk", "reset", {})
    group = make_group()
    make_server(sandbox, group, "plesk")
    sandbox.control("plesk", "faults", {"match": "webspace.add", "kind": "drop_after", "times": 1})
    subscription = buy_hosting(cast.alice_client, make_hosting(group), "atelier.example.com")
    run(drain)
    service = made(subscription)
    webspaces = sandbox.control("plesk", "state")["webspaces"]
    assert (service.state, service.attention) == ("live", "") and len(webspaces) == 1


def test_an_account_that_the_server_makes_late_is_adopted(cast, server, product, drain, whm):
    """The line went dead and nothing was to be seen, but WHM was at it: the second call is refused, no other name is tried."""
    whm.fault("createacct", "late", seconds=1.5)
    subscription = buy_hosting(cast.alice_client, product)
    run(drain, times=1)
    operation = Operation.objects.get()
    assert (operation.state, operation.error_code) == ("queued", "busy")
    eventually(whm.accounts)
    run(drain)
    outcomes = [attempt.outcome for attempt in operation.attempts.all()]
    assert (outcomes[:3], outcomes[-1], "rejected" in outcomes) == (["unknown", "absent", "retry"], "done", False)
    assert made(subscription).state == "live" and len(whm.accounts()) == 1
    assert Operation.objects.get().round == 0 and len(whm.calls("passwd")) == 1


def test_a_refusal_long_after_a_lost_call_is_final(cast, server, product, drain, whm, monkeypatch):
    """The domain is somebody else's: after ten minutes nobody hopes any more."""
    whm.fault("createacct", "drop_before")
    subscription = buy_hosting(cast.alice_client, product, "taken.example.com")
    whm.sandbox.control("whm", "zone", {"domain": "taken.example.com"})
    run(drain)
    assert Operation.objects.get().error_code == "busy"
    OperationAttempt.objects.filter(outcome="unknown").update(started_at=clock.now() - timedelta(minutes=11))
    run(drain)
    assert (made(subscription).state, Operation.objects.get().error_code) == ("review", "domain_taken")


def test_a_call_during_which_the_worker_died_is_on_record(cast, sandbox, group, server, product, drain, whm):
    """So it is in doubt: with its server down the account is not made on another one."""
    make_server(sandbox, group)
    monkey = pytest.MonkeyPatch()
    monkey.setattr(CPanel, "create", lambda self, request: die())
    monkey.setattr("provisioning.senders.end_attempt", lambda attempt, **how: None)
    subscription = buy_hosting(cast.alice_client, product)
    with pytest.raises(Dead):
        drain()
    monkey.undo()
    Outgoing.objects.filter(state="sending").update(state="unknown", claim=None, must_look=True)
    whm.fault("accountsummary", "refuse", times=None)
    run(drain)
    operation = Operation.objects.get()
    assert operation.attempts.first().outcome == "unknown" and "ended during" in operation.attempts.first().message
    assert operation.round == 0
    whm.sandbox.control("whm", "faults", method="DELETE")
    run(drain)
    assert made(subscription).state == "live" and len(whm.accounts()) == 1


class Dead(BaseException):
    """The process ends here."""


def die():
    raise Dead


@pytest.mark.parametrize("step", ["customer.add", "webspace.add"])
def test_plesk_finishes_late(cast, sandbox, drain, step):
    sandbox.control("plesk", "reset", {})
    group = make_group()
    make_server(sandbox, group, "plesk")
    sandbox.control("plesk", "faults", {"match": step, "kind": "late", "seconds": 1.5})
    subscription = buy_hosting(cast.alice_client, make_hosting(group), "atelier.example.com")
    run(drain, times=1)
    assert Operation.objects.get().error_code == "busy"
    eventually(lambda: sandbox.control("plesk", "state")[{"c": "customers", "w": "webspaces"}[step[0]]])
    run(drain)
    state = sandbox.control("plesk", "state")
    assert (len(state["customers"]), len(state["webspaces"])) == (1, 1)
    service = made(subscription)
    assert (service.state, service.attention, Operation.objects.get().round) == ("live", "", 0)
