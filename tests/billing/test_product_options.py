"""Configurable options: what is offered, what depends on what, what it costs, and how it is ordered and renewed."""

from decimal import Decimal as D

import pytest

from billing.actions.cart import add_line, create_cart, update_line
from billing.actions.order import place_order
from billing.actions.renewal import raise_renewals
from billing.models import (
    Invoice,
    InvoiceLine,
    OptionChoice,
    OptionGroup,
    OptionPrice,
    OptionRule,
    ProductOption,
    SubscriptionItem,
)
from billing.queries.chosen import clean_choices, values_for_panel
from billing.queries.quote import quote
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from tests.billing.factories import make_product, make_tax_rate, pay, subscription_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def charlie(cast):
    return cast.charlie_client


def make_option(group, key, kind, choices, **fields):
    """An option with choices {name: {cycle: (price, set-up)} or None for free}."""
    option = ProductOption.objects.create(group=group, key=key, name=key.title(), kind=kind, **fields)
    for name, prices in choices.items():
        choice = OptionChoice.objects.create(option=option, name=name, value=name.lower())
        for cycle, (amount, setup) in (prices or {}).items():
            OptionPrice.objects.create(choice=choice, currency="EUR", cycle=cycle, amount=D(amount), setup_amount=D(setup))
    return option


class Menu:
    """A product with memory to choose, disk by the gigabyte, a backup to take or leave, and a place free of charge."""

    def __init__(self):
        self.product = make_product(max_quantity=5)
        group = OptionGroup.objects.create(name="Server")
        group.products.add(self.product)
        self.memory = make_option(group, "memory", "dropdown", {
            "2 GB": {"monthly": ("0", "0"), "annual": ("0", "0")}, "8 GB": {"monthly": ("4.00", "0")},
        }, is_required=True)  # fmt: skip
        self.disk = make_option(
            group, "disk", "quantity", {"Disk": {"monthly": ("0.10", "0")}}, min_quantity=10, max_quantity=100, step=5, unit="GB"
        )
        self.backup = make_option(group, "backup", "yes_no", {"Backup": {"monthly": ("3.00", "5.00")}})
        self.place = make_option(group, "place", "radio", {"Oslo": None, "Turin": None})

    def choice(self, option, name):
        return option.choices.get(name=name).pk

    def raw(self, **values):
        return {str(getattr(self, key).pk): value for key, value in values.items()}

    def clean(self, cycle="monthly", **values):
        return clean_choices(self.product, "EUR", cycle, self.raw(**values))


@pytest.fixture
def menu(db):
    return Menu()


def refused(call):
    with pytest.raises(AppError) as error:
        call()
    assert error.value.code == "invalid_options"
    return error.value.details["errors"]


def test_clean_choices_keeps_what_was_chosen(menu):
    big = menu.choice(menu.memory, "8 GB")
    found = menu.clean(memory=str(big), disk="15", backup="on", place="")
    assert found == menu.raw(memory=big, disk=15, backup=True)


@pytest.mark.parametrize("disk", ["9", "11", "101", "-5", "1.5", "x", "9" * 40, "²"])
def test_quantities_out_of_bounds(menu, disk):
    memory = menu.choice(menu.memory, "2 GB")
    assert list(refused(lambda: menu.clean(memory=memory, disk=disk))) == [f"option_{menu.disk.pk}"]


def test_nothing_is_a_quantity_that_was_not_chosen(menu):
    memory = menu.choice(menu.memory, "2 GB")
    assert menu.clean(memory=memory, disk="0") == menu.raw(memory=memory)


def test_required_foreign_and_unpriced_choices(menu):
    field = f"option_{menu.memory.pk}"
    assert list(refused(lambda: menu.clean())) == [field]
    assert list(refused(lambda: menu.clean(memory=menu.choice(menu.place, "Oslo")))) == [field]
    # 8 GB has no annual price, so it is not offered by the year.
    assert list(refused(lambda: menu.clean("annual", memory=menu.choice(menu.memory, "8 GB")))) == [field]


