"""Codes: what they take off an order and its renewals, when they hold, and that nobody uses one too often."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.cart import add_line, create_cart
from billing.actions.order import cancel_order, place_order
from billing.actions.order_terms import Terms
from billing.actions.promotion import MOST_CODES, add_code, create_promotion, update_promotion
from billing.actions.renewal import raise_renewals
from billing.actions.staff_order import Ordered, order_for_client
from billing.models import Price, PriceList, Promotion, PromotionUse, SubscriptionDiscount
from billing.queries.books import verify
from billing.queries.discount import Granted
from billing.queries.quote import quote
from clients.models import ClientGroup
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay, subscription_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def day(monkeypatch):
    """15 January 2026, until a test says otherwise."""

    def be(text):
        monkeypatch.setattr(clock, "now", lambda: clock.start_of(date.fromisoformat(text)) + timedelta(hours=12))

    be("2026-01-15")
    return be


def promote(code="SAVE", kind="percent", value=None, amounts=None, **fields):
    """A code that gives 20 percent, or what it is told to."""
    if kind == "percent":
        fields["percent"] = D(value or "20")
    if kind == "free_months":
        fields["months"] = int(value)
    if kind in ("fixed", "override"):
        amounts = amounts or {"EUR": (D(value), D(0))}
    return create_promotion(actor=SYSTEM, name="Welcome", code=code, kind=kind, amounts=amounts or {}, **fields)


def basket(*lines, codes=("SAVE",), currency="EUR"):
    """A cart of (product, cycle) with codes in it."""
    cart = create_cart(currency=currency, actor=SYSTEM)
    for product, cycle in lines:
        add_line(cart, product=product, cycle=cycle, answers={}, actor=SYSTEM)
    for code in codes:
        add_code(cart, text=code, actor=SYSTEM)
    return cart


def buy(cart, client, key="k1"):
    """Placed as the checkout does."""
    total = quote(cart, client=client).total.amount
    return place_order(cart, client=client, actor=SYSTEM, idempotency_key=key, expected_total=total)


def plan(price, cycle="monthly", setup="0", **fields):
    """A product with one price."""
    return make_product(prices={cycle: (price, setup)}, **fields)


def figures(invoice):
    """(net, tax, total) as printed."""
    return tuple(str(money.amount) for money in (invoice.net, invoice.tax, invoice.total))


def nets(invoice):
    """What each line comes to."""
    return [str(line.net.amount) for line in invoice.lines.all()]


@pytest.fixture
def rates(db):
    """10, 20 and no percent."""
    make_tax_rate("20")
    make_tax_rate("10", tax_class="reduced")


# The worked cases of the rules


def test_t9_an_amount_off_four_fees(cast, rates):
    promote(kind="fixed", value="10.00")
    lines = [("100.00", "reduced"), ("50.00", "zero"), ("30.00", "standard"), ("20.00", "standard")]
    cart = basket(*[(plan(price, tax_class=tax_class), "monthly") for price, tax_class in lines])
    invoice = buy(cart, cast.alice_client).invoice
    off = [str(line.net.amount) for line in invoice.lines.filter(kind="discount")]
    assert off == ["-5.00", "-2.50", "-1.50", "-1.00"]
    assert {str(tax.net.amount) for tax in invoice.taxes.all() if tax.percent} == {"95.00", "47.50"}
    assert figures(invoice) == ("190.00", "19.00", "209.00")
    assert verify() == []


def test_t11_only_what_the_code_is_for(cast, rates):
    dear, other = plan("399.00"), plan("179.00", tax_class="reduced")
    promote(kind="fixed", value="250.00", products=[dear])
    invoice = buy(basket((other, "monthly"), (dear, "monthly")), cast.alice_client).invoice
    assert figures(invoice) == ("328.00", "47.70", "375.70")


def test_t25_half_a_cent_goes_up(cast, rates):
    promote(value="50")
    invoice = buy(basket((plan("10.05"), "monthly")), cast.alice_client).invoice
    assert nets(invoice) == ["10.05", "-5.03"]


def test_t31_more_than_there_is(cast, rates):
    promote("A10", "fixed", "10.00", is_combinable=True)
    promote("A110", "fixed", "110.00", is_combinable=True)
    cart = basket((plan("100.00", tax_class="reduced"), "monthly"), codes=("A10", "A110"))
    invoice = buy(cart, cast.alice_client).invoice
    assert figures(invoice) == ("0.00", "0.00", "0.00") and invoice.state == "paid"
    assert invoice.charges.count() == 0 and nets(invoice) == ["100.00", "-10.00", "-90.00"]
    assert verify() == []


# Kinds, renewals, and that the basket tells them before anything is paid


@pytest.mark.parametrize(
    ("values", "first", "renewals"),
    [
        ({"value": "20"}, ["10.00", "4.00", "-2.00"], [["10.00"], ["10.00"]]),
        ({"value": "20", "includes_setup": True}, ["10.00", "4.00", "-2.00", "-0.80"], [["10.00"], ["10.00"]]),
        ({"value": "20", "periods": 2}, ["10.00", "4.00", "-2.00"], [["10.00", "-2.00"], ["10.00"]]),
        ({"value": "20", "periods": None}, ["10.00", "4.00", "-2.00"], [["10.00", "-2.00"], ["10.00", "-2.00"]]),
        ({"kind": "free_setup"}, ["10.00", "4.00", "-4.00"], [["10.00"], ["10.00"]]),
        ({"kind": "free_months", "value": 2}, ["10.00", "4.00", "-10.00"], [["10.00", "-10.00"], ["10.00"]]),
        ({"kind": "fixed", "value": "3"}, ["10.00", "4.00", "-3.00"], [["10.00"], ["10.00"]]),
        (
            {"kind": "override", "value": "6.50", "cycles": ["monthly"], "periods": 2},
            ["10.00", "4.00", "-3.50"],
            [["10.00", "-3.50"], ["10.00"]],
        ),
    ],
)
def test_each_kind_at_once_and_later(cast, rates, values, first, renewals):
    promote(**values)
    cart = basket((plan("10.00", setup="4.00"), "monthly"))
    seen = quote(cart, client=cast.alice_client)
    order = buy(cart, cast.alice_client)
    assert nets(order.invoice) == first and order.invoice.total == seen.total
    subscription = make_running(order)
    later = raise_renewals(subscription.account, until=date(2026, 3, 20), actor=SYSTEM)
    assert [nets(invoice) for invoice in later] == renewals
    assert seen.renewals == [] or seen.renewals[0].total == later[0].total
    change = [step for step in seen.steps if step.on == date(2026, 3, 15)]
    assert bool(change) == (renewals[0] != renewals[1]) and all(step.total == later[1].total for step in change)
    assert verify() == []


def make_running(order):
    """Paid and begun."""
    if order.invoice.state != "paid":
        pay(order.invoice)
    return subscription_of(order)


def test_every_renewal_of_an_order_takes_its_share(cast, rates):
    """An amount off the order is an amount off each period of each service: the share it had."""
    promote(kind="fixed", value="10.00", periods=None)
    order = buy(basket((plan("30.00"), "monthly"), (plan("10.00"), "monthly")), cast.alice_client)
    make_running(order)
    (renewal,) = raise_renewals(open_account(cast.alice_client), until=date(2026, 2, 20), actor=SYSTEM)
    assert sorted(nets(renewal), key=D) == ["-7.50", "-2.50", "10.00", "30.00"]


def test_prices_with_tax_inside_are_discounted_with_it(cast):
    """20 % of what a consumer pays, and the invoice is that to the cent."""
    make_tax_rate("19")
    product = plan("10.00")
    shelf = PriceList.objects.create(name="Consumers", currency="EUR", includes_tax=True)
    Price.objects.create(product=product, price_list=shelf, currency="EUR", cycle="monthly", amount=D("9.99"))
    promote(periods=None)
    order = buy(basket((product, "monthly")), cast.alice_client)
    assert str(order.invoice.total.amount) == "7.99"  # 9.99 - 2.00
    make_running(order)
    (renewal,) = raise_renewals(open_account(cast.alice_client), until=date(2026, 2, 20), actor=SYSTEM)
    assert renewal.total == order.invoice.total
    assert verify() == []


def test_the_group_pays_less_in_order_and_renewal(cast, rates):
    cast.alice_client.group = ClientGroup.objects.create(name="Resellers", discount_percent=D(10))
    cast.alice_client.save()
    order = buy(basket((plan("10.00", setup="5.00"), "monthly"), codes=()), cast.alice_client)
    assert nets(order.invoice) == ["10.00", "5.00", "-1.00", "-0.50"]
    make_running(order)
    (renewal,) = raise_renewals(open_account(cast.alice_client), until=date(2026, 2, 20), actor=SYSTEM)
    assert nets(renewal) == ["10.00", "-1.00"]


def test_currencies_have_their_own_amounts(cast, rates):
    product = plan("10.00")
    Price.objects.create(product=product, currency="USD", cycle="monthly", amount=D(12))
    promote(kind="fixed", amounts={"EUR": (D(3), D(0)), "USD": (D(4), D(0))})
    assert str(quote(basket((product, "monthly"), currency="USD")).net.amount) == "8.00"
    promote("EURO", kind="fixed", value="3")
    (code,) = quote(basket((product, "monthly"), codes=["EURO"], currency="USD")).codes
    assert "USD" in code.refusal


# When a code does not hold


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_active": False}, "not valid any more"),
        ({"starts_on": date(2026, 2, 1)}, "valid from"),
        ({"ends_on": date(2026, 1, 14)}, "was valid until"),
        ({"cycles": ["annual"]}, "other products or billing cycles"),
        ({"amounts": {"EUR": (None, D(50))}}, "from"),
        ({"who": "existing"}, "running service"),
        ({"max_uses": 0}, "as often as it may be"),
    ],
)
def test_why_a_code_does_not_hold(cast, fields, words):
    promote(**fields)
    found = quote(basket((plan("10.00"), "monthly")), client=cast.alice_client)
    assert words in found.codes[0].refusal and str(found.net.amount) == "10.00"


@pytest.mark.parametrize("last", [None, date(2026, 1, 15)])
def test_it_holds_up_to_and_including_its_last_day(last):
    promote(ends_on=last, starts_on=date(2026, 1, 15))
    assert quote(basket((plan("10.00"), "monthly"))).codes[0].refusal == ""


def test_new_clients_only(cast):
    promote(who="new")
    assert quote(basket((plan("10.00"), "monthly")), client=cast.alice_client).codes[0].refusal == ""
    make_order(cast.alice_client)
    assert "new clients" in quote(basket((plan("10.00"), "monthly")), client=cast.alice_client).codes[0].refusal


def test_existing_clients_only(cast):
    promote(who="existing")
    active_subscription(cast.alice_client)
    assert quote(basket((plan("10.00"), "monthly")), client=cast.alice_client).codes[0].refusal == ""


def test_a_required_product_in_the_basket_or_running(cast):
    needed, other = plan("10.00"), plan("5.00")
    promote(required_products=[needed])
    assert needed.name in quote(basket((other, "monthly"))).codes[0].refusal
    assert quote(basket((other, "monthly"), (needed, "monthly"))).codes[0].refusal == ""
    active_subscription(cast.alice_client, needed)
    assert quote(basket((other, "monthly")), client=cast.alice_client).codes[0].refusal == ""


def test_codes_that_do_not_go_together():
    promote("ONE", is_combinable=True)
    promote("TWO")
    found = quote(basket((plan("10.00"), "monthly"), codes=["ONE", "TWO"]))
    assert [bool(code.refusal) for code in found.codes] == [False, True] and "ONE" in found.codes[1].refusal


def test_once_per_client_until_it_is_given_back(cast):
    promote(once_per_client=True)
    order = buy(basket((plan("10.00"), "monthly")), cast.alice_client)
    assert "already" in quote(basket((plan("10.00"), "monthly")), client=cast.alice_client).codes[0].refusal
    assert quote(basket((plan("10.00"), "monthly")), client=cast.charlie_client).codes[0].refusal == ""
    cancel_order(order, actor=SYSTEM, reason="mistake")
    assert quote(basket((plan("10.00"), "monthly")), client=cast.alice_client).codes[0].refusal == ""
    assert Promotion.objects.get().used_count == 0 and PromotionUse.objects.get().released_at


def test_a_cap_stops_the_second_order(cast):
    promote(max_uses=1)
    first, second = (basket((plan("10.00"), "monthly")) for _count in range(2))
    total = quote(second, client=cast.charlie_client).total.amount
    buy(first, cast.alice_client)
    with pytest.raises(AppError) as refusal:
        place_order(second, client=cast.charlie_client, actor=SYSTEM, idempotency_key="k2", expected_total=total)
    assert refusal.value.code == "price_changed"
    assert refusal.value.details["quote"].codes[0].refusal


@pytest.mark.parametrize("text", ["", "NOPE", "x" * 500, "S\x00AVE", "SAVE\u202e", "' OR 1=1 --", "ＳＡＶＥ２"])
def test_unknown_codes_are_told_so(text):
    promote()
    with pytest.raises(AppError) as refusal:
        add_code(basket(codes=()), text=text, actor=SYSTEM)
    assert refusal.value.code == "unknown_code"


@pytest.mark.parametrize("text", ["save", " SAVE ", "Save", "ＳＡＶＥ"])
def test_codes_are_found_however_they_are_typed(text):
    promote()
    cart = basket(codes=())
    add_code(cart, text=text, actor=SYSTEM)
    add_code(cart, text=text, actor=SYSTEM)
    cart.refresh_from_db()
    assert cart.codes == ["SAVE"]


def test_a_basket_holds_a_handful_of_codes():
    cart = basket(codes=())
    for number in range(MOST_CODES + 1):
        promote(f"C{number}")
    for number in range(MOST_CODES):
        add_code(cart, text=f"C{number}", actor=SYSTEM)
    with pytest.raises(AppError):
        add_code(cart, text=f"C{MOST_CODES}", actor=SYSTEM)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"percent": None}, "percent"),
        ({"kind": "free_months"}, "months"),
        ({"kind": "fixed"}, "kind"),
        ({"kind": "override", "amounts": {"EUR": (D(1), D(0))}}, "cycles"),
        ({"amounts": {"EUR": (D(-1), D(0))}}, "kind"),
        ({"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}, "ends_on"),
    ],
)
def test_senseless_promotions_are_refused(fields, field):
    with pytest.raises(AppError) as refusal:
        create_promotion(
            actor=SYSTEM, **{"name": "X", "code": "X", "kind": "percent", "percent": D(5), "amounts": {}, **fields}
        )
    assert refusal.value.field == field


def test_a_limit_is_never_below_what_was_used(cast):
    row = promote(max_uses=5)
    buy(basket((plan("10.00"), "monthly")), cast.alice_client)
    with pytest.raises(AppError) as refusal:
        update_promotion(row, actor=SYSTEM, amounts={}, max_uses=0)
    assert refusal.value.field == "max_uses"


# By staff


def test_staff_take_something_off_an_order_with_a_reason(cast, rates):
    lines = [Ordered(plan("30.00"), "monthly"), Ordered(plan("10.00"), "monthly")]
    terms = Terms(reason="Long outage", discount=Granted("fixed", D("10.00"), 2))
    order = order_for_client(cast.alice_client, lines, terms=terms, key="s1", actor=SYSTEM)
    assert figures(order.invoice) == ("30.00", "6.00", "36.00")
    rows = SubscriptionDiscount.objects.all()
    assert {(row.reason, row.periods_left, str(row.money.amount)) for row in rows} == {
        ("Long outage", 1, "7.50"),
        ("Long outage", 1, "2.50"),
    }
    assert order.snapshot["terms"]["discount"] == {"kind": "fixed", "value": "10.00", "periods": 2}


@pytest.mark.parametrize(
    ("granted", "reason", "code"),
    [
        (Granted("percent", D(10)), "", "no_reason"),
        (Granted("percent", D(101)), "x", "value"),
        (Granted("fixed", D(-1)), "x", "value"),
        (Granted("override", D(1)), "x", "kind"),
    ],
)
def test_senseless_discounts_of_orders(cast, granted, reason, code):
    with pytest.raises(AppError) as refusal:
        order_for_client(
            cast.alice_client,
            [Ordered(plan("30.00"), "monthly")],
            terms=Terms(reason=reason, discount=granted),
            key="s1",
            actor=SYSTEM,
        )
    assert refusal.value.code == code


def test_the_order_keeps_what_was_seen(cast, rates):
    promote(periods=2)
    order = buy(basket((plan("10.00"), "monthly")), cast.alice_client)
    assert order.snapshot["codes"] == ["SAVE"]
    assert order.snapshot["lines"][0]["discounts"][0]["net"] == "-2.00"
    assert order.snapshot["later"][0]["on"] == "2026-03-15" and order.snapshot["later"][0]["net"] == "10.00"
