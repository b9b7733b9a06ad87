"""The catalogue's desk: prices as a sheet, copies, the archive, the store's order."""

from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.product import sort_products
from billing.models import Product, ProductGroup
from hostbill.core.models import Change
from tests.billing.factories import active_subscription, make_product
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


def form(product, **cells):
    """The product's own values, and some prices."""
    return {"name": product.name, "slug": product.slug, "group": product.group_id, "kind": "other", "features": "",
            "setup_on": "payment", "tax_class": "standard", "sort": 0, "verb": "save", **cells}  # fmt: skip


def prices(product):
    """{cycle: (price, fee)} in EUR."""
    return {row.cycle: (row.amount, row.setup_amount) for row in product.prices.all()}


def test_cells_take_numbers_as_people_write_them(staff):
    product = make_product()
    url = reverse("billing_staff:product_edit", args=[product.pk])
    staff.post(url, form(product, amount_EUR_monthly="1.234,50", setup_EUR_monthly="9", amount_EUR_annual="0"))
    assert prices(product) == {"monthly": (D("1234.50"), D(9)), "annual": (D(0), D(0))}
    assert staff.post(url, form(product, amount_EUR_monthly="1.005")).status_code == 422
    assert staff.post(url, form(product, amount_EUR_monthly="-1")).status_code == 422
    assert prices(product)["monthly"] == (D("1234.50"), D(9))


def test_prices_of_another_are_filled_in_and_not_yet_stored(staff):
    product, other = make_product(prices={"monthly": ("1", "0")}), make_product(prices={"annual": ("99.90", "5")})
    url = reverse("billing_staff:product_edit", args=[product.pk])
    page = staff.post(url, form(product, amount_EUR_monthly="1", verb="copy", copy_from=other.pk))
    assert page.context["grid"]["amount_EUR_annual"].value() == "99.90"
    assert page.context["grid"]["amount_EUR_monthly"].value() == ""
    assert prices(product) == {"monthly": (D(1), D(0))}


def test_a_copy_is_hidden_and_has_all_prices(staff):
    product = make_product(name="Start", slug="start", is_featured=True)
    for _twice in range(2):
        staff.post(reverse("billing_staff:product_duplicate", args=[product.pk]), {"name": "Start"})
    copies = list(Product.objects.exclude(pk=product.pk).order_by("pk"))
    assert [copy.slug for copy in copies] == ["start-2", "start-3"]
    assert prices(copies[0]) == prices(product)
    assert copies[0].is_hidden and not copies[0].is_featured


def test_archive_and_back_leave_customers_alone(staff, cast):
    product = make_product()
    subscription = active_subscription(cast.alice_client, product)
    staff.post(reverse("billing_staff:product_retire", args=[product.pk]))
    product.refresh_from_db()
    subscription.refresh_from_db()
    assert product.is_retired and subscription.state == "active"
    staff.post(reverse("billing_staff:product_restore", args=[product.pk]))
    product.refresh_from_db()
    assert not product.is_retired


def test_sorted_by_button_and_by_dragging(staff, cast):
    rows = [make_product(name=name, sort=place) for place, name in enumerate("abc")]
    url, group = reverse("billing_staff:product_sort"), rows[0].group
    ids = [row.pk for row in rows]
    names = lambda: "".join(Product.objects.filter(group=group).order_by("sort").values_list("name", flat=True))  # noqa: E731
    staff.post(url, {"group": group.pk, "ids": ids, "move": f"down-{ids[0]}"})
    assert names() == "bac"
    staff.post(url, {"group": group.pk, "ids": reversed(ids)})
    assert names() == "cba"
    assert Change.objects.filter(action="billing.products_sorted").count() == 2
    other = ProductGroup.objects.create(name="Other", slug="other")
    sort_products(other, ids, actor=cast.stella_actor)
    assert names() == "cba"
    assert staff.post(url, {"group": 999999}).status_code == 404


def test_needs_the_right(client, cast):
    product = make_product()
    client.force_login(make_staff("support-agent"))
    for name in ("product_duplicate", "product_retire", "product_restore"):
        assert client.post(reverse(f"billing_staff:{name}", args=[product.pk]), {"name": "mine"}).status_code == 403
    assert client.post(reverse("billing_staff:product_sort"), {"group": product.group_id}).status_code == 403
    url = reverse("billing_staff:product_edit", args=[product.pk])
    assert client.post(url, form(product, amount_EUR_monthly="0")).status_code == 403
    assert Product.objects.count() == 1 and prices(product)["monthly"][0] == D(10)


def test_the_first_product_brings_its_shelf_and_its_address(staff):
    """In an empty shop nobody has to know that groups come first; with one there, it is chosen as usual."""
    url = reverse("billing_staff:product_create")
    values = {"kind": "other", "setup_on": "payment", "tax_class": "standard", "sort": 0, "verb": "save"}
    assert "first_group" in staff.get(url).context["form"].fields
    assert staff.post(url, {**values, "name": "Skerry"}).status_code == 422
    staff.post(url, {**values, "name": "Skerry & Söhne", "first_group": "Web hosting"})
    product = Product.objects.get()
    assert (product.slug, product.group.slug, product.group.name) == ("skerry-sohne", "web-hosting", "Web hosting")
    assert Change.objects.filter(action="billing.product_group_created").count() == 1
    form = staff.get(url).context["form"]
    assert "group" in form.fields and "first_group" not in form.fields
    unreadable = staff.post(url, {**values, "name": "আমার", "group": product.group_id})
    assert unreadable.status_code == 422 and "slug" in unreadable.context["form"].errors
    again = staff.post(url, {**values, "name": "Skerry Söhne", "group": product.group_id})
    assert again.status_code == 422 and "slug" in again.context["form"].errors, "the same address twice"
