"""The rules of money against tables of cases beside the worked ones: group rounding, tax points, zero invoices."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.back_dated import back_date_price
from billing.actions.billable import drop_billable
from billing.actions.bundle import Part, add_bundle, save_bundle
from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.cart import add_line, create_cart, update_line
from billing.actions.change import request_change, withdraw_change
from billing.actions.correction import correct_invoice
from billing.actions.credit_note import credit_invoice
from billing.actions.discount import grant_discount
from billing.actions.draft import issue_draft, lines_of, update_draft
from billing.actions.order import place_order
from billing.actions.renewal import raise_renewals
from billing.models import (
    BillableItem,
    Bundle,
    CreditNote,
    Invoice,
    OptionChoice,
    OptionGroup,
    OptionPrice,
    Price,
    PriceList,
    ProductOption,
    Subscription,
    TaxRate,
)
from billing.queries.books import verify
from billing.queries.discount import Charged, Cut, reductions
from billing.queries.quote import quote
from billing.queries.shown_price import PriceTag
from billing.queries.wish import Wish
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Event
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay, subscription_of
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(set_day):
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


def with_option(product, **prices):
    """A yes/no option "Backup" of the product; prices by cycle, with a set-up fee of 1.19 where it says so."""
    group = OptionGroup.objects.create(name="Extras")
    group.products.add(product)
    option = ProductOption.objects.create(group=group, key="backup", name="Backup", kind="yes_no")
    choice = OptionChoice.objects.create(option=option, name="Backup")
    for cycle, amount in prices.items():
        OptionPrice.objects.create(choice=choice, currency="EUR", cycle=cycle, amount=D(amount), setup_amount=D("1.19"))
    return option


@pytest.mark.parametrize(
    ("with_tax", "option", "total", "later"),
    # 11.90 and 4.76 with 19 % inside are what is paid; before tax they are 14.16 and 5.66.
    [(True, "€4.76 a month, plus €1.19 once", "17.85", "16.66"), (False, "€5.66 a month, plus €1.42 once", "21.24", "19.83")],
)
def test_options_are_shown_with_tax_once(client, db, with_tax, option, total, later):
    TaxRate.objects.create(tax_class="standard", name="VAT", percent=D("19"), valid_from=date(2020, 1, 1))
    product = make_product(prices={"monthly": ("11.90", "0")})
    with_option(product, monthly="4.76")
    if with_tax:
        inclusive(product, "11.90")
    address = reverse("store:configure", args=[product.slug])
    assert option in client.get(address, {"cycle": "monthly"}).content.decode()
    (name,) = client.get(address).context["options"].fields
    client.post(address, {"cycle": "monthly", "quantity": "1", name: "true"})
    basket = client.get(reverse("store:cart"))
    assert str(basket.context["quote"].total.amount) == total
    (renewal,) = basket.context["quote"].renewals
    assert renewal.total.amount == D(later)


@pytest.mark.parametrize(("with_tax", "expected"), [(True, "8.33"), (False, "9.91")])
def test_the_renewal_sentence_counts_options_and_discounts(cast, today, with_tax, expected):
    """(11.90 + 4.76) less 50 %, with 19 % inside or on top."""
    make_tax_rate("19")
    product = make_product(prices={"monthly": ("11.90", "0")})
    option = with_option(product, monthly="4.76")
    if with_tax:
        inclusive(product, "11.90")
    cart = create_cart(currency="EUR", actor=SYSTEM)
    add_line(cart, product=product, cycle="monthly", answers={}, actor=SYSTEM, options={str(option.pk): True})
    total = quote(cart, client=cast.alice_client).total.amount
    order = place_order(cart, client=cast.alice_client, actor=SYSTEM, idempotency_key="k", expected_total=total)
    service = subscription_of(order)
    pay(order.invoice)
    grant_discount(service, kind="percent", value=D("50"), periods=1, reason="x", actor=SYSTEM)
    cast.alice_client.company, cast.alice_client.tax_id = "", ""
    service.refresh_from_db()
    assert PriceTag(cast.alice_client).of(service).money.amount == D(expected)
    (invoice,) = raise_renewals(service.account, until=service.next_due_on, actor=SYSTEM)
    assert invoice.total_amount == D(expected)


def test_a_bundle_fixes_options(client, db):
    client.force_login(make_staff("owner"))
    product = make_product()
    option = with_option(product, monthly="4.76")
    bundle = save_bundle(Bundle(name="Both", slug="both"), parts=[Part(product, "monthly")], actor=SYSTEM)
    address = reverse("billing_staff:bundle_edit", args=[bundle.pk])
    page = client.get(address)
    (field,) = page.context["parts"][0].asked.fields
    data = {"name": "Both", "slug": "both", "sort": "0", "parts-TOTAL_FORMS": "1", "parts-INITIAL_FORMS": "1",
            "parts-0-product": product.pk, "parts-0-cycle": "monthly", "parts-0-quantity": "1",
            "parts-0-opt-shown": product.pk, f"parts-0-opt-{field}": "on"}  # fmt: skip
    assert client.post(address, data).status_code == 302
    item = bundle.items.get()
    assert item.options == {str(option.pk): True}
    assert client.get(address).context["parts"][0].asked.fields[field].initial is True
    cart = create_cart(currency="EUR", actor=SYSTEM)
    (line,) = add_bundle(cart, bundle, answers={}, actor=SYSTEM)
    assert line.options == item.options and quote(cart).net.amount == D("15.95")
    with pytest.raises(AppError) as refused:
        update_line(line, options={}, actor=SYSTEM)
    assert refused.value.code == "in_bundle"


@pytest.mark.parametrize(
    ("price", "since", "net_prices", "items", "notes"),
    [
        # From 31 January, 10.00 a month, invoiced to 30 April, changed on 5 April.
        ("12.00", "2027-02-28", True, ["2.00", "2.00"], []),
        ("12.00", "2027-03-10", True, ["1.35", "2.00"], []),  # 21 of 31 days of 2.00, rounded once
        ("7.00", "2027-02-28", True, [], ["3.00", "3.00"]),
        ("7.00", "2027-04-01", True, [], ["2.90"]),  # 29 of 30 days: 9.67 - 6.77
        ("11.90", "2027-03-31", False, ["1.60"], []),  # with tax: 1.90 more, 1.60 net
        ("10.00", "2027-02-28", True, [], []),
    ],
)
def test_a_back_dated_price_is_settled_beside_what_is_invoiced(cast, today, price, since, net_prices, items, notes):
    make_tax_rate("19")
    today("2027-01-31")
    product = make_product() if net_prices else inclusive(make_product(), "10.00")
    service = active_subscription(cast.alice_client, product)
    today("2027-04-05")
    before = renew(service, "2027-04-05")
    assert len(before) == 2
    standing = {row.pk: row.net_amount for row in Invoice.objects.all()}
    money = {"price": Money(D(price), "EUR"), "since": date.fromisoformat(since)}
    back_date_price(service, **money, reason="As agreed", actor=SYSTEM)
    assert [str(row.unit_amount.quantize(D("0.01"))) for row in BillableItem.objects.order_by("pk")] == items
    assert [str(row.net_amount.quantize(D("0.01"))) for row in CreditNote.objects.order_by("pk")] == notes
    assert {row.pk: row.net_amount for row in Invoice.objects.all()} == standing
    today("2027-04-30")
    (last,) = renew(service, "2027-04-30")
    expected = D(price) if net_prices else D("10.00")
    assert last[0] == ("", expected) and [str(net.quantize(D("0.01"))) for _part, net in last[1:]] == items
    assert verify() == []


def test_a_price_back_dated_again_charges_only_what_is_new(cast, today):
    """10 paid; since the first day 20, sent twice; then 25; 15 only after what was charged is dropped."""
    today("2027-01-01")
    service = active_subscription(cast.alice_client, make_product())

    def back_date(price):
        back_date_price(service, price=Money(D(price), "EUR"), since=date(2027, 1, 1), reason="As agreed", actor=SYSTEM)
        return [item.amount.amount for item in BillableItem.objects.exclude(state="dropped").order_by("pk")]

    assert [back_date(price) for price in ("20", "20", "25")] == [[10], [10], [10, 5]]
    for price in ("15", "10", "5"):
        with pytest.raises(AppError) as refusal:
            back_date(price)
        assert refusal.value.code == "adjusted"
    for item in BillableItem.objects.all():
        drop_billable(item, actor=SYSTEM)
    assert back_date("15") == [5] and not CreditNote.objects.exists()


def test_a_price_is_not_back_dated_into_other_terms(cast, today, drain):
    """An annual plan is asked for: until it is paid no price can hold, and afterwards none for the days before it."""
    today("2027-01-01")
    service = active_subscription(cast.alice_client, make_product(prices={"monthly": ("10.00", "0"), "annual": ("100.00", "0")}))
    today("2027-01-16")
    asked = request_change(service, Wish(cycle="annual"), when="now", actor=SYSTEM, for_staff=True)

    def refused(since):
        with pytest.raises(AppError) as refusal:
            back_date_price(service, price=Money(D("7"), "EUR"), since=date.fromisoformat(since), reason="As agreed", actor=SYSTEM)
        return refusal.value.code

    assert refused("2027-01-16") == "change_under_way"
    pay(asked.invoice)
    drain()
    assert refused("2027-01-10") == "other_terms"
    assert not CreditNote.objects.exists() and verify() == []


def test_a_cheaper_price_reaches_what_the_invoice_of_a_change_gave_back(cast, today, drain):
    """On the first day 10 a month becomes 12: the invoice comes to 2. Back-dated to 1, 11 come back: 2 of it, 9 of the one before."""
    today("2027-05-01")
    service = active_subscription(cast.alice_client, make_product())
    big = make_product(prices={"monthly": ("12.00", "0")})
    pay(request_change(service, Wish(product_id=big.pk), when="now", actor=SYSTEM, for_staff=True).invoice)
    drain()
    dearer = Invoice.objects.get(kind="change")
    with pytest.raises(AppError) as refusal:
        credit_invoice(dearer, amounts={dearer.lines.get(net_amount=12).pk: D("11")}, reason="x", actor=SYSTEM)
    assert refusal.value.code == "too_much"
    notes = back_date_price(service, price=Money(D("1"), "EUR"), since=date(2027, 5, 1), reason="As agreed", actor=SYSTEM)
    assert sorted(note.net_amount for note in notes) == [2, 9]
    service.account.refresh_from_db()
    assert service.account.credit_amount == D("11") and verify() == []


@pytest.mark.parametrize("then", ["cheaper", "cancelled"])
def test_an_upgrade_taken_back_the_same_day_leaves_no_day_covered_twice(cast, today, drain, then):
    """10 a month, on 16 of 31 days 20 a month (5.16 paid), at once another of 4: 10.32 come back, 2.06 are charged."""
    today("2027-05-01")
    service = active_subscription(cast.alice_client, make_product())
    today("2027-05-16")
    big, small = make_product(prices={"monthly": ("20.00", "0")}), make_product(prices={"monthly": ("4.00", "0")})
    pay(request_change(service, Wish(product_id=big.pk), when="now", actor=SYSTEM, for_staff=True).invoice)
    drain()
    service.refresh_from_db()
    if then == "cheaper":
        request_change(service, Wish(product_id=small.pk), when="now", actor=SYSTEM, for_staff=True)
        drain()
    else:
        cancel_subscription(service, when="now", credit="prorated", reason="", actor=SYSTEM)
    service.account.refresh_from_db()
    assert service.account.credit_amount == (D("8.26") if then == "cheaper" else D("10.32"))
    assert verify() == []


def test_another_billing_day_ends_what_was_free_by_the_old_one(cast, today, drain):
    today("2027-03-16")
    service = subscription_of(make_order(cast.alice_client, make_product(prices=FREE)))
    today("2027-04-02")
    assert renew(service, "2027-04-16") == []
    request_change(service, Wish(anchor_day=15), when="now", actor=SYSTEM, for_staff=True)
    drain()
    service.refresh_from_db()
    assert [str(day) for day in (service.next_due_on, service.free_until, service.paid_until)] == ["2027-04-15"] * 3
    cancel_subscription(service, when="end", reason="", actor=SYSTEM)
    keep_subscription(service, actor=SYSTEM)
    service.refresh_from_db()
    assert str(service.next_due_on) == "2027-04-15" and verify() == []
