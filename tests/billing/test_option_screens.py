"""Options, addons and bundles on screens: what is typed is kept, refusals stand beside their field, one link fills the basket."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.bundle import Part, save_bundle
from billing.actions.product_option import Choice, Rule, save_option
from billing.models import Bundle, BundleItem, CartLine, OptionGroup, OptionRule, ProductOption
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from tests.billing.factories import active_subscription, make_product
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(db):
    group = OptionGroup.objects.create(name="Server")
    group.products.add(make_product(max_quantity=3))
    return group


@pytest.fixture
def staff(client):
    client.force_login(make_staff("owner"))
    return client


def option(group, key, kind="dropdown", choices=("A", "B"), rules=(), **fields):
    row = ProductOption(group=group, key=key, name=key.title(), kind=kind, **fields)
    prices = {("EUR", "monthly"): (D("2.00"), D("1.00"))}
    return save_option(row, choices=[Choice(name, prices=prices) for name in choices], rules=list(rules), actor=SYSTEM)


def typed(**fields):
    """What the browser sends for a new option with one row and no rules."""
    data = {"name": "Disk", "kind": "quantity", "key": "disk_gb", "sort": "0", "min_quantity": "0", "max_quantity": "50", "step": "5",
            "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-name": "Disk", "lines-0-amount_EUR_monthly": "1,50",
            "rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"}  # fmt: skip
    return data | fields


def test_staff_make_an_option_with_its_matrix(staff, group):
    address = reverse("billing_staff:product_option_create", args=[group.pk])
    assert staff.post(address, typed()).status_code == 302
    made = ProductOption.objects.get()
    assert made.choices.get().price_for("EUR", "monthly") == (D("1.5"), D(0))
    page = staff.get(made.get_absolute_url())
    assert b"1.50" in page.content or b"1,50" in page.content


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"key": "Disk GB"}, "Small Latin letters"),
        ({"min_quantity": "60"}, "The least is more than the most"),
        ({"step": "0"}, "At least 1"),
        ({"lines-0-amount_EUR_monthly": "-1"}, "greater than or equal to 0"),
        ({"lines-0-amount_EUR_monthly": "", "lines-0-setup_EUR_monthly": "3"}, "needs a price beside it"),
        ({"kind": "dropdown", "lines-0-name": "", "lines-0-amount_EUR_monthly": ""}, "A list needs something to choose"),
    ],
)
def test_bad_input_keeps_what_was_typed(staff, group, fields, words):
    answer = staff.post(reverse("billing_staff:product_option_create", args=[group.pk]), typed(**fields))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ProductOption.objects.exists()


def test_keys_are_unique_and_rules_have_no_circle(group):
    first = option(group, "memory")
    second = option(group, "disk", "quantity", ("Disk",), [Rule("show", first, first.choices.get(name="A"))])
    with pytest.raises(AppError, match="this key"):
        option(group, "memory")
    with pytest.raises(AppError, match="circle"):
        save_option(first, choices=[Choice("A")], rules=[Rule("show", second)], actor=SYSTEM)
    assert OptionRule.objects.count() == 1
    other = option(OptionGroup.objects.create(name="Other"), "else")
    with pytest.raises(AppError, match="same group"):
        save_option(first, choices=[Choice("A")], rules=[Rule("show", other)], actor=SYSTEM)


def configure(client, product, **fields):
    return client.post(reverse("store:configure", args=[product.slug]), {"cycle": "monthly", "quantity": "1"} | fields)


def test_the_page_follows_what_is_chosen_and_stores_nothing(client, group):
    product = group.products.get()
    lead = option(group, "memory")
    disk = option(group, "disk", "quantity", ("Disk",), [Rule("show", lead, lead.choices.get(name="A"))], is_required=True)
    names = f"option_{lead.pk}", f"option_{disk.pk}"
    first = client.get(reverse("store:configure", args=[product.slug]), {"cycle": "monthly"}).content.decode()
    assert f'name="{names[0]}"' in first and f'name="{names[1]}"' not in first
    shown = configure(client, product, verb="check", quantity="2", **{names[0]: lead.choices.get(name="A").pk, names[1]: "3"})
    # 2 x 10.00 + 2 x 2.00 + 2 x 3 x 2.00, and set-up 2 x 1.00 + 2 x 3 x 1.00
    assert f'name="{names[1]}"' in shown.content.decode() and "€44.00" in shown.content.decode()
    assert not CartLine.objects.exists()
    refused = configure(client, product, **{names[0]: lead.choices.get(name="A").pk, names[1]: "101"})
    assert refused.status_code == 422 and "from 0 to 100" in refused.content.decode()
    assert configure(client, product, quantity="2", **{names[0]: lead.choices.get(name="A").pk, names[1]: "3"}).status_code == 302
    line = CartLine.objects.get()
    assert (line.quantity, line.options) == (2, {str(lead.pk): lead.choices.get(name="A").pk, str(disk.pk): 3})


def test_one_link_fills_the_basket_at_its_prices(client, db):
    plan, care = make_product(), make_product(follows_parent=True)
    care.parents.add(plan)
    parts = [Part(plan, "monthly", prices={"EUR": (D("8.00"), D(0))}), Part(care, "monthly")]
    bundle = save_bundle(Bundle(name="Start", slug="start"), parts=parts, actor=SYSTEM)
    assert "€18.00" in client.get(bundle.get_store_url()).content.decode()
    assert client.post(bundle.get_store_url()).status_code == 302
    lines = list(CartLine.objects.order_by("pk"))
    assert [line.parent_id for line in lines] == [None, lines[0].pk]
    basket = client.get(reverse("store:cart")).content.decode()
    assert "€18.00" in basket
    client.post(reverse("store:cart_cycle", args=[lines[0].pk]), {"cycle": "annual"})
    assert set(CartLine.objects.values_list("cycle", flat=True)) == {"monthly"}
    client.post(reverse("store:cart_remove", args=[lines[1].pk]))
    assert not CartLine.objects.exists()
    bundle.is_hidden = True
    bundle.save()
    assert client.get(bundle.get_store_url()).status_code == 404


def test_what_was_taken_out_comes_back_with_its_options_and_addons(client, group):
    product, addon = group.products.get(), make_product(follows_parent=True)
    addon.parents.add(product)
    lead = option(group, "memory")
    chosen = lead.choices.get(name="B").pk
    configure(client, product, **{f"option_{lead.pk}": chosen, f"addon_{addon.pk}": "monthly"})
    line = CartLine.objects.get(product=product)
    client.post(reverse("store:cart_remove", args=[line.pk]))
    assert not CartLine.objects.exists()
    client.post(reverse("store:cart_undo"))
    assert CartLine.objects.get(product=product).options == {str(lead.pk): chosen}
    assert CartLine.objects.get(product=addon).parent.product == product


def test_staff_write_a_bundle(staff, db):
    product = make_product()
    data = {"name": "Studio", "slug": "", "sort": "0", "parts-TOTAL_FORMS": "1", "parts-INITIAL_FORMS": "0",
            "parts-0-product": product.pk, "parts-0-cycle": "annual", "parts-0-quantity": "2", "parts-0-amount_EUR": "90"}  # fmt: skip
    assert staff.post(reverse("billing_staff:bundle_create"), data | {"parts-0-cycle": "triennial"}).status_code == 422
    assert staff.post(reverse("billing_staff:bundle_create"), data).status_code == 302
    item = BundleItem.objects.get()
    assert (item.bundle.slug, item.quantity, item.price_in("EUR").amount) == ("studio", 2, D("90"))


def test_a_client_adds_to_what_runs(client, db):
    cast = make_cast()
    parent, addon = make_product(), make_product(follows_parent=True)
    addon.parents.add(parent)
    row = active_subscription(cast.alice_client, parent)
    address = reverse("billing_portal:subscription_addons", args=[row.pk])
    client.force_login(cast.charlie)
    assert client.get(address).status_code == 404
    client.force_login(cast.alice)
    assert addon.name in client.get(address).content.decode()
    assert client.post(address).status_code == 422
    assert client.post(address, {f"addon_{addon.pk}": "monthly"}).status_code == 302
    line = CartLine.objects.get(for_subscription=row)
    assert (line.product, line.for_subscription, line.cycle) == (addon, row, "monthly")
