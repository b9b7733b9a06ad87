"""The rules of money against tables of cases beside the worked ones: group rounding, tax points, zero invoices."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.change import request_change, withdraw_change
from billing.actions.correction import correct_invoice
from billing.actions.credit_note import credit_invoice
from billing.actions.draft import issue_draft, lines_of, update_draft
from billing.actions.renewal import raise_renewals
from billing.models import Invoice, Price, PriceList, Subscription
from billing.queries.books import verify
from billing.queries.discount import Charged, Cut, reductions
from billing.queries.wish import Wish
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Change, Event
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay, subscription_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(monkeypatch):
    """Set the seller's day without running any job."""

    def set_day(text):
        monkeypatch.setattr(clock, "now", lambda: clock.start_of(date.fromisoformat(text)) + timedelta(hours=12))

    set_day("2027-02-10")
    return set_day


def inclusive(product, amount, setup="0", cycle="monthly"):
    """Sell it at a price that includes tax."""
    prices, _made = PriceList.objects.get_or_create(name="Shop", defaults={"currency": "EUR", "includes_tax": True})
    Price.objects.create(product=product, price_list=prices, currency="EUR", cycle=cycle, amount=D(amount), setup_amount=D(setup))
    return product


def groups(invoice):
    return [(row.tax_class, str(row.percent.normalize()), row.net_amount, row.tax_amount) for row in invoice.taxes.all()]


@pytest.mark.parametrize(
    ("standard", "reduced", "expected"),
    [
        # One rate is one group, whatever the classes: 0.12 + 0.12 at 20 % is 0.05, not 0.02 + 0.02.
        ("20", "20", [("standard", "2E+1", D("0.24"), D("0.05"))]),
        ("20", "10", [("standard", "2E+1", D("0.12"), D("0.02")), ("reduced", "1E+1", D("0.12"), D("0.01"))]),
    ],
)
def test_classes_with_one_rate_are_one_group(cast, standard, reduced, expected):
    make_tax_rate(standard)
    make_tax_rate(reduced, tax_class="reduced")
    cheap = {"prices": {"monthly": ("0.12", "0")}}
    invoice = make_order(cast.alice_client, make_product(**cheap), make_product(tax_class="reduced", **cheap)).invoice
    assert groups(invoice) == expected
    pay(invoice)
    first, second = invoice.lines.all()
    for line in (second, first):
        credit_invoice(invoice, actor=SYSTEM, reason="Not wanted", amounts={line.pk: line.net_amount})
        invoice.refresh_from_db()
    assert (invoice.state, invoice.credited_amount) == ("cancelled", invoice.total_amount)
    assert verify() == []


def test_a_price_with_tax_is_kept_across_a_change(cast, today, drain):
    """18 of 28 days: 16.07 - 7.65 = 8.42 with 19 %; its net is 7.08, and what is given back mirrors what was charged."""
    make_tax_rate("19")
    small, big = inclusive(make_product(), "11.90"), inclusive(make_product(), "24.99")
    today("2027-01-31")
    service = active_subscription(cast.alice_client, small)
    today("2027-02-10")
    invoice = request_change(service, Wish(product_id=big.pk), when="now", actor=SYSTEM, for_staff=True).invoice
    assert [(line.net_amount, line.gross_amount) for line in invoice.lines.all()] == [
        (D("-6.43"), D("-7.65")),
        (D("13.51"), D("16.07")),
    ]
    assert (invoice.net_amount, invoice.tax_amount, invoice.total_amount) == (D("7.08"), D("1.34"), D("8.42"))
    assert verify() == []