def test_rules_show_and_require(menu):
    rule = {"option": menu.disk, "source": menu.backup}
    OptionRule.objects.create(effect="show", **rule)
    memory = menu.choice(menu.memory, "2 GB")
    assert menu.clean(memory=memory, disk="15") == menu.raw(memory=memory)
    assert menu.clean(memory=memory, disk="15", backup="on")[str(menu.disk.pk)] == 15
    # Hidden values are not complained about either.
    assert menu.clean(memory=memory, disk="nonsense") == menu.raw(memory=memory)
    OptionRule.objects.create(effect="require", option=menu.place, source=menu.disk, at_least=50)
    assert menu.clean(memory=memory, disk="45", backup="on")
    assert list(refused(lambda: menu.clean(memory=memory, disk="50", backup="on"))) == [f"option_{menu.place.pk}"]
    # A rule whose source is hidden does not hold.
    assert menu.clean(memory=memory, disk="50") == menu.raw(memory=memory)


def ordered(client, menu, cycle="monthly", quantity=1, **values):
    cart = create_cart(currency="EUR", actor=SYSTEM)
    add_line(
        cart, product=menu.product, cycle=cycle, answers={}, quantity=quantity, options=menu.raw(**values), actor=SYSTEM
    )
    total = quote(cart, client=client, country=str(client.country)).total.amount
    return place_order(cart, client=client, actor=SYSTEM, idempotency_key=f"o-{cart.pk}", expected_total=total)


def test_order_and_renewal_have_a_line_for_each_priced_option(menu, charlie):
    make_tax_rate()
    order = ordered(charlie, menu, quantity=2, memory=menu.choice(menu.memory, "8 GB"), disk=20, backup=True,
                    place=menu.choice(menu.place, "Oslo"))  # fmt: skip
    lines = order.invoice.lines.order_by("sort")
    # 2 x 10.00, 2 x 4.00, 2 x 20 x 0.10, 2 x 3.00 and once 2 x 5.00
    assert [(line.kind, line.net_amount) for line in lines] == [
        ("recurring", D("20")), ("recurring", D("8")), ("recurring", D("4")), ("recurring", D("6")), ("setup", D("10")),
    ]  # fmt: skip
    assert order.total_amount == order.invoice.total_amount == D("57.12")
    assert [row["words"] for row in order.snapshot["lines"][0]["options"]][:2] == ["Memory: 8 GB", "Disk: 20 GB"]
    pay(order.invoice)
    subscription = subscription_of(order)
    assert values_for_panel(subscription) == {"memory": "8 gb", "disk": 20, "backup": "backup", "place": "oslo"}
    raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)
    renewal = Invoice.objects.get(kind="renewal")
    assert [line.net_amount for line in renewal.lines.order_by("sort")] == [D("20"), D("8"), D("4"), D("6")]
    assert len(set(renewal.lines.values_list("part", flat=True))) == 4


def test_what_was_bought_keeps_its_price(menu, charlie):
    order = ordered(charlie, menu, memory=menu.choice(menu.memory, "8 GB"))
    pay(order.invoice)
    OptionPrice.objects.update(amount=D("99"))
    subscription = subscription_of(order)
    raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)
    assert [line.net_amount for line in InvoiceLine.objects.filter(invoice__kind="renewal")] == [D("10"), D("4")]


def test_another_cycle_without_the_option_is_refused(menu, charlie):
    cart = create_cart(currency="EUR", actor=SYSTEM)
    big = menu.raw(memory=menu.choice(menu.memory, "8 GB"))
    line = add_line(cart, product=menu.product, cycle="monthly", answers={}, options=big, actor=SYSTEM)
    refused(lambda: update_line(line, cycle="annual", actor=SYSTEM))
    # Withdrawn while it lay in the cart: it is named, and the order is refused.
    OptionChoice.objects.filter(name="8 GB").update(is_retired=True)
    found = quote(cart)
    assert [row.problem for row in found.lines] == ["options"]
    with pytest.raises(AppError, match="not offered like this"):
        place_order(cart, client=charlie, actor=SYSTEM, idempotency_key="x", expected_total=found.total.amount)
    assert not SubscriptionItem.objects.exists()


def test_renewal_asks_nothing_per_subscription(menu, charlie, django_assert_max_num_queries):
    from billing.models import Subscription
    from billing.queries.pricing import PRICED, recurring_parts

    for disk in (10, 15, 20):
        pay(ordered(charlie, menu, memory=menu.choice(menu.memory, "2 GB"), disk=disk).invoice)
    rows = list(Subscription.objects.select_related("product", "client__group").prefetch_related(*PRICED).order_by("pk"))
    with django_assert_max_num_queries(0):
        parts = [recurring_parts(row, row.period(row.period_index)) for row in rows]
    assert [len(part) for part in parts] == [2, 2, 2]
