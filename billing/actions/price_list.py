"""Use cases of price lists, and of single prices that hold from a day on."""

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.models import ALWAYS, Price, PriceList, Product
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError


def create_price_list(*, actor, **fields) -> PriceList:
    """A list without prices. AppError "taken": the group has one in this currency."""
    return _save(PriceList(**fields), actor, "billing.price_list_created")


def update_price_list(row: PriceList, *, actor, **fields) -> PriceList:
    """Rename it, give it to another group, or take it out of use. AppError: "taken", "currency"."""
    if fields.get("currency", row.currency) != row.currency and row.prices.exists():
        raise AppError(_("Its prices are in another currency."), code="currency", field="currency")
    for name, value in fields.items():
        setattr(row, name, value)
    return _save(row, actor, "billing.price_list_changed")


def _save(row: PriceList, actor, act: str) -> PriceList:
    try:
        with transaction.atomic():
            row.save()
            audit(actor, act, row)
    except IntegrityError:
        words = _("There is a list in this currency for the same clients already, or one with this name.")
        raise AppError(words, code="taken", field="client_group") from None
    return row


def set_price(
    product: Product,
    *,
    currency: str,
    cycle: str,
    amount: Decimal,
    setup_amount: Decimal,
    actor,
    valid_from: date | None = None,
    price_list: PriceList | None = None,
) -> Price:
    """Enter one price, on a list or (without) the usual one, from a day on (empty: at once). The same day again replaces it.
    AppError: "negative", "past", "currency"."""
    if amount < 0 or setup_amount < 0:
        raise AppError(_("A price cannot be negative."), code="negative", field="amount")
    if price_list and price_list.currency != currency:
        raise AppError(_("Its prices are in another currency."), code="currency")
    if valid_from and valid_from <= clock.today():
        raise AppError(_("Choose a day to come, or leave it empty."), code="past", field="valid_from")
    key = {"product": product, "price_list": price_list, "currency": currency, "cycle": cycle}
    with transaction.atomic():
        day = valid_from or _first_day(key)
        standing = Price.objects.select_for_update(of=("self",)).filter(**key, valid_from=day).first()
        price = standing or Price(**key, valid_from=day)
        price.amount, price.setup_amount = amount, setup_amount
        price.save()
        name = " ".join(part for part in (price_list.name if price_list else "", currency, cycle, f"{day}") if part)
        audit(actor, "billing.prices_changed", product, changes={name: [None, f"{amount:f} + {setup_amount:f}"]})
    return price


def _first_day(key: dict) -> date:
    """The row in force is written over; without one, the price holds since ever."""
    row = Price.objects.filter(**key, valid_from__lte=clock.today()).order_by("-valid_from").first()
    return row.valid_from if row else ALWAYS


def remove_price(price: Price, *, actor) -> None:
    """Take a price off its list, or a usual one that has not begun to hold. AppError "in_force"."""
    if price.is_usual and price.valid_from <= clock.today():
        raise AppError(_("This price is in force; empty it on the product's page."), code="in_force")
    with transaction.atomic():
        name = " ".join([price.price_list.name if price.price_list else "", price.currency, price.cycle, f"{price.valid_from}"])
        audit(actor, "billing.prices_changed", price.product, changes={name.strip(): [f"{price.amount:f}", None]})
        price.delete()