def test_old_and_new_rate_on_one_document(cast, today):
    """What is given back is taxed as it was, what is charged as it is now; the books say nothing is wrong with that."""
    make_tax_rate("19", valid_until=date(2027, 2, 5))
    make_tax_rate("21", valid_from=date(2027, 2, 6))
    today("2027-01-31")
    service = active_subscription(cast.alice_client, make_product())
    today("2027-02-10")
    big = make_product(prices={"monthly": ("28.00", "0")})
    invoice = request_change(service, Wish(product_id=big.pk), when="now", actor=SYSTEM, for_staff=True).invoice
    assert groups(invoice) == [("standard", "21", D("18.00"), D("3.78")), ("standard", "19", D("-6.43"), D("-1.22"))]
    assert verify() == []


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ({"percent": "19"}, {"percent": "25"}, D("11.90")),
        ({"percent": "19"}, {"percent": "7"}, D("11.90")),
        ({"percent": "0", "category": "E", "reason": "Small business"}, {"percent": "19"}, D("10.00")),
    ],
)
def test_a_correction_has_the_tax_of_the_day_of_its_invoice(cast, today, then, now, expected):
    make_tax_rate(**then)
    make_tax_rate(**now, valid_from=date(2027, 3, 1))
    invoice = make_order(cast.alice_client).invoice
    today("2027-03-15")
    draft = correct_invoice(invoice, actor=SYSTEM, reason="Wrong address")
    assert draft.total_amount == expected
    draft = update_draft(draft, lines_of(draft), due_on=date(2027, 4, 1), actor=SYSTEM)
    issued = issue_draft(draft, actor=SYSTEM)
    assert issued.total_amount == expected
    today("2027-05-15")
    again = issue_draft(correct_invoice(issued, actor=SYSTEM, reason="Still wrong"), actor=SYSTEM)
    assert again.total_amount == expected
    assert verify() == []


def test_another_price_in_a_draft_takes_the_place_of_one_with_tax(cast, today):
    make_tax_rate("19")
    invoice = make_order(cast.alice_client, inclusive(make_product(), "9.99")).invoice
    draft = correct_invoice(invoice, actor=SYSTEM, reason="Cheaper as agreed")
    (line,) = lines_of(draft)
    same = update_draft(draft, [line], due_on=draft.due_on, actor=SYSTEM)
    assert same.total_amount == D("9.99")
    other = type(line)(**{**vars(line), "unit_amount": D("5.00")})
    assert update_draft(draft, [other], due_on=draft.due_on, actor=SYSTEM).total_amount == D("5.95")


def renew(service, until):
    """[[(part, net)]] of the invoices written up to the day."""
    invoices = raise_renewals(service.account, until=date.fromisoformat(until), actor=SYSTEM)
    service.refresh_from_db()
    return [[(line.part, line.net_amount) for line in invoice.lines.all()] for invoice in invoices]


FREE = {"monthly": ("0", "0")}


def test_what_costs_nothing_goes_on_without_invoices(cast, today):
    today("2027-01-31")
    service = subscription_of(make_order(cast.alice_client, make_product(prices=FREE)))
    assert (Invoice.objects.get().state, Invoice.objects.get().total_amount) == ("paid", 0)  # the order itself
    today("2027-03-31")
    assert renew(service, "2027-03-31") == []
    assert [str(day) for day in (service.next_due_on, service.paid_until, service.free_until)] == ["2027-04-30"] * 3
    assert Change.objects.filter(action="billing.free_period_begun", object_id=service.pk).count() == 2
    assert Event.objects.filter(name="billing.free_period_begun").count() == 2
    assert verify() == []
    cancel_subscription(service, when="end", reason="", actor=SYSTEM)
    assert str(Subscription.objects.get().cancel_on) == "2027-04-30"
    keep_subscription(service, actor=SYSTEM)
    assert str(Subscription.objects.get().next_due_on) == "2027-04-30"
    assert verify() == []


