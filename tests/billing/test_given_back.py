"""What else comes back: days suspended for non-payment, set-up fees, differences of prices changed since a day. Figures by hand."""

from decimal import Decimal as D

import pytest

from billing.actions.back_dated import back_date_price
from billing.actions.billable import invoice_items
from billing.actions.cancellation import cancel_subscription
from billing.actions.change import request_change
from billing.actions.pause import pause_subscription
from billing.actions.renewal import raise_renewals
from billing.actions.suspension import resume_subscription, suspend_subscription
from billing.models import BillableItem, CreditNote, Invoice
from billing.options import PROFORMA, SUSPENDED_CREDIT
from billing.queries.books import verify
from billing.queries.wish import Wish
from clients.models import ClientGroup
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.money import Money
from hostbill.core.options import set_option
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay, subscription_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def day(set_day):
    set_day("2012-07-01")
    return set_day


def notes():
    return [note.net_amount for note in CreditNote.objects.order_by("pk")]


def credit_of(service):
    service.account.refresh_from_db()
    return service.account.credit_amount


class TestSuspendedDays:
    @pytest.fixture
    def service(self, cast):
        """249.95 from 1 July 2012."""
        return active_subscription(cast.alice_client, make_product(prices={"monthly": ("249.95", "0")}))

    def rest(self, service, day, begins, ends, kind="nonpayment"):
        day(begins)
        suspend_subscription(service, kind=kind, reason="unpaid", actor=SYSTEM)
        day(ends)
        resume_subscription(service, actor=SYSTEM, reason="paid")

    @pytest.mark.parametrize(("wanted", "kind", "expected"), [
        (True, "nonpayment", [D("80.63")]), (False, "nonpayment", []), (True, "manual", []), (True, "abuse", []),
    ])  # fmt: skip
    def test_they_come_back_where_the_setting_says_so(self, service, day, drain, wanted, kind, expected):
        """10 to 20 July: 10 of 31 days of 249.95, which the next invoice is paid with."""
        set_option(SUSPENDED_CREDIT, wanted, SYSTEM)
        self.rest(service, day, "2012-07-10", "2012-07-20", kind)
        drain()
        assert notes() == expected and credit_of(service) == sum(expected, D(0))
        (renewal,) = raise_renewals(service.account, until=clock.today().replace(month=8, day=1), actor=SYSTEM)
        assert renewal.open_amount == D("249.95") - sum(expected, D(0)) and renewal.lines.get().period_start.day == 1
        assert verify() == []

    def test_over_two_periods_and_before_an_end(self, service, day, drain):
        """25 July to 5 August is 7 of 31 and 4 of 31 days; ended on 20 August 12 of 31 more come back."""
        set_option(SUSPENDED_CREDIT, True, SYSTEM)
        (renewal,) = raise_renewals(service.account, until=clock.today().replace(month=8), actor=SYSTEM)
        pay(renewal)
        self.rest(service, day, "2012-07-25", "2012-08-05")
        drain()
        assert notes() == [D("56.44"), D("32.25")]
        day("2012-08-20")
        cancel_subscription(service, when="now", credit="prorated", reason="x", actor=SYSTEM)
        assert notes()[2:] == [D("96.75")] and verify() == []

    def test_a_whole_period_stays_served(self, service, day, drain):
        set_option(SUSPENDED_CREDIT, True, SYSTEM)
        self.rest(service, day, "2012-07-01", "2012-08-01")
        drain()
        assert notes() == [D("249.95")]
        raise_renewals(service.account, until=clock.today(), actor=SYSTEM)
        assert [line.period_start.month for line in service.invoice_lines.filter(released=False)] == [8] and verify() == []

    def test_told_again_nothing_comes_back_twice(self, service, day, drain):
        set_option(SUSPENDED_CREDIT, True, SYSTEM)
        self.rest(service, day, "2012-07-10", "2012-07-12")
        self.rest(service, day, "2012-07-15", "2012-07-16")
        drain()
        assert notes() == [D("16.13"), D("8.06")]
        assert [row.credited_days for row in service.suspensions.order_by("pk")] == [2, 1]

    def test_an_unpaid_pro_forma_asks_for_less(self, service, day, drain):
        set_option(PROFORMA, True, SYSTEM)
        set_option(SUSPENDED_CREDIT, True, SYSTEM)
        day("2012-08-01")
        raise_renewals(service.account, until=clock.today(), actor=SYSTEM)
        self.rest(service, day, "2012-08-11", "2012-08-21")
        drain()
        assert notes() == [] and Invoice.objects.get(state="issued").net_amount == D("249.95") - D("80.63")
        assert verify() == []


