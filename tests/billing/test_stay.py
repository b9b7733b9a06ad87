"""More days to pay: asked for by the client, kept by automation, over on the day it says."""

from datetime import timedelta

import pytest

from billing.actions.dunning import suspend_for
from billing.actions.renewal import raise_renewals
from billing.actions.stay import ask_for_days, end_stay, give_days
from billing.actions.suspension import suspend_subscription
from billing.jobs import end_stays
from billing.models import Stay
from billing.options import MORE_DAYS, MORE_DAYS_EVERY
from billing.queries.stay import offer_for
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import Report
from hostbill.core.localized import near_day_text
from hostbill.core.models import Change, JobRun, Message
from hostbill.core.rules import run_rules, seed_defaults
from tests.billing.factories import active_subscription, pay

pytestmark = pytest.mark.django_db


def report():
    return Report(JobRun(name="test", slot=clock.now()))


def later(days):
    clock.move_to(clock.now() + timedelta(days=days))


@pytest.fixture
def late(cast):
    """A renewal 20 days overdue; its subscription suspended by the rules."""
    seed_defaults()
    subscription = active_subscription(cast.charlie_client)
    invoice = raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)[0]
    for day in (19, 20):
        clock.move_to(clock.start_of(invoice.due_on + timedelta(days=day)))
        run_rules(clock.now(), report())
    subscription.refresh_from_db()
    assert subscription.state == "suspended"
    return invoice, subscription


def state(subscription):
    subscription.refresh_from_db()
    return subscription.state


def test_it_comes_back_at_once_and_automation_waits(late):
    invoice, subscription = late
    stay = ask_for_days(invoice, days=7, actor=SYSTEM, reason="salary on Friday")
    assert state(subscription) == "active" and stay.until == clock.today() + timedelta(days=7)
    assert Change.objects.filter(action="billing.more_days_given", object_id=invoice.pk).exists()
    for _day in range(7):
        later(1)
        run_rules(clock.now(), report())
        end_stays(clock.now(), report())
        assert suspend_for(invoice, actor=SYSTEM) == [] and state(subscription) == "active"


def test_unpaid_on_the_day_after_it_is_suspended_again_and_only_once(late):
    invoice, subscription = late
    ask_for_days(invoice, days=3, actor=SYSTEM)
    later(4)
    for _time in range(2):
        end_stays(clock.now(), report())
    assert state(subscription) == "suspended"
    assert subscription.suspensions.filter(lifted_at__isnull=True).count() == 1


def test_paid_within_the_days_it_stays_up(late):
    invoice, subscription = late
    ask_for_days(invoice, days=3, actor=SYSTEM)
    pay(invoice)
    later(4)
    end_stays(clock.now(), report())
    assert state(subscription) == "active" and Stay.objects.get().ended_at


def test_what_staff_suspended_stays_suspended(late):
    invoice, subscription = late
    suspend_subscription(subscription, kind="abuse", reason="spam", actor=SYSTEM)
    ask_for_days(invoice, days=3, actor=SYSTEM)
    assert state(subscription) == "suspended"


@pytest.mark.parametrize("days", [0, -1, 8, 10**6])
def test_never_more_days_than_offered(late, days):
    with pytest.raises(AppError) as refusal:
        ask_for_days(late[0], days=days, actor=SYSTEM)
    assert refusal.value.code == "too_many_days" and not Stay.objects.exists()


def test_once_for_an_invoice_and_once_in_a_while(late, cast):
    invoice, subscription = late
    ask_for_days(invoice, days=1, actor=SYSTEM)
    with pytest.raises(AppError):
        ask_for_days(invoice, days=1, actor=SYSTEM)
    options.set_option(MORE_DAYS_EVERY, 0, SYSTEM)
    assert not offer_for(invoice).days
    other = raise_renewals(subscription.account, until=subscription.next_due_on + timedelta(days=31), actor=SYSTEM)[-1]
    clock.move_to(clock.start_of(other.due_on + timedelta(days=5)))
    assert other.pk != invoice.pk and offer_for(other).days == 7
    options.set_option(MORE_DAYS_EVERY, 60, SYSTEM)
    assert not offer_for(other).days


def test_staff_can_switch_it_off(late):
    options.set_option(MORE_DAYS, 0, SYSTEM)
    assert offer_for(late[0]).refusal
    with pytest.raises(AppError):
        ask_for_days(late[0], days=1, actor=SYSTEM)


def test_the_days_never_reach_the_day_it_would_be_deleted(late):
    invoice, _subscription = late
    clock.move_to(clock.start_of(invoice.due_on + timedelta(days=42)))
    assert offer_for(invoice).days == 2
    later(2)
    assert offer_for(invoice).refusal


def test_before_the_due_day_there_is_nothing_to_ask_for(cast):
    subscription = active_subscription(cast.charlie_client)
    invoice = raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)[0]
    assert offer_for(invoice).refusal


def test_days_given_while_the_night_runs_hold(late):
    """The job had listed the row already when a colleague took a promise to pay."""
    invoice, subscription = late
    listed = ask_for_days(invoice, days=3, actor=SYSTEM)
    later(4)
    given = give_days(invoice, until=clock.today() + timedelta(days=10), actor=SYSTEM, reason="pays on Friday")
    end_stay(listed, actor=SYSTEM)
    given.refresh_from_db()
    assert given.ended_at is None and state(subscription) == "active"
    end_stay(given, actor=SYSTEM)
    assert state(subscription) == "suspended"


def test_an_end_keeps_its_distance_from_its_announcement(late):
    """Staff gave days until after the day of the end: it is announced first, and nothing is ended in that very night."""
    invoice, subscription = late
    give_days(invoice, until=invoice.due_on + timedelta(days=49), actor=SYSTEM, reason="They promised")
    for day, expected in ((50, "suspended"), (64, "suspended"), (65, "ended")):
        clock.move_to(clock.start_of(invoice.due_on + timedelta(days=day)))
        end_stays(clock.now(), report())
        run_rules(clock.now(), report())
        assert (day, state(subscription)) == (day, expected)
    warning = Message.objects.get(kind="billing.termination_warning")
    assert near_day_text(invoice.due_on + timedelta(days=65), "en") in warning.text