def test_from_free_to_paid_within_a_free_period(cast, today, drain):
    """P15: free, changed to 29.95 half way: 14.98 to the 1st, then 29.95."""
    today("2017-01-01")
    service = subscription_of(make_order(cast.alice_client, make_product(prices=FREE)))
    today("2017-02-01")
    assert renew(service, "2017-02-14") == []
    today("2017-02-15")
    paid = make_product(prices={"monthly": ("29.95", "0")})
    change = request_change(service, Wish(product_id=paid.pk), when="now", actor=SYSTEM, for_staff=True)
    assert [(line.kind, line.net_amount) for line in change.invoice.lines.all()] == [("recurring", D("14.98"))]
    assert verify() == []
    pay(change.invoice)
    drain()
    assert renew(service, "2017-03-01") == [[("", D("29.95"))]]
    assert verify() == []


def test_from_paid_to_free_at_the_end_of_the_period(cast, today, drain):
    today("2027-01-15")
    service = active_subscription(cast.alice_client, make_product())
    free = make_product(prices=FREE)
    request_change(service, Wish(product_id=free.pk), when="term_end", actor=SYSTEM, for_staff=True)
    today("2027-02-15")
    assert renew(service, "2027-02-15") == []
    assert (service.price_amount, str(service.next_due_on), str(service.free_until)) == (0, "2027-03-15", "2027-03-15")
    assert verify() == []


def test_a_free_plan_beside_a_paid_one(cast, today):
    today("2027-01-31")
    free = subscription_of(make_order(cast.alice_client, make_product(prices=FREE)))
    active_subscription(cast.alice_client, make_product(prices={"monthly": ("4.00", "0")}))
    today("2027-02-28")
    assert renew(free, "2027-02-28") == [[("", D("4.00"))]]
    assert str(free.next_due_on) == "2027-03-31" and verify() == []


def test_many_free_periods_do_not_park_the_account(cast, today):
    today("2027-01-31")
    service = subscription_of(make_order(cast.alice_client, make_product(prices=FREE)))
    for month in range(2, 12):
        today(f"2027-{month:02}-28")
        renew(service, f"2027-{month:02}-28")
    big = make_product()
    change = request_change(service, Wish(product_id=big.pk), when="now", actor=SYSTEM, for_staff=True)
    withdraw_change(change, actor=SYSTEM)
    service.refresh_from_db()
    assert str(service.next_due_on) == "2027-11-30"
    assert renew(service, "2027-11-30") == [] and not service.account.parked_at
    assert verify() == []


BASE, BACKUP, DISK = Charged("base", D("10.00")), Charged("option", D("4.00"), 7), Charged("option", D("6.00"), 8)
SETUP, BACKUP_SETUP = Charged("setup", D("20.00")), Charged("setup", D("5.00"), 7)


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("percent", {}, "10.00"),
        ("percent", {"choices": frozenset({7})}, "7.00"),
        ("percent", {"choices": frozenset({7}), "includes_base": False}, "2.00"),
        ("percent", {"choices": frozenset({7, 8}), "includes_base": False}, "5.00"),
        ("percent", {"choices": frozenset({9}), "includes_base": False}, None),
        ("percent", {"includes_base": False}, "5.00"),
        ("percent", {"includes_base": False, "includes_setup": True}, "7.50"),
        ("percent", {"choices": frozenset({8}), "includes_setup": True}, "18.00"),
        ("percent", {"choices": frozenset({7}), "includes_base": False, "includes_options": False, "includes_setup": True}, "2.50"),
        ("free_setup", {}, "25.00"),
        ("free_setup", {"choices": frozenset({7}), "includes_base": False}, "5.00"),
        ("free_setup", {"choices": frozenset({8})}, "20.00"),
        ("fixed", {"choices": frozenset({7}), "includes_base": False}, "4.00"),
    ],
)
def test_discounts_on_chosen_options(kind, more, expected):
    figures = {"percent": {"percent": D("50")}, "fixed": {"amount": D("9.00")}, "free_setup": {}}[kind]
    cut = Cut(key="promo:1", kind=kind, name="Off", **figures, **more)
    found = reductions([BASE, BACKUP, DISK, SETUP, BACKUP_SETUP], [cut], currency="EUR", cycle="monthly")
    assert [str(amount) for _cut, amount in found] == ([expected] if expected else [])
