"""The ladder for an unpaid invoice, walked by the real engine on a moved clock, and the way back."""

from datetime import time, timedelta
from decimal import Decimal

import pytest

from billing.actions.account import open_account, park_account
from billing.actions.draft import create_draft, issue_draft
from billing.actions.lines import NewLine
from billing.actions.renewal import raise_renewals
from billing.actions.suspension import resume_subscription, suspend_subscription
from billing.models import Invoice, Suspension
from billing.models.cycle import add_months
from billing.options import WARNED_BEFORE
from billing.queries.books import verify
from billing.queries.dunning import plan_for
from billing.queries.entitlement import suspension_reason, wanted_state
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Message, Rule
from hostbill.core.options import set_option
from hostbill.core.rules import preview, run_rules, seed_defaults
from tests.billing.factories import active_subscription, make_order, make_product, pay, subscription_of

pytestmark = pytest.mark.django_db


class Quiet:
    """A job report that lets failures through."""

    def count(self, what, number=1):
        """Nothing to count."""

    def guard(self, obj):
        """Errors are not set aside."""
        return _Open()


class _Open:
    def __enter__(self):
        return None

    def __exit__(self, *args):
        return False


@pytest.fixture
def days(monkeypatch):
    """days(n): the clock stands n days after the renewal's due date (a month after the start), that day's rules run."""
    seed_defaults()
    start = clock.start_of(add_months(clock.today(), 1), time(5))

    def go(number):
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=number))
        run_rules(clock.now(), Quiet())

    return go


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def unpaid_renewal(client):
    """A running subscription with one renewal, due on the day of its next period."""
    subscription = active_subscription(client)
    (invoice,) = raise_renewals(open_account(client), until=subscription.next_due_on, actor=SYSTEM)
    return subscription, invoice


def test_the_whole_ladder(cast, days):
    subscription, invoice = unpaid_renewal(cast.charlie_client)
    plan = plan_for(invoice)
    assert (plan.suspend_on, plan.end_on) == (invoice.due_on + timedelta(14), invoice.due_on + timedelta(45))
    seen = []
    for day in range(-3, 46):
        days(day)
        subscription.refresh_from_db()
        seen.append(subscription.state)
    assert seen == ["active"] * 17 + ["suspended"] * 31 + ["ended"]
    assert kinds() == [
        "billing.invoice_reminder",
        "billing.invoice_overdue",
        "billing.invoice_overdue",
        "billing.suspension_warning",
        "billing.termination_warning",
    ]
    assert wanted_state(subscription) == "gone"
    assert verify() == []


def test_suspended_then_paid_resumes_at_once(cast, days):
    subscription, invoice = unpaid_renewal(cast.charlie_client)
    days(13)
    days(14)
    subscription.refresh_from_db()
    assert wanted_state(subscription) == "suspended" and invoice.number in suspension_reason(subscription)
    pay(invoice)
    subscription.refresh_from_db()
    assert wanted_state(subscription) == "live"
    assert Suspension.objects.get().lifted_by == "HostBill"
    days(45)
    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert verify() == []


def test_paying_one_of_two_overdue_invoices_does_not_resume(cast, days):
    subscription, first = unpaid_renewal(cast.charlie_client)
    subscription.refresh_from_db()
    (second,) = raise_renewals(open_account(cast.charlie_client), until=subscription.next_due_on, actor=SYSTEM)
    for late in (1, 2):
        days((second.due_on - first.due_on).days + late)
    pay(first)
    subscription.refresh_from_db()
    assert subscription.state == "suspended"
    pay(second)
    subscription.refresh_from_db()
    assert subscription.state == "active"


def test_abuse_outlasts_a_payment(cast, days):
    subscription, invoice = unpaid_renewal(cast.charlie_client)
    days(13)
    days(14)
    suspend_subscription(subscription, kind="abuse", reason="phishing", actor=SYSTEM)
    pay(invoice)
    subscription.refresh_from_db()
    assert subscription.state == "suspended" and suspension_reason(subscription) == "phishing"
    resume_subscription(subscription, actor=SYSTEM, reason="cleaned")
    subscription.refresh_from_db()
    assert subscription.state == "active"
    with pytest.raises(AppError):
        resume_subscription(subscription, actor=SYSTEM, reason="again")


