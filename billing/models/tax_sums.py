"""The arithmetic of tax on a document: one rounding per (category, rate), over the sum of the lines.

Pure functions over anything that has `tax_class`, `tax_category`, `tax_percent`, `tax_name`, `tax_components`, `tax_reason`,
`net_amount` and `gross_amount` (None where the price is before tax)."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from hostbill.core.money import exponent, round_amount

from .tax import TaxClass


@dataclass(frozen=True)
class TaxGroup:
    """One component of the tax on all lines of a document that are treated alike. `net` is the sum of those lines, `base`
    what this component is charged on: more than `net` for a compound one. `tax_class`: of several with one rate the first.
    `gross` is the sum of the prices that include tax, None where no line has such a price. `classes`: the net of each class."""

    tax_class: str
    percent: Decimal
    name: str
    net: Decimal
    tax: Decimal
    category: str = "S"
    reason: str = ""
    base: Decimal | None = None
    compound: bool = False
    gross: Decimal | None = None
    step: int = 1
    classes: dict = field(default_factory=dict, compare=False)

    @property
    def words(self) -> str:
        """Its name, or why nothing is charged."""
        return self.name if self.percent else self.reason or self.name or str(_("No tax"))


def effective_percent(components) -> Decimal:
    """Percent of all components together, on the net amount."""
    total = Decimal(0)
    for component in components:
        percent = Decimal(component["percent"])
        total += percent * (100 + total) / 100 if component.get("compound") else percent
    return total


def components_of(line) -> list[dict]:
    """The line's components; a line without any has one, of its percent and name."""
    own = getattr(line, "tax_components", None)
    return own or [{"name": line.tax_name, "percent": str(line.tax_percent), "compound": False}]


def tax_groups(lines, currency: str) -> list[TaxGroup]:
    """The tax of a document. Order: highest rate first; the components of one group stay in their own order.

    A component that lines have in common (the federal tax, beside taxes of some states) is rounded once over all of them."""
    alike = defaultdict(list)
    for line in lines:
        alike[_key(line)].append(line)
    found = [_Alike(alike[key], currency) for key in sorted(alike, key=lambda key: (-key[1], key[0], key[2]))]
    for step in range(max((len(each.components) for each in found), default=0)):
        pools = defaultdict(list)
        for each in found:
            if step < len(each.components):
                pools[each.pool(step)].append(each)
        for members in pools.values():
            _charge(members, step, currency)
    for each in found:
        each.keep_gross()
    return _merged([group for each in found for group in each.groups()])


def _key(line) -> tuple:
    """Products of several classes are one group where their rates are the same."""
    rates = tuple((Decimal(part["percent"]), bool(part.get("compound"))) for part in components_of(line))
    return (getattr(line, "tax_category", "S"), Decimal(line.tax_percent), rates)


class _Alike:
    """Lines of a document with the same components of tax. `taxes` and `bases`: of each component, as far as worked out."""

    def __init__(self, lines: list, currency: str):
        self.lines, self.currency = lines, currency
        self.components = components_of(lines[0])
        self.category = getattr(lines[0], "tax_category", "S")
        self.net = sum((line.net_amount for line in lines), Decimal(0))
        self.inclusive = [line for line in lines if getattr(line, "gross_amount", None) is not None]
        self.taxes, self.bases = [], []

    def pool(self, step: int) -> tuple:
        """What is rounded together. Where a price includes tax, its tax is what its net leaves, so it stands alone."""
        part = self.components[step]
        alone = id(self) if self.inclusive else 0
        return alone, self.category, Decimal(part["percent"]), bool(part.get("compound"))

    def base(self, step: int) -> Decimal:
        """What the component is charged on."""
        return self.net + sum(self.taxes) if self.components[step].get("compound") else self.net

    def keep_gross(self) -> None:
        """What is left of prices that include tax after their nets is tax, to the last unit."""
        if not self.inclusive or not self.components:
            return
        within = sum((line.net_amount for line in self.inclusive), Decimal(0))
        beside = _component_taxes(self.components, self.net - within, self.currency)
        self.taxes[-1] = self.gross - within + sum(beside) - sum(self.taxes[:-1])

    @property
    def gross(self) -> Decimal | None:
        """The sum of the prices that include tax, if there are any."""
        return sum((line.gross_amount for line in self.inclusive), Decimal(0)) if self.inclusive else None

    @property
    def classes(self) -> dict:
        """Net by class, in the order of the classes."""
        found = defaultdict(Decimal)
        for line in self.lines:
            found[line.tax_class] += line.net_amount
        return {name: found[name] for name in sorted(found, key=_place)}

    def groups(self) -> list[TaxGroup]:
        """One per component."""
        return [
            TaxGroup(
                tax_class=next(iter(self.classes)),
                category=self.category,
                reason=getattr(self.lines[0], "tax_reason", ""),
                percent=Decimal(part["percent"]),
                name=part["name"],
                net=self.net,
                base=base,
                tax=tax,
                compound=bool(part.get("compound")),
                gross=self.gross,
                step=step,
                classes=self.classes,
            )
            for step, (part, tax, base) in enumerate(zip(self.components, self.taxes, self.bases, strict=True), start=1)
        ]


