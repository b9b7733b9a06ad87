"""Quotes whose prices include tax: what is entered is what a consumer pays, on the quote, its PDF, its order and its invoices."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from billing.actions.order import cancel_order
from billing.actions.quote import Offered, create_quote, deliver_quote, revise_quote
from billing.actions.quote_acceptance import Signing, accept_quote
from billing.actions.quote_conversion import invoice_rest
from billing.models import Price, PriceList, Quote, Subscription
from billing.queries.books import verify
from billing.queries.quote_document import quote_data
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.options import COMPANY_COUNTRY, set_option
from tests.billing.factories import make_product, make_tax_rate, pay
from tests.factories import ClientFactory, make_cast

pytestmark = pytest.mark.django_db
YES = Signing("Alice Hossain", "I agree.", "link")


@pytest.fixture(autouse=True)
def vat(db):
    return make_tax_rate()


def signed(client, lines, **fields):
    values = {"subject": "x", "currency": client.currency, "valid_until": clock.today() + timedelta(days=30), "includes_tax": True}
    quote = create_quote(lines, client=client, actor=SYSTEM, **(values | fields))
    return accept_quote(deliver_quote(quote, actor=SYSTEM), YES, actor=SYSTEM)


def sums(document):
    return tuple(str(amount.normalize()) for amount in (document.net_amount, document.tax_amount, document.total_amount))


@pytest.mark.parametrize(
    ("currency", "lines", "expected"),
    [
        # Five lines of 100.00 with 19 %: the whole is rounded, not the lines (420.17, not 5 x 84.03 = 420.15).
        ("EUR", [("100", "1", "0")] * 5, ("420.17", "79.83", "5E+2")),
        ("EUR", [("9.99", "3", "10"), ("0.99", "1", "0")], ("23.5", "4.46", "27.96")),
        ("JPY", [("9998", "1", "0")] * 5, ("42008", "7982", "4.999E+4")),
        ("KWD", [("1.235", "1", "50"), ("0.005", "7", "0")], ("0.549", "0.104", "0.653")),
    ],
)
def test_what_is_entered_is_what_is_paid(currency, lines, expected):
    client = ClientFactory(currency=currency)
    offered = [Offered("Work", D(unit), D(quantity), D(off)) for unit, quantity, off in lines]
    quote = signed(client, offered)
    assert sums(quote) == sums(quote.invoice) == expected
    nets = sum(line.net_amount + line.setup.amount for line in quote.lines.all())
    assert nets == quote.net_amount == sum(line.net_amount for line in quote.invoice.lines.all())
    assert verify() == []


def test_a_product_at_a_price_with_tax_renews_at_it(cast):
    product = make_product(prices={"monthly": ("10.00", "5.00")})
    lines = [
        Offered("Hosting", D("9.99"), D(2), D("25"), product=product, cycle="monthly", setup_amount=D("4.99")), Offered("Move", D("40")),
    ]  # fmt: skip
    quote = signed(cast.alice_client, lines)
    # 19.98 + 9.98 + 40.00 - 4.995 rounded away from zero: 19.98 x 0.75 = 14.985, 14.99
    assert sums(quote) == sums(quote.invoice) and quote.total_amount == D("64.97")
    subscription = Subscription.objects.get()
    assert (subscription.price_amount, subscription.price_includes_tax, subscription.price_is_override) == (D("9.99"), True, True)
    shown = quote_data(quote)
    assert [row["net"] for row in shown["lines"]] == ["12.60", "8.39", "33.61"] and shown["total"]["amount"].endswith("64.97")
    assert verify() == []


@pytest.mark.parametrize(("kind", "value"), [("percent", "30"), ("amount", "33.33"), ("percent", "50"), ("amount", "0.01")])
def test_a_deposit_and_its_rest_come_to_the_whole(cast, kind, value):
    quote = signed(cast.alice_client, [Offered("Work", D("100"), D(1))] * 5, deposit_kind=kind, deposit_value=D(value))
    pay(quote.invoice)
    rest = invoice_rest(quote, actor=SYSTEM)
    for name in ("net_amount", "tax_amount", "total_amount"):
        assert getattr(quote.invoice, name) + getattr(rest, name) == getattr(quote, name)
    assert abs(quote.invoice.total_amount - quote.deposit.amount) <= D("0.02") and verify() == []


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_cancelled_order_gives_back_what_of_the_deposit_has_no_counterpart(cast, is_paid):
    """Two services at 11.90, half paid in advance: without both nothing is left, and 11.90 come back."""
    lines = [
        Offered(name, D("11.90"), product=make_product(name=name, prices={"monthly": ("10", "0")}), cycle="monthly")
        for name in ("one", "two")
    ]
    quote = signed(cast.alice_client, lines, deposit_kind="percent", deposit_value=D(50))
    assert (quote.invoice.total_amount, quote.rest_invoice.total_amount) == (D("11.90"), D("11.90"))
    if is_paid:
        pay(quote.invoice)
    cancel_order(quote.order, actor=SYSTEM, reason="x")
    quote.invoice.refresh_from_db()
    assert quote.invoice.credited_amount == D("11.90") and verify() == []


def test_a_firm_abroad_pays_such_a_price_without_the_tax_of_home():
    set_option(COMPANY_COUNTRY, "DE", SYSTEM)
    quote = signed(ClientFactory(country="US", currency="EUR"), [Offered("Work", D("119"), D(1), D(10)), Offered("More", D("1.19"))])
    assert sums(quote) == sums(quote.invoice) == ("91", "0", "91") and verify() == []


def test_a_new_version_keeps_the_kind_and_a_delivered_one_does_not_change_it(cast):
    values = {"subject": "x", "currency": "EUR", "valid_until": clock.today() + timedelta(days=30), "includes_tax": True}
    quote = deliver_quote(create_quote([Offered("Work", D("119"))], client=cast.alice_client, actor=SYSTEM, **values), actor=SYSTEM)
    assert revise_quote(quote, actor=SYSTEM).total_amount == quote.total_amount == D("119")
    with pytest.raises(IntegrityError), transaction.atomic():
        Quote.objects.filter(pk=quote.pk).update(includes_tax=False)


def test_the_editor_follows_the_price_list(client):
    """With a list that includes tax the box is ticked and products come at what consumers pay."""
    cast = make_cast()
    client.force_login(cast.stella)
    currency = cast.alice_client.currency
    product = make_product(prices={"monthly": ("10.00", "0")}, currency=currency)
    shop = PriceList.objects.create(name="Shop", currency=currency, includes_tax=True)
    Price.objects.create(product=product, currency=currency, cycle="monthly", amount=D("11.90"), price_list=shop)
    address = f"{reverse('billing_staff:quote_create')}?client={cast.alice_client.pk}"
    assert client.get(address).context["form"]["includes_tax"].value() is True
    body = {
        "subject": "Offer", "valid_until": clock.today() + timedelta(days=9), "rest_when": "delivery", "includes_tax": "on",
        "lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 0, "lines-0-product": f"{product.pk}:monthly", "lines-0-quantity": 2,
        "lines-0-tax_class": "standard",
    }  # fmt: skip
    assert client.post(address, body).status_code == 302
    quote = Quote.objects.get()
    assert (quote.includes_tax, quote.total_amount, quote.net_amount) == (True, D("23.80"), D("20"))
    del body["includes_tax"]
    client.post(reverse("billing_staff:quote_edit", args=[quote.pk]), body)
    quote.refresh_from_db()
    assert (quote.includes_tax, quote.total_amount, quote.net_amount) == (False, D("23.80"), D("20"))