def test_an_order_never_paid_is_cancelled_not_suspended(cast, days):
    order = make_order(cast.charlie_client, make_product())
    days(0)
    assert subscription_of(order).state == "pending"
    days(22)
    order.invoice.refresh_from_db()
    assert (subscription_of(order).state, order.invoice.state) == ("cancelled", "cancelled")
    assert "billing.suspension_warning" not in kinds()


def test_nothing_happens_to_a_parked_account_or_a_switched_off_rule(cast, days):
    subscription, _invoice = unpaid_renewal(cast.charlie_client)
    account = open_account(cast.charlie_client)
    park_account(account, actor=SYSTEM, reason="let staff look")
    days(20)
    subscription.refresh_from_db()
    assert subscription.state == "active" and kinds() == []
    Rule.objects.filter(code="billing.suspend").update(is_active=False)
    assert plan_for(Invoice.objects.get(kind="renewal")).suspend_on is None


def test_running_the_rules_again_repeats_nothing(cast, days):
    unpaid_renewal(cast.charlie_client)
    for day in (-3, -3, 3, 3, 3):
        days(day)
    assert len(kinds()) == len(set(kinds())) == 2


def test_after_an_outage_one_mail_says_the_latest(cast, days):
    """Nothing ran from before the due date until twelve days after: not three mails at once, and those overtaken never come."""
    _subscription, invoice = unpaid_renewal(cast.charlie_client)
    days(12)
    assert kinds() == ["billing.suspension_warning"]
    rule = Rule.objects.get(code="billing.remind_after_2")
    assert preview(rule) == ([], False) and rule.runs.get(object_id=invoice.pk).outcome == "a later one is due"
    days(13)
    assert kinds() == ["billing.suspension_warning"]


def test_a_warning_that_has_nothing_to_say_silences_no_reminder(cast, days):
    """Of an invoice that bills no service nobody is told of a suspension: after an outage the reminder must come."""
    account = open_account(cast.charlie_client)
    by_hand = create_draft(account, [NewLine("Consulting", Decimal("80"))], due_on=add_months(clock.today(), 1), actor=SYSTEM)
    issue_draft(by_hand, actor=SYSTEM)
    days(12)
    assert kinds() == ["billing.invoice_overdue"]
    days(13)
    assert kinds() == ["billing.invoice_overdue"]


@pytest.mark.parametrize("between", [1, 3, 0])
def test_after_an_outage_nothing_stops_in_the_run_that_announces_it(cast, days, between):
    set_option(WARNED_BEFORE, between, SYSTEM)
    subscription, invoice = unpaid_renewal(cast.charlie_client)
    seen = []
    for day in range(20, 25):
        days(day)
        subscription.refresh_from_db()
        seen.append(subscription.state)
    assert kinds() == ["billing.suspension_warning"] and seen == ["active"] * between + ["suspended"] * (5 - between)
    said = Message.objects.get(kind="billing.suspension_warning")
    stops_on = invoice.due_on + timedelta(days=20 + between)
    assert between == 0 or str(stops_on.day) in said.text and plan_for(invoice).suspend_on == stops_on


def test_a_reminder_of_the_house_counts_as_a_warning(cast, days):
    """Whoever announces nothing else must at least have been reminded the day before."""
    Rule.objects.filter(code="billing.warn_of_suspension").update(is_active=False)
    subscription, _invoice = unpaid_renewal(cast.charlie_client)
    days(20)
    subscription.refresh_from_db()
    assert (kinds(), subscription.state) == (["billing.invoice_overdue"], "active")
    days(21)
    subscription.refresh_from_db()
    assert subscription.state == "suspended"


def test_a_rung_whose_conditions_do_not_hold_overtakes_nothing(cast, days):
    unpaid_renewal(cast.charlie_client)
    condition = {"field": "billing.open", "relation": "at_least", "value": "100000"}
    Rule.objects.filter(code="billing.warn_of_suspension").update(conditions=[condition])
    Rule.objects.filter(code="billing.remind_after_1").update(is_active=False)
    days(12)
    assert kinds() == ["billing.invoice_overdue"]
