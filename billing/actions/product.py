"""Use cases of the catalogue: groups, products, and the prices of a product as one matrix."""

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from billing.models import Price, Product, ProductGroup
from billing.queries.price import usual_prices
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError


def create_product(*, actor, prices=None, first_group: str = "", parents=(), change_targets=(), **fields) -> Product:
    """A new product; `prices` as for `set_prices`; `first_group` names a shelf made for it; `parents` what it is an addon of;
    `change_targets` what clients who have it may change to."""
    with transaction.atomic():
        if first_group:
            fields["group"] = _first_group(first_group, actor)
        product = Product.objects.create(**fields)
        product.parents.set(parents)
        product.change_targets.set(change_targets)
        audit(actor, "billing.product_created", product)
        set_prices(product, prices or {}, actor=actor)
    return product


def _first_group(name: str, actor) -> ProductGroup:
    slug = slugify(name)[:80] or "plans"
    return ProductGroup.objects.filter(slug=slug).first() or create_product_group(name=name, slug=slug, actor=actor)


def update_product(product: Product, *, actor, prices=None, parents=None, change_targets=None, **fields) -> Product:
    """Change what the store shows and sells. What is sold already keeps its price and plan."""
    with transaction.atomic():
        product = Product.objects.select_for_update().get(pk=product.pk)
        for name, value in fields.items():
            setattr(product, name, value)
        product.save()
        if parents is not None:
            product.parents.set(parents)
        if change_targets is not None:
            product.change_targets.set(change_targets)
        audit(actor, "billing.product_changed", product)
        if prices is not None:
            set_prices(product, prices, actor=actor)
    return product


def set_prices(product: Product, prices: dict, *, actor) -> None:
    """Make the product's prices exactly these: {(currency, cycle): (amount, set-up fee)}, all net. Cycles left out are
    no longer offered. AppError "negative"."""
    if any(part < 0 for pair in prices.values() for part in pair):
        raise AppError(_("A price cannot be negative."), code="negative")
    with transaction.atomic():
        standing = _standing(product)
        changes = {}
        for key in sorted({*standing, *prices}):
            before = standing.get(key)
            was, new = (before.amount, before.setup_amount) if before else None, prices.get(key)
            if was != new:
                changes[" ".join(key)] = [_words(was), _words(new)]
                _write(product, key, before, new)
        if changes:
            audit(actor, "billing.prices_changed", product, changes=changes)


def _standing(product) -> dict:
    """The usual prices in force, locked."""
    rows = product.prices.select_for_update(of=("self",)).filter(price_list=None, valid_from__lte=clock.today())
    return {(row.currency, row.cycle): row for row in rows.order_by("valid_from")}


def _write(product, key, before, new) -> None:
    if new is None:  # with those it came after, or they would hold again
        product.prices.filter(price_list=None, currency=key[0], cycle=key[1], valid_from__lte=before.valid_from).delete()
        return
    price = before or Price(product=product, currency=key[0], cycle=key[1])
    price.amount, price.setup_amount = new
    price.save()


def _words(pair) -> str | None:
    return f"{pair[0].normalize():f} + {pair[1].normalize():f}" if pair else None


def create_product_group(*, actor, **fields) -> ProductGroup:
    """A new shelf."""
    with transaction.atomic():
        group = ProductGroup.objects.create(**fields)
        audit(actor, "billing.product_group_created", group)
    return group


def update_product_group(group: ProductGroup, *, actor, **fields) -> ProductGroup:
    """Rename, reorder or hide a shelf."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(group, name, value)
        group.save()
        audit(actor, "billing.product_group_changed", group)
    return group


def retire_product(product: Product, *, actor) -> Product:
    """Sell it no more; what runs goes on. AppError "retired"."""
    with transaction.atomic():
        product = Product.objects.select_for_update().get(pk=product.pk)
        if product.is_retired:
            raise AppError(_("It is no longer sold already."), code="retired")
        product.is_retired = True
        product.save(update_fields=["is_retired"])
        audit(actor, "billing.product_retired", product)
    return product


def restore_product(product: Product, *, actor) -> Product:
    """Sell it again. AppError "not_retired"."""
    with transaction.atomic():
        product = Product.objects.select_for_update().get(pk=product.pk)
        if not product.is_retired:
            raise AppError(_("It is sold already."), code="not_retired")
        product.is_retired = False
        product.save(update_fields=["is_retired"])
        audit(actor, "billing.product_restored", product)
    return product


def duplicate_product(product: Product, *, actor, name: str) -> Product:
    """The same with its prices under another name, hidden from the store until somebody has looked at it."""
    with transaction.atomic():
        fields = {field.name: getattr(product, field.name) for field in Product._meta.concrete_fields}
        for left_out in ("id", "created_at", "updated_at"):
            fields.pop(left_out, None)
        fields |= {"name": name, "slug": _free_slug(name), "is_hidden": True, "is_retired": False, "is_featured": False}
        prices = {key: (row.amount, row.setup_amount) for key, row in usual_prices(product).items()}
        copy = create_product(**fields, prices=prices, parents=product.parents.all(),
                              change_targets=product.change_targets.all(), actor=actor)  # fmt: skip
        copy.option_groups.set(product.option_groups.all())
        audit(actor, "billing.product_duplicated", copy, reason=product.name, changes={})
    return copy


def _free_slug(name: str) -> str:
    """An address part nobody has: "start", "start-2", ..."""
    stem = slugify(name)[:70] or "product"
    taken = set(Product.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))) if slug not in taken)


def sort_products(group: ProductGroup, ids: list[int], *, actor) -> None:
    """Put the group's products into this order; ids of other groups are left out, products not named come last."""
    with transaction.atomic():
        products = {row.pk: row for row in group.products.select_for_update().order_by("sort", "name")}
        wanted = [pk for pk in dict.fromkeys(ids) if pk in products]
        order = [*wanted, *(pk for pk in products if pk not in wanted)]
        before = [products[pk].name for pk in products]
        for place, pk in enumerate(order, start=1):
            Product.objects.filter(pk=pk).exclude(sort=place).update(sort=place)
        after = [products[pk].name for pk in order]
        if before != after:
            audit(actor, "billing.products_sorted", group, changes={"order": [before, after]})
