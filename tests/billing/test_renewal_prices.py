"""What renewals cost: discounts that run out by invoiced periods, a group's percentage, prices scheduled for a day."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from billing.actions.discount import end_discount, grant_discount
from billing.actions.invoice import cancel_invoice
from billing.actions.renewal import raise_renewals
from billing.models import ScheduledPrice
from clients.models import ClientGroup
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from tests.billing.factories import active_subscription, make_tax_rate

pytestmark = pytest.mark.django_db


def renew(subscription, until):
    """The nets of each renewal invoice: [[line nets], ...]."""
    invoices = raise_renewals(subscription.account, until=until, actor=SYSTEM)
    return [[str(line.net.amount) for line in invoice.lines.all()] for invoice in invoices], invoices


def grant(subscription, kind="percent", value="50", periods=2):
    return grant_discount(subscription, kind=kind, value=D(value), periods=periods, reason="Long outage", actor=SYSTEM)


@pytest.fixture
def subscription(cast, monkeypatch):
    """10.00 a month from 15 January 2026."""
    noon = clock.start_of(date(2026, 1, 15)) + timedelta(hours=12)
    monkeypatch.setattr(clock, "now", lambda: noon)
    make_tax_rate()
    return active_subscription(cast.alice_client)


def test_a_discount_counts_invoiced_periods(subscription):
    row = grant(subscription)
    nets, invoices = renew(subscription, date(2026, 4, 20))
    assert nets == [["10.00", "-5.00"], ["10.00", "-5.00"], ["10.00"]]
    assert [str(invoice.total_amount.quantize(D("0.01"))) for invoice in invoices] == ["5.95", "5.95", "11.90"]
    row.refresh_from_db()
    assert row.periods_left == 0


def test_a_withdrawn_period_does_not_count(subscription):
    row = grant(subscription)
    _nets, (invoice,) = renew(subscription, date(2026, 2, 20))
    cancel_invoice(invoice, actor=SYSTEM, reason="mistake")
    row.refresh_from_db()
    assert row.periods_left == 2


def test_free_months_that_a_withdrawn_period_gives_back(subscription):
    row = grant(subscription, kind="free_months", value="2", periods=None)
    nets, (invoice,) = renew(subscription, date(2026, 2, 20))
    assert nets == [["10.00", "-10.00"]]
    row.refresh_from_db()
    assert row.months_left == 1 and invoice.state == "paid"  # nothing to pay: no gateway is asked
    cancel_invoice(invoice, actor=SYSTEM, reason="mistake")
    row.refresh_from_db()
    assert row.months_left == 2


def test_ended_by_hand(subscription):
    end_discount(grant(subscription, periods=None), actor=SYSTEM)
    assert renew(subscription, date(2026, 2, 20))[0] == [["10.00"]]


def test_the_group_gets_its_percentage_each_time(subscription):
    group = ClientGroup.objects.create(name="Resellers", discount_percent=D("12.5"))
    subscription.client.group = group
    subscription.client.save()
    subscription.account.refresh_from_db()
    assert renew(subscription, date(2026, 3, 20))[0] == [["10.00", "-1.25"], ["10.00", "-1.25"]]


def test_a_scheduled_price_holds_from_the_next_period_after_its_day(subscription):
    ScheduledPrice.objects.create(
        subscription=subscription, starts_on=date(2026, 3, 1), currency="EUR", was_amount=D(10), amount=D(12)
    )
    assert renew(subscription, date(2026, 4, 20))[0] == [["10.00"], ["12.00"], ["12.00"]]
    subscription.refresh_from_db()
    assert subscription.price_amount == 12 and subscription.scheduled_prices.get().applied_at


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"reason": " "}, "reason"),
        ({"value": D(-5)}, "value"),
        ({"value": D(101)}, "value"),
        ({"kind": "free_months", "value": D("1.5")}, "value"),
        ({"kind": "free_setup", "value": D(1)}, "kind"),
    ],
)
def test_senseless_grants_are_refused(subscription, values, code):
    with pytest.raises(AppError) as refusal:
        grant_discount(
            subscription, **{"kind": "percent", "value": D(10), "periods": 1, "reason": "why", "actor": SYSTEM, **values}
        )
    assert refusal.value.code == code
