"""Outgoing rows: sent blind at most once, looked up when in doubt, settled once, limited per lane."""

from datetime import timedelta

import pytest

from hostbill.core import clock, heartbeat, outgoing
from hostbill.core.errors import DriverError, OutcomeUnknown
from hostbill.core.models import Lane, Outgoing

pytestmark = pytest.mark.django_db


class World:
    """The outside: what was done there, and what the next calls shall answer."""

    def __init__(self):
        self.done, self.sends, self.looks, self.settled, self.faults = set(), 0, 0, [], []
        self.settling_fails = False

        self.during = None


world = World()


@outgoing.register
class Knock(outgoing.OutgoingKind):
    """A test's kind."""

    kind = "tests.knock"

    def send(self, row):
        world.sends += 1
        if world.during:
            world.during(row)
        fault = world.faults.pop(0) if world.faults else None
        if isinstance(fault, DriverError):
            raise fault
        assert row.key not in world.done, "sent twice"
        world.done.add(row.key)
        if fault:
            raise fault
        return {"ok": row.key}

    def look_up(self, row):
        world.looks += 1
        return {"ok": row.key} if row.key in world.done else None

    def settle(self, row, answer, error):
        if world.settling_fails:
            raise RuntimeError("a bug of ours")
        world.settled.append((answer, error.code if error else None))


@pytest.fixture(autouse=True)
def fresh_world():
    """Nothing done yet."""
    world.__init__()


def go(row):
    """Let the wait pass and process."""
    Outgoing.objects.filter(pk=row.pk).update(next_try_at=clock.now() - timedelta(seconds=1))
    outgoing.process(row.pk)
    row.refresh_from_db()


def test_the_same_key_makes_one_row():
    assert outgoing.queue("tests.knock", 1, key="a").pk == outgoing.queue("tests.knock", 1, key="a").pk


def test_a_lost_answer_is_looked_up_and_never_sent_again():
    world.faults = [OutcomeUnknown("answer lost")]
    row = outgoing.queue("tests.knock", 1, key="a")
    go(row)
    assert row.state == "unknown"
    go(row)
    assert (row.state, world.sends, world.looks) == ("done", 1, 1)
    assert world.settled == [({"ok": "a"}, None)]


def test_a_call_that_never_arrived_is_sent_after_looking():
    row = outgoing.queue("tests.knock", 1, key="a")
    Outgoing.objects.filter(pk=row.pk).update(state="unknown", must_look=True)
    go(row)
    assert (row.state, world.sends, world.looks) == ("done", 1, 1)


def test_a_permanent_refusal_is_settled_once():
    world.faults = [DriverError("no", permanent=True, code="nope")]
    row = outgoing.queue("tests.knock", 1, key="a")
    go(row)
    go(row)
    assert (row.state, world.sends) == ("failed", 1)
    assert world.settled == [(None, "nope")]


def test_a_passing_trouble_is_tried_again_later():
    world.faults = [DriverError("busy", permanent=False, retry_after=60)]
    row = outgoing.queue("tests.knock", 1, key="a")
    outgoing.process(row.pk)
    row.refresh_from_db()
    assert row.state == "queued" and row.pk not in outgoing.due()
    go(row)
    assert (row.state, world.sends) == ("done", 2)


def test_a_worker_that_died_while_sending_leaves_an_unknown_outcome():
    row = outgoing.queue("tests.knock", 1, key="a")
    old = clock.real_now() - timedelta(hours=1)
    Outgoing.objects.filter(pk=row.pk).update(state="sending", must_look=True, claimed_at=old)
    world.done.add("a")
    assert outgoing.expire_leases() == 1
    go(row)
    assert (row.state, world.sends, world.looks) == ("done", 0, 1)


def test_a_call_that_takes_long_is_not_taken_for_dead():
    """The stamp is renewed as long as the holder lives, and only then."""

    def long_call(row):
        Outgoing.objects.filter(pk=row.pk).update(claimed_at=clock.real_now() - timedelta(hours=1))
        heartbeat.beat()
        assert outgoing.expire_leases() == 0

    world.during = long_call
    row = outgoing.queue("tests.knock", 1, key="a")
    go(row)
    assert row.state == "done"
    Outgoing.objects.filter(pk=row.pk).update(state="sending", claimed_at=clock.real_now() - timedelta(hours=1))
    heartbeat.beat()
    assert outgoing.expire_leases() == 1