def _place(name: str) -> int:
    return TaxClass.values.index(name) if name in TaxClass.values else len(TaxClass.values)


def _charge(members: list[_Alike], step: int, currency: str) -> None:
    """One rounding over all of them; what it leaves is with the largest."""
    percent = Decimal(members[0].components[step]["percent"])
    bases = [each.base(step) for each in members]
    taxes = [round_amount(base * percent / 100, currency) for base in bases]
    largest = max(range(len(bases)), key=lambda place: abs(bases[place]))
    taxes[largest] += round_amount(sum(bases) * percent / 100, currency) - sum(taxes)
    for each, base, tax in zip(members, bases, taxes, strict=True):
        each.bases.append(base)
        each.taxes.append(tax)


def _merged(groups: list[TaxGroup]) -> list[TaxGroup]:
    """One row for what is rounded together, and for an old and a new rate that have a component in common."""
    found: dict[tuple, TaxGroup] = {}
    for group in groups:
        key = (group.category, group.percent, group.step)
        found[key] = _sum_of(found[key], group) if key in found else group
    return list(found.values())


def _sum_of(one: TaxGroup, other: TaxGroup) -> TaxGroup:
    classes = {name: one.classes.get(name, Decimal(0)) + other.classes.get(name, Decimal(0)) for name in {**one.classes, **other.classes}}
    known = [group.gross for group in (one, other) if group.gross is not None]
    gross = sum(known, Decimal(0)) if known else None
    tax_class = min(one.tax_class, other.tax_class, key=_place)
    sums = {"net": one.net + other.net, "tax": one.tax + other.tax, "base": one.base + other.base}
    return replace(one, **sums, gross=gross, classes=classes, tax_class=tax_class)


def _component_taxes(components, net: Decimal, currency: str) -> list[Decimal]:
    """The rounded tax of each component."""
    taxes = []
    for component in components:
        base = net + sum(taxes) if component.get("compound") else net
        taxes.append(round_amount(base * Decimal(component["percent"]) / 100, currency))
    return taxes


def net_of_gross(gross: Decimal, percent: Decimal, currency: str) -> Decimal:
    """The net part of an amount that includes tax, rounded once."""
    return round_amount(gross * 100 / (100 + percent), currency)


def nets_of_group(grosses: list[Decimal], percent: Decimal, currency: str, known: list | None = None) -> list[Decimal]:
    """Nets of prices that include tax and are treated alike. They sum to the net of the sum; what rounding leaves is spread
    by the smallest unit from the largest price down, and a price of nothing stays nothing. `known`: nets that stay as they are
    (None: not known), so that what is given back mirrors what was charged."""
    known = known or [None] * len(grosses)
    nets = [net_of_gross(gross, percent, currency) if net is None else net for gross, net in zip(grosses, known, strict=True)]
    unit = Decimal(1).scaleb(-exponent(currency))
    rest = net_of_gross(sum(grosses, Decimal(0)), percent, currency) - sum(nets, Decimal(0))
    step = unit if rest > 0 else -unit
    places = sorted((n for n, gross in enumerate(grosses) if gross and known[n] is None), key=lambda n: -abs(grosses[n]))
    for turn in range(int(abs(rest) / unit) if places else 0):
        nets[places[turn % len(places)]] += step
    return nets
