"""Use cases of configurable options: groups on products, an option with its choices, prices and rules as one."""

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.models import OptionChoice, OptionGroup, OptionPrice, OptionRule, ProductOption
from hostbill.core.audit import audit
from hostbill.core.errors import AppError


@dataclass
class Choice:
    """One choice as it is to be. `pk` None: a new one. `prices` {(currency, cycle): (amount, set-up fee)}, all net; none at
    all: free everywhere."""

    name: str
    value: str = ""
    is_default: bool = False
    is_retired: bool = False
    prices: dict = field(default_factory=dict)
    pk: int | None = None


@dataclass(frozen=True)
class Rule:
    """A rule as it is to be: `choice` is a choice of `source`, None any of them (or `at_least` units)."""

    effect: str
    source: ProductOption
    choice: OptionChoice | None = None
    at_least: int = 1


def create_option_group(*, actor, products=(), **fields) -> OptionGroup:
    """A new group, attached to these products."""
    with transaction.atomic():
        group = OptionGroup.objects.create(**fields)
        group.products.set(products)
        audit(actor, "billing.option_group_created", group)
    return group


def update_option_group(group: OptionGroup, *, actor, products=None, **fields) -> OptionGroup:
    """Rename it, attach it to other products. What was ordered keeps its options and prices."""
    with transaction.atomic():
        group = OptionGroup.objects.select_for_update().get(pk=group.pk)
        for name, value in fields.items():
            setattr(group, name, value)
        group.save()
        if products is not None:
            group.products.set(products)
        audit(actor, "billing.option_group_changed", group)
    return group


def save_option(option: ProductOption, *, choices: list[Choice], rules: list[Rule], actor) -> ProductOption:
    """Store an option (new without a key) with its choices and rules: choices left out stay, rules become exactly these.

    What is ordered keeps its price. AppError: "no_choices", "one_choice", "key_taken", "quantities", "negative",
    "kind_in_use", "circular_rule"."""
    _check(option, choices)
    is_new = option.pk is None
    with transaction.atomic():
        try:
            with transaction.atomic():
                option.save()
        except IntegrityError:
            words = _("Another option of this group has this key.")
            raise AppError(words, code="key_taken", field="key") from None
        for place, choice in enumerate(choices):
            _save_choice(option, choice, place)
        _set_rules(option, rules)
        audit(actor, "billing.option_created" if is_new else "billing.option_changed", option)
    return option


def _check(option: ProductOption, choices: list[Choice]) -> None:
    offered = [choice for choice in choices if not choice.is_retired]
    if option.is_list and not offered:
        raise AppError(_("A list needs something to choose."), code="no_choices")
    if not option.is_list and len(choices) != 1:
        raise AppError(_("A yes/no or a quantity has one row of prices."), code="one_choice")
    if option.step < 1 or option.min_quantity > option.max_quantity:
        raise AppError(_("The least is more than the most."), code="quantities", field="max_quantity")
    if any(part < 0 for choice in choices for pair in choice.prices.values() for part in pair):
        raise AppError(_("A price cannot be negative."), code="negative")
    before = ProductOption.objects.filter(pk=option.pk).values_list("kind", flat=True).first()
    if before and before != option.kind and option.items.exists():
        raise AppError(_("Customers have it: its kind stays."), code="kind_in_use", field="kind")


def _save_choice(option: ProductOption, choice: Choice, place: int) -> None:
    row = option.choices.filter(pk=choice.pk).first() if choice.pk else None
    row = row or OptionChoice(option=option)
    row.name, row.value, row.sort = choice.name, choice.value, place
    row.is_default, row.is_retired = choice.is_default, choice.is_retired
    row.save()
    standing = {(price.currency, price.cycle): price for price in row.prices.all()}
    for key in standing.keys() - choice.prices.keys():
        standing[key].delete()
    for key, (amount, setup) in choice.prices.items():
        price = standing.get(key) or OptionPrice(choice=row, currency=key[0], cycle=key[1])
        price.amount, price.setup_amount = amount, setup
        price.save()


def _set_rules(option: ProductOption, rules: list[Rule]) -> None:
    option.rules.all().delete()
    rows = {(rule.effect, rule.source.pk, rule.choice and rule.choice.pk): rule for rule in rules}
    for rule in rows.values():
        if rule.source.group_id != option.group_id or rule.source.pk == option.pk:
            raise AppError(_("A rule looks at another option of the same group."), code="foreign_rule")
        OptionRule.objects.create(
            option=option, effect=rule.effect, source=rule.source, choice=rule.choice, at_least=rule.at_least
        )
    _check_circles(option)


def _check_circles(option: ProductOption) -> None:
    """What an option is shown by may not be shown by that option, however many rules lie between."""
    sources: dict[int, set] = {}
    shown = OptionRule.objects.filter(option__group=option.group_id, effect=OptionRule.Effect.SHOW)
    for shown_id, source_id in shown.values_list("option_id", "source_id"):
        sources.setdefault(shown_id, set()).add(source_id)
    reached, ahead = set(), list(sources.get(option.pk, ()))
    while ahead:
        here = ahead.pop()
        if here == option.pk:
            raise AppError(_("These rules go in a circle: it would never be shown."), code="circular_rule")
        if here not in reached:
            reached.add(here)
            ahead += sources.get(here, ())