def test_nobody_sends_after_losing_the_claim():
    """A process that was away too long (its look-up took for ever) must not send beside its successor."""
    row = outgoing.queue("tests.knock", 1, key="a")
    Outgoing.objects.filter(pk=row.pk).update(state="unknown", must_look=True)
    claimed = outgoing._claim(row.pk)
    Outgoing.objects.filter(pk=row.pk).update(claim="00000000-0000-0000-0000-000000000000")
    outgoing._work(claimed, outgoing._kinds["tests.knock"])
    row.refresh_from_db()
    assert (row.state, world.sends) == ("sending", 0)


def test_a_worker_that_dies_right_after_the_claim_leaves_a_call_that_is_looked_up():
    row = outgoing.queue("tests.knock", 1, key="a")
    outgoing._claim(row.pk)
    Outgoing.objects.filter(pk=row.pk).update(claimed_at=clock.real_now() - timedelta(hours=1))
    assert outgoing.expire_leases() == 1
    go(row)
    assert (row.state, world.sends, world.looks) == ("done", 1, 1)


def test_a_slot_that_becomes_free_wakes_who_was_turned_away_one_after_the_other(monkeypatch):
    woken = []
    monkeypatch.setattr(outgoing.nudge, "publish", lambda task, row_id, **more: woken.append(row_id))
    Lane.objects.create(name="narrow", limit=1)
    first, second, third = (outgoing.queue("tests.knock", n, key=str(n), lane="narrow") for n in range(3))
    woken.clear()
    world.during = lambda row: outgoing.process(second.pk) or outgoing.process(third.pk)
    outgoing.process(first.pk)
    assert woken == [second.pk]
    world.during = None
    outgoing.process(second.pk)
    assert woken == [second.pk, third.pk]
    outgoing.process(third.pk)
    assert woken == [second.pk, third.pk] and not Lane.objects.get(name="narrow").turned_away


def test_right_after_a_restart_of_the_database_nobody_is_declared_dead(monkeypatch):
    row = outgoing.queue("tests.knock", 1, key="a")
    Outgoing.objects.filter(pk=row.pk).update(state="sending", claimed_at=clock.real_now() - timedelta(hours=1))
    monkeypatch.setattr(heartbeat, "SETTLING", timedelta(days=3650))
    assert outgoing.expire_leases() == 0


def test_a_lane_takes_no_more_than_its_limit():
    Lane.objects.create(name="server:1", limit=1)
    first = outgoing.queue("tests.knock", 1, key="a", lane="server:1")
    Outgoing.objects.filter(pk=first.pk).update(state="sending", claimed_at=clock.real_now())
    second = outgoing.queue("tests.knock", 2, key="b", lane="server:1")
    assert not outgoing.process(second.pk)
    Outgoing.objects.filter(pk=first.pk).update(state="done")
    assert outgoing.process(second.pk)


def test_a_refused_login_stops_the_lane_until_staff_reopen_it():
    world.faults = [DriverError("token revoked", permanent=False, stop_lane=True, code="auth")]
    first = outgoing.queue("tests.knock", 1, key="a", lane="server:1")
    go(first)
    second = outgoing.queue("tests.knock", 2, key="b", lane="server:1")
    go(second)
    assert second.state == "queued" and world.sends == 1
    outgoing.reopen_lane("server:1")
    go(second)
    assert second.state == "done"


def test_five_failures_in_a_row_open_the_circuit():
    world.faults = [DriverError("down", permanent=False) for _ in range(5)]
    for number in range(5):
        go(outgoing.queue("tests.knock", number, key=str(number), lane="server:1"))
    assert Lane.objects.get().open_until > clock.now()
    late = outgoing.queue("tests.knock", 9, key="9", lane="server:1")
    go(late)
    assert late.state == "queued" and world.sends == 5


def test_a_lost_claim_writes_nothing():
    row = outgoing.queue("tests.knock", 1, key="a")
    Outgoing.objects.filter(pk=row.pk).update(state="unknown", must_look=True)
    claimed = outgoing._claim(row.pk)
    Outgoing.objects.filter(pk=row.pk).update(claim="00000000-0000-0000-0000-000000000000")
    outgoing._settle(claimed, outgoing._kinds["tests.knock"], {"ok": 1})
    row.refresh_from_db()
    assert row.state == "sending"


def test_a_refusal_that_cannot_be_settled_waits_instead_of_hanging():
    world.faults, world.settling_fails = [DriverError("no", permanent=True, code="nope")], True
    row = outgoing.queue("tests.knock", 1, key="a")
    go(row)
    assert row.state == "unknown" and "a bug of ours" in row.error and row.claim is None
