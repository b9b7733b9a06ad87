"""Configurable options: which are offered, what depends on what, and what a customer's choices cost.

Choices are plain values by option id as text, as a cart line keeps them: {"7": 31} the choice of a list, {"8": True} a yes,
{"9": 50} units of a quantity. What is not chosen is left out."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from billing.models import OptionChoice, OptionGroup, OptionRule, Product, ProductOption, Subscription, SubscriptionItem
from hostbill.core.errors import AppError
from hostbill.core.money import Money

_GROUPS = OptionGroup.objects.prefetch_related(
    Prefetch("options", ProductOption.objects.filter(is_retired=False).prefetch_related("choices__prices", "rules"))
)
#: What `options_of` reads, for products and for rows that have one: a list needs no query per product.
WITH_OPTIONS = Prefetch("option_groups", _GROUPS)
WITH_PRODUCT_OPTIONS = Prefetch("product__option_groups", _GROUPS)


@dataclass(frozen=True)
class Offer:
    """One choice with what it costs a unit and period, and once. `is_free`: neither."""

    choice: OptionChoice
    money: Money
    setup: Money

    @property
    def is_free(self) -> bool:
        """Nothing to pay for it."""
        return self.money.is_zero and self.setup.is_zero


@dataclass(frozen=True)
class Asked:
    """An option as it is asked in one currency and cycle."""

    option: ProductOption
    offers: list[Offer]

    @property
    def field(self) -> str:
        """Its name in forms."""
        return field_name(self.option)

    def offer(self, choice_id) -> Offer | None:
        """The offer of a choice, or None when it is not offered here."""
        return next((offer for offer in self.offers if offer.choice.pk == choice_id), None)

    @property
    def initial(self):
        """What is chosen before anybody chooses."""
        if self.option.kind == ProductOption.Kind.QUANTITY:
            return self.option.min_quantity
        preset = next((offer.choice.pk for offer in self.offers if offer.choice.is_default), None)
        if self.option.is_list:
            return preset
        return True if preset else None


def field_name(option: ProductOption) -> str:
    """What a form calls the answer to an option."""
    return f"option_{option.pk}"


def options_of(product: Product) -> list[ProductOption]:
    """The options of all groups attached to a product, in their order; no query when prefetched with WITH_OPTIONS."""
    return [option for group in product.option_groups.all() for option in group.options.all() if not option.is_retired]


def asked(product: Product, currency: str, cycle: str) -> list[Asked]:
    """The options offered in a currency and cycle, each with the choices that have a price there (or none anywhere)."""
    found = [Asked(option, _offers(option, currency, cycle)) for option in options_of(product)]
    return [row for row in found if row.offers]


def _offers(option: ProductOption, currency: str, cycle: str) -> list[Offer]:
    offers = []
    for choice in option.choices.all():
        price = None if choice.is_retired else choice.price_for(currency, cycle)
        if price is not None:
            offers.append(Offer(choice, Money(price[0], currency), Money(price[1], currency)))
    return offers


def is_shown(option: ProductOption, chosen: dict, options: dict) -> bool:
    """Whether its rules let it be asked. `options` {id: option} are all of the product; what is hidden counts as not chosen."""
    rules = [rule for rule in option.rules.all() if rule.effect == OptionRule.Effect.SHOW]
    return not rules or any(_holds(rule, chosen, options) for rule in rules)


def is_needed(option: ProductOption, chosen: dict, options: dict) -> bool:
    """Whether it has to be chosen: always, or because a rule says so now."""
    rules = [rule for rule in option.rules.all() if rule.effect == OptionRule.Effect.REQUIRE]
    return option.is_required or any(_holds(rule, chosen, options) for rule in rules)


def _holds(rule: OptionRule, chosen: dict, options: dict) -> bool:
    source = options.get(rule.source_id)
    if source is None or not is_shown(source, chosen, options):
        return False
    value = chosen.get(str(source.pk))
    if not value:
        return False
    if source.kind == ProductOption.Kind.QUANTITY:
        return value >= rule.at_least
    return rule.choice_id is None or not source.is_list or value == rule.choice_id


def clean_choices(product: Product, currency: str, cycle: str, raw: dict, *, defaults: bool = False) -> dict:
    """Check what was chosen, leaving out what its rules hide. `raw` has plain choices, or a form's texts. With `defaults` a
    list that `raw` does not speak of at all has the choice that stands there at first.

    AppError "invalid_options": field of the first wrong one, details["errors"] {field: words} of all."""
    rows = asked(product, currency, cycle)
    options = {row.option.pk: row.option for row in rows}
    errors, chosen = {}, {}
    for row in rows:
        try:
            preset = row.initial if defaults and row.option.is_list else None
            value = _clean(row, raw.get(str(row.option.pk), preset))
            if value:
                chosen[str(row.option.pk)] = value
        except AppError as error:
            errors[row.field] = error.message
    shown = {row.option.pk for row in rows if is_shown(row.option, chosen, options)}
    errors = {row.field: errors[row.field] for row in rows if row.field in errors and row.option.pk in shown}
    chosen = {key: value for key, value in chosen.items() if int(key) in shown}
    for row in rows:
        missing = row.option.pk in shown and str(row.option.pk) not in chosen and row.field not in errors
        if missing and is_needed(row.option, chosen, options):
            errors[row.field] = _("Please choose: %(name)s.") % {"name": row.option.name}
    if errors:
        field, words = next(iter(errors.items()))
        raise AppError(words, code="invalid_options", field=field, errors=errors)
    return chosen


def _clean(row: Asked, raw):
    """The plain value, or None when nothing is chosen."""
    if raw in (None, "", False):
        return None
    if row.option.kind == ProductOption.Kind.YES_NO:
        return str(raw).lower() in ("true", "1", "on", "yes") or None
    number = int(str(raw)) if str(raw).isascii() and str(raw).isdigit() and len(str(raw)) < 10 else None
    if row.option.kind == ProductOption.Kind.QUANTITY:
        return _clean_quantity(row.option, number)
    if number is None or row.offer(number) is None:
        raise AppError(_("Choose one of what is offered."), code="invalid_option")
    return number


def _clean_quantity(option: ProductOption, number: int | None) -> int | None:
    """Nothing is allowed even where there is a least number, unless it has to be chosen."""
    if number is None:
        raise AppError(_("Enter a whole number."), code="invalid_option")
    if number == 0:
        return None
    if not option.min_quantity <= number <= option.max_quantity:
        words = _("Enter a number from %(least)s to %(most)s.")
        raise AppError(words % {"least": option.min_quantity, "most": option.max_quantity}, code="invalid_option")
    if (number - option.min_quantity) % option.step:
        words = _("Enter a number in steps of %(step)s, beginning with %(least)s.")
        raise AppError(words % {"step": option.step, "least": option.min_quantity}, code="invalid_option")
    return number


def items_of(subscription: Subscription, chosen: dict) -> list[SubscriptionItem]:
    """The chosen options as rows that are not stored yet, at the prices of the subscription's currency and cycle. What is
    not offered so any more is left out."""
    items = []
    for row in asked(subscription.product, subscription.currency, subscription.cycle):
        value = chosen.get(str(row.option.pk))
        offer = row.offer(value) if row.option.is_list else (row.offers[0] if value else None)
        if offer is None:
            continue
        quantity = value if row.option.kind == ProductOption.Kind.QUANTITY else 1
        items.append(item_of(subscription, row.option, offer.choice, quantity, (offer.money.amount, offer.setup.amount)))
    return items


def item_of(subscription, option, choice, quantity: int, price: tuple[Decimal, Decimal]) -> SubscriptionItem:
    """One option of a subscription, not stored."""
    return SubscriptionItem(
        subscription=subscription,
        option=option,
        choice=choice,
        quantity=quantity,
        unit_amount=price[0],
        setup_amount=price[1],
        description=item_words(option, choice, quantity),
    )


def item_words(option: ProductOption, choice: OptionChoice, quantity: int) -> str:
    """How a choice reads: "Backups", "Memory: 8 GB", "Extra disk: 50 GB"."""
    if option.kind == ProductOption.Kind.QUANTITY:
        return f"{option.name}: {quantity} {option.unit_of(quantity)}".strip()[:200]
    return (option.name if option.kind == ProductOption.Kind.YES_NO else f"{option.name}: {choice.name}")[:200]


def chosen_by(subscription: Subscription) -> dict:
    """The choices behind a subscription's rows, as `clean_choices` returns them."""
    return {str(item.option_id): plain_value(item) for item in subscription.items.all()}


def plain_value(item: SubscriptionItem):
    """The choice as a cart line keeps it."""
    if item.option.kind == ProductOption.Kind.QUANTITY:
        return item.quantity
    return True if item.option.kind == ProductOption.Kind.YES_NO else item.choice_id


def values_for_panel(subscription: Subscription) -> dict:
    """{option's key: value} of what was chosen: numbers for quantities, texts for the rest."""
    return {item.option.key: item.value for item in subscription.items.select_related("option", "choice")}


def tolerant_choices(product: Product, currency: str, cycle: str, raw: dict) -> dict:
    """What of `raw` can be taken while somebody is still choosing: for a price, never for an order."""
    rows = asked(product, currency, cycle)
    options = {row.option.pk: row.option for row in rows}
    chosen = {}
    for row in rows:
        try:
            value = _clean(row, raw.get(str(row.option.pk)))
        except AppError:
            continue
        if value:
            chosen[str(row.option.pk)] = value
    return {key: value for key, value in chosen.items() if is_shown(options[int(key)], chosen, options)}
