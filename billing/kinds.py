"""Product kinds: what apps above billing know how to deliver registers here what it must ask and show."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from billing.gateways import REGISTRY
from billing.rate_sources import REGISTRY as RATE_SOURCES
from billing.vat_checkers import REGISTRY as VAT_CHECKERS
from hostbill.core.errors import AppError
from hostbill.core.modules import DriverKind, register_kind


def _no_label(answers: dict) -> str:
    return ""


def _no_objection(answers: dict, product) -> None:
    return None


@dataclass(frozen=True)
class ProductKind:
    """`product_form` fills Product.provisioning, `order_form` the answers of a cart line (both Django form classes or
    None). `label_from(answers)` names the subscription, `on_validate(answers, product)` may raise AppError with
    knowledge that a form does not have (for instance: this domain is already served)."""

    key: str
    label: object
    product_form: type | None = None
    order_form: type | None = None
    label_from: Callable[[dict], str] = _no_label
    on_validate: Callable = _no_objection


_kinds: dict[str, ProductKind] = {}


def register(kind: ProductKind) -> ProductKind:
    """Make a kind known; the last registration of a key counts."""
    _kinds[kind.key] = kind
    return kind


def get(key: str) -> ProductKind:
    """The kind, or AppError when the app that knows it is gone."""
    try:
        return _kinds[key]
    except KeyError:
        raise AppError(_("Nobody knows the product kind “%(key)s”.") % {"key": key}, code="unknown_kind") from None


def all_kinds() -> list[ProductKind]:
    """In order of registration."""
    return list(_kinds.values())


def choices() -> list[tuple[str, object]]:
    """For form fields."""
    return [(kind.key, kind.label) for kind in _kinds.values()]


def clean_answers(product, raw: dict) -> dict:
    """Validate the answers to the order form of the product's kind; returns plain JSON values.

    Raises AppError (code "invalid_answers", field = the first wrong field, details["errors"] = all)."""
    kind = get(product.kind)
    answers = _through_form(kind, raw)
    kind.on_validate(answers, product)
    return answers


def _through_form(kind: ProductKind, raw: dict) -> dict:
    if kind.order_form is None:
        return {}
    form = kind.order_form(raw)
    if not form.is_valid():
        field, messages = next(iter(form.errors.items()))
        raise AppError(messages[0], code="invalid_answers", field=field, errors=dict(form.errors))
    return {name: _plain(value) for name, value in form.cleaned_data.items()}


def _plain(value):
    if value is None or isinstance(value, str | int | bool | list | dict):
        return value
    return str(value)


register(ProductKind(key="other", label=_("Other (nothing to set up)")))
register_kind(DriverKind("gateway", REGISTRY))
register_kind(DriverKind("vat_checker", VAT_CHECKERS, copied=False))
register_kind(DriverKind("rate_source", RATE_SOURCES, copied=False))
