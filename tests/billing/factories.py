"""Makers of billing's test data: a plan with prices, a cart, an order as the product places it."""

from datetime import date
from decimal import Decimal
from itertools import count

from billing.actions.account import open_account
from billing.actions.cart import add_line, create_cart
from billing.actions.metric import save_metric
from billing.actions.order import place_order
from billing.actions.payment import record_payment
from billing.actions.usage import UsageEvent, record_usage
from billing.models import Metric, Price, Product, ProductGroup, TaxRate
from billing.queries.quote import quote
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM

_numbers = count(1)
PRICES = {"monthly": ("10.00", "0"), "annual": ("100.00", "0"), "one_time": ("50.00", "0")}


def make_product(*, kind="other", setup_on="payment", prices=None, currency="EUR", **fields) -> Product:
    """A product of a fresh group, sold in the given {cycle: (price, set-up fee)}."""
    number = next(_numbers)
    group, _created = ProductGroup.objects.get_or_create(slug="plans", defaults={"name": "Plans"})
    fields = {"name": f"Plan {number}", "slug": f"plan-{number}", **fields}
    product = Product.objects.create(kind=kind, group=group, setup_on=setup_on, **fields)
    for cycle, (amount, setup) in (prices or PRICES).items():
        Price.objects.create(
            product=product, currency=currency, cycle=cycle, amount=Decimal(amount), setup_amount=Decimal(setup)
        )
    return product


def make_tax_rate(percent="19", **fields) -> TaxRate:
    """A standard rate for everybody, for ever: a seller of the EU charges people in Bangladesh, where most of the cast lives,
    only by a row for their country."""
    fields = {"tax_class": "standard", "name": "VAT", "valid_from": date(2020, 1, 1), "percent": Decimal(percent), **fields}
    if "country" not in fields:
        TaxRate.objects.create(country="BD", **fields)
    return TaxRate.objects.create(**fields)


def make_cart(*products, cycle="monthly", currency="EUR"):
    """A cart with one line per product."""
    cart = create_cart(currency=currency, actor=SYSTEM)
    for product in products:
        add_line(cart, product=product, cycle=cycle, answers={}, actor=SYSTEM)
    return cart


def make_order(client, *products, cycle="monthly", currency="EUR", actor=SYSTEM):
    """An order placed through checkout's own use case."""
    products = products or (make_product(),)
    cart = make_cart(*products, cycle=cycle, currency=currency)
    total = quote(cart, client=Client.objects.get(pk=client.pk)).total.amount
    return place_order(cart, client=client, actor=actor, idempotency_key=f"key-{next(_numbers)}", expected_total=total)


def subscription_of(order):
    """The order's first subscription, fresh."""
    line = order.lines.select_related("subscription").first()
    line.subscription.refresh_from_db()
    return line.subscription


def pay(invoice, money=None, *, remote_id=None, actor=SYSTEM):
    """Money comes in for the invoice (all that is open, unless `money` says otherwise)."""
    invoice.refresh_from_db()
    payment = record_payment(
        open_account(invoice.client),
        gateway=None,
        remote_id=remote_id or f"bank-{next(_numbers)}",
        money=money or invoice.open,
        actor=actor,
        invoices=[invoice],
    )
    invoice.refresh_from_db()
    return payment


def active_subscription(client, *products, cycle="monthly"):
    """Ordered, paid, running."""
    order = make_order(client, *products, cycle=cycle)
    pay(order.invoice)
    return subscription_of(order)


def make_metric(product, *, included="10", model="graduated", tiers=(("0", "0.50"),), currency="EUR", **fields) -> Metric:
    """Traffic in GB, added up; ten are included and each more costs 0.50."""
    values = {"key": "traffic_gb", "name": "Traffic", "unit": "GB", **fields}
    rows = [
        {"from": begins, "prices": {currency: price}} | ({"fixed": {currency: fixed[0]}} if fixed else {})
        for begins, price, *fixed in tiers
    ]
    return save_metric(Metric(product=product, **values), included=Decimal(included), model=model, tiers=rows, actor=SYSTEM)


def use(subscription, quantity, at=None, *, metric=None, event_id=None, reason=""):
    """One event of metered use, now or at an aware moment; a negative one needs its reason."""
    event = UsageEvent(
        event_id or f"event-{next(_numbers)}", metric or subscription.product.metrics.get(), Decimal(quantity), at or clock.now(), reason
    )
    return record_usage(subscription, [event], actor=SYSTEM)
