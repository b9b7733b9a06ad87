"""Settings, rules and prices as they might be: made within a look ahead and taken back with it."""

from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.models import Product, Subscription
from hostbill.core import options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Rule
from hostbill.core.money import round_amount
from hostbill.core.rules import change_rule

#: Beginnings of the settings that can be tried out: those that automation goes by.
TRIED = ("billing.", "tax.")


def check_changes(changes: dict) -> None:
    """AppError "unknown_option", "wrong_value", "unknown_rule", "unknown_product", "percent", each naming what it means."""
    for key, value in changes.get("options", {}).items():
        _option(key, value)
    for pk in changes.get("rules", {}):
        if not Rule.objects.filter(pk=pk).exists():
            raise AppError(_("There is no rule %(rule)s.") % {"rule": pk}, code="unknown_rule", field="rule")
    for pk, percent in changes.get("prices", {}).items():
        if not Product.objects.filter(pk=pk).exists():
            raise AppError(
                _("There is no product %(product)s.") % {"product": pk}, code="unknown_product", field="product"
            )
        _percent(percent)


def _option(key: str, value):
    if not key.startswith(TRIED) or key not in {option.key for option in options.all_options()}:
        raise AppError(
            _("%(key)s is no setting that automation goes by.") % {"key": key}, code="unknown_option", field="option"
        )
    try:
        return options.find(key), options.find(key).clean(value)
    except ValidationError as error:
        raise AppError(f"{key}: {error.messages[0]}", code="wrong_value", field="value") from error


def _percent(text) -> Decimal:
    try:
        value = Decimal(str(text).strip().rstrip("%").replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not -100 <= value <= 1000:
        raise AppError(_("Enter percent between -100 and 1000, such as 10 or -5.5."), code="percent", field="percent")
    return value


def apply_changes(changes: dict, clients: list[int]) -> None:
    """Make them so, for these clients, in the caller's transaction."""
    for key, value in changes.get("options", {}).items():
        options.set_option(*_option(key, value), SYSTEM)
    for pk, days in changes.get("rules", {}).items():
        values = {"is_active": False} if days is None else {"is_active": True, "offset_days": int(days)}
        change_rule(Rule.objects.get(pk=pk), actor=SYSTEM, **values)
    for pk, percent in changes.get("prices", {}).items():
        _change_prices(int(pk), _percent(percent), clients)


def _change_prices(product_id: int, percent: Decimal, clients: list[int]) -> None:
    """What runs at the catalogue's price costs so much more from its next period on."""
    rows = Subscription.objects.running().filter(product_id=product_id, client_id__in=clients, price_is_override=False)
    for row in rows:
        row.price_amount = round_amount(row.price_amount * (1 + percent / 100), row.currency)
    Subscription.objects.bulk_update(rows, ["price_amount"])