class TestSetUpFees:
    @pytest.mark.parametrize(("days", "ends", "credit", "expected"), [
        (14, "2012-07-14", "prorated", [D("30.44")]),  # 18 of 31 days of 18.00, and 19.99
        (14, "2012-07-15", "prorated", [D("9.87")]),
        (None, "2012-07-02", "prorated", [D("17.42")]),
        (14, "2012-07-02", "none", []),
    ])  # fmt: skip
    def test_they_come_back_within_the_days(self, cast, day, days, ends, credit, expected):
        make_tax_rate("19")
        product = make_product(prices={"monthly": ("18.00", "19.99")}, setup_refund_days=days)
        order = make_order(cast.alice_client, product)
        pay(order.invoice)
        day(ends)
        cancel_subscription(subscription_of(order), when="now", credit=credit, reason="x", actor=SYSTEM)
        assert notes() == expected and verify() == []

    def test_with_a_discount(self, cast, day):
        """25 % off both: 30 of 31 days of 18.00 less 4.50, and 20.00 less 5.00."""
        cast.alice_client.group = ClientGroup.objects.create(name="Friends", discount_percent=D(25))
        cast.alice_client.save()
        order = make_order(cast.alice_client, make_product(prices={"monthly": ("18.00", "20.00")}, setup_refund_days=30))
        pay(order.invoice)
        day("2012-07-02")
        cancel_subscription(subscription_of(order), when="now", credit="prorated", reason="x", actor=SYSTEM)
        assert notes() == [D("17.42") - D("4.35") + D(15)] and verify() == []


class TestDifferencesOfPrices:
    """10.00 from 1 July, 41.00 since 11 July: 21 of 31 days of 31.00 are 21.00 more."""

    @pytest.fixture
    def service(self, cast, day):
        make_tax_rate("19")
        service = active_subscription(cast.alice_client, make_product(prices={"monthly": ("10.00", "0")}))
        day("2012-07-15")
        back_date_price(service, price=Money(D("41.00"), "EUR"), since=clock.today().replace(day=11), reason="x", actor=SYSTEM)
        return service

    def invoiced(self, service):
        item = BillableItem.objects.get()
        assert item.amount.amount == D("21.00")
        invoice = invoice_items(service.account, [item], actor=SYSTEM)
        pay(invoice)
        return invoice

    def ended(self, service):
        cancel_subscription(service, when="now", credit="prorated", reason="x", actor=SYSTEM)
        assert verify() == []

    def test_invoiced_they_come_back_with_the_price(self, service, day):
        """On 22 July 10 of 31 days of 10.00 and 10 of 21 days of 21.00."""
        assert self.invoiced(service).net_amount == D(21)
        day("2012-07-22")
        self.ended(service)
        assert notes() == [D("3.23"), D("10.00")]

    def test_not_invoiced_yet_only_the_used_days_are_charged(self, service, day):
        day("2012-07-22")
        self.ended(service)
        assert notes() == [D("3.23")] and self.invoiced(service).net_amount == D(11)

    def test_paused_at_once_only_the_days_before_are_charged(self, service, day):
        """Four of 21 days; the credit of the pause pays them."""
        pause_subscription(service, actor=SYSTEM, credit="prorated")
        invoice = invoice_items(service.account, [BillableItem.objects.get()], actor=SYSTEM)
        assert (invoice.net_amount, invoice.state) == (D(4), "paid")

    def test_nothing_is_charged_where_nothing_was_used(self, cast, day):
        service = active_subscription(cast.charlie_client, make_product(prices={"monthly": ("10.00", "0")}))
        back_date_price(service, price=Money(D("41.00"), "EUR"), since=clock.today(), reason="x", actor=SYSTEM)
        self.ended(service)
        item = BillableItem.objects.get(client=cast.charlie_client)
        assert invoice_items(service.account, [item], actor=SYSTEM) is None
        item.refresh_from_db()
        assert item.state == "dropped" and notes() == [D(10)]

    def test_an_upgrade_gives_them_back(self, service, day, drain):
        """22 July: 10 of 31 days of 62.00 for 3.23 and 10.00."""
        self.invoiced(service)
        day("2012-07-22")
        wish = Wish(product_id=make_product(prices={"monthly": ("62.00", "0")}).pk)
        invoice = request_change(service, wish, when="now", actor=SYSTEM, for_staff=True).invoice
        assert sorted(line.net_amount for line in invoice.lines.all()) == [D("-10.00"), D("-3.23"), D("20.00")]
        pay(invoice)
        drain()
        day("2012-07-27")
        self.ended(service)
        assert sum(notes()) == D(10) and verify() == []
