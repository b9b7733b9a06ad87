"""The worker's tasks: one carries a row and what follows from it, within limits; the rest goes to the broker."""

import pytest

from hostbill.core import nudge, outgoing, tasks
from hostbill.core.models import Outgoing

pytestmark = pytest.mark.django_db(transaction=True)


@outgoing.register
class Hop(outgoing.OutgoingKind):
    """Queues the next hop until it has hopped `object_id` times."""

    kind = "tests.hop"

    def send(self, row):
        return {}

    def look_up(self, row):
        return None

    def settle(self, row, answer, error):
        if row.object_id:
            outgoing.queue(self.kind, row.object_id - 1, key=f"hop-{row.object_id - 1}")


@outgoing.register
class News(Hop):
    """The same, but nobody waits for it."""

    kind = "tests.news"
    later = True


@pytest.fixture
def published(monkeypatch):
    """What went to the broker."""
    sent = []
    monkeypatch.setattr(
        nudge.current_app, "send_task", lambda name, args, priority, **more: sent.append((name, args, priority))
    )
    return sent


def test_what_follows_is_done_by_the_same_task(published):
    first = outgoing.queue("tests.hop", 3, key="hop-3")
    published.clear()
    tasks.send(first.pk)
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"done"} and Outgoing.objects.count() == 4
    assert published == []


def test_a_long_chain_lets_others_have_their_turn(published):
    first = outgoing.queue("tests.hop", 30, key="hop-30")
    published.clear()
    tasks.send(first.pk)
    assert Outgoing.objects.filter(state="done").count() == tasks.STEPS
    assert [(name, priority) for name, _args, priority in published] == [("hostbill.core.tasks.follow", nudge.FIRST)]


def test_what_nobody_waits_for_goes_to_the_broker_behind_the_rest(published):
    first = outgoing.queue("tests.news", 1, key="hop-1")
    assert published == [("hostbill.core.tasks.send", (first.pk,), nudge.LATER)]


def test_what_nobody_waits_for_goes_to_the_broker_in_one_message(published):
    first = outgoing.queue("tests.news", 2, key="hop-2")
    published.clear()
    tasks.send(first.pk)
    following = Outgoing.objects.get(key="hop-1")
    assert published == [("hostbill.core.tasks.follow", ([["send", following.pk]],), nudge.LATER)]
    tasks.follow(*published.pop()[1])
    assert Outgoing.objects.get(key="hop-1").state == "done"
