"""Events: written with the change, delivered exactly once, retried, and never lost."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import connection, transaction

from hostbill.core import events
from hostbill.core.models import Delivery, Event

calls = []


@dataclass(frozen=True)
class Rang(events.Event):
    """A test's event."""

    name: ClassVar[str] = "tests.rang"
    bell_id: int


@events.listen(Rang, name="tests.note")
def note(event):
    """Fails on bell 13."""
    calls.append(event.bell_id)
    Event.objects.create(name="tests.side_effect", payload={"bell": event.bell_id})
    if event.bell_id == 13:
        raise RuntimeError("out of order")


@pytest.fixture(autouse=True)
def quiet():
    """No calls yet."""
    calls.clear()


@pytest.mark.django_db(transaction=True)
def test_emit_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError):
        events.emit(Rang(1))


@pytest.mark.django_db
def test_a_rolled_back_change_tells_nobody():
    try:
        with transaction.atomic():
            events.emit(Rang(1))
            raise ValueError
    except ValueError:
        pass
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_delivered_once_however_often_it_is_nudged():
    events.emit(Rang(7))
    delivery = Delivery.objects.get()
    assert events.deliver(delivery.pk)
    assert not events.deliver(delivery.pk)
    assert calls == [7]


@pytest.mark.django_db
def test_a_failing_handler_leaves_nothing_behind_and_waits_for_its_next_try():
    events.emit(Rang(13))
    delivery = Delivery.objects.get()
    events.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "waiting" and delivery.attempts == 1 and "out of order" in delivery.error
    assert not Event.objects.filter(name="tests.side_effect").exists()
    assert delivery.pk not in events.due()


@pytest.mark.django_db
def test_a_dead_delivery_can_be_retried_by_staff():
    events.emit(Rang(13))
    delivery = Delivery.objects.get()
    for _ in events.BACKOFF:
        Delivery.objects.update(next_try_at="2020-01-01T00:00Z")
        events.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "dead"
    events.retry_delivery(delivery.pk)
    assert delivery.pk in events.due()


@pytest.mark.django_db(transaction=True)
def test_a_delivery_in_other_hands_is_left_alone():
    with transaction.atomic():
        events.emit(Rang(5))
    delivery = Delivery.objects.get()
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM core_delivery WHERE id = %s FOR UPDATE", [delivery.pk])
        assert not events.deliver(delivery.pk)
    finally:
        other.rollback()
        other.close()
    assert events.deliver(delivery.pk)
    assert calls == [5]


@pytest.mark.django_db
def test_an_act_without_one_of_its_listeners():
    """What is emitted inside leaves it out, also many at once; afterwards it listens again."""
    with events.without("tests.note"):
        events.emit(Rang(1))
        events.emit_many([Rang(2), Rang(3)])
    events.emit(Rang(4))
    told = Delivery.objects.filter(handler="tests.note").values_list("event__payload__bell_id", flat=True)
    assert list(told) == [4] and Event.objects.filter(name="tests.rang").count() == 4
    with pytest.raises(LookupError), events.without("tests.nobody"):
        pass
