"""The arithmetic of tax on a document: one rounding per (category, rate), over the sum of the lines.

Pure functions over anything that has `tax_class`, `tax_category`, `tax_percent`, `tax_name`, `tax_components`, `tax_reason`,
`net_amount` and `gross_amount` (None where the price is before tax)."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from hostbill.core.money import exponent, round_amount

from .tax import TaxClass


@dataclass(frozen=True)
class TaxGroup:
    """One component of the tax on all lines of a document that are treated alike. `net` is the sum of those lines, `base`
    what this component is charged on: more than `net` for a compound one. `tax_class`: of several with one rate the first.
    `gross` is the sum of the prices that include tax, None where no line has such a price."""

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
    """The tax of a document. Order: highest rate first; the components of one group stay in their own order."""
    alike = defaultdict(list)
    for line in lines:
        alike[_key(line)].append(line)
    found = []
    for key in sorted(alike, key=lambda key: (-key[1], key[0], key[2])):
        found += _groups_of(alike[key], currency)
    return found


def _key(line) -> tuple:
    """Products of several classes are one group where their rates are the same."""
    rates = tuple((Decimal(part["percent"]), bool(part.get("compound"))) for part in components_of(line))
    return (getattr(line, "tax_category", "S"), Decimal(line.tax_percent), rates)


def _class_of(lines: list) -> str:
    """The class that a group is kept under: the first of those of its lines."""
    classes = {line.tax_class for line in lines}
    return next((name for name in TaxClass.values if name in classes), lines[0].tax_class)


def _groups_of(lines: list, currency: str) -> list[TaxGroup]:
    """One group per component. What is left of prices that include tax after their nets is tax, to the last unit."""
    components = components_of(lines[0])
    net = sum((line.net_amount for line in lines), Decimal(0))
    inclusive = [line for line in lines if getattr(line, "gross_amount", None) is not None]
    gross = sum((line.gross_amount for line in inclusive), Decimal(0)) if inclusive else None
    taxes, bases = _component_taxes(components, net, currency)
    tax_class = _class_of(lines)
    if inclusive and components:
        within = sum((line.net_amount for line in inclusive), Decimal(0))
        beside, _bases = _component_taxes(components, net - within, currency)
        taxes[-1] = gross - within + sum(beside) - sum(taxes[:-1])
    return [
        TaxGroup(
            tax_class=tax_class,
            category=getattr(lines[0], "tax_category", "S"),
            reason=getattr(lines[0], "tax_reason", ""),
            percent=Decimal(component["percent"]),
            name=component["name"],
            net=net,
            base=base,
            tax=tax,
            compound=bool(component.get("compound")),
            gross=gross,
            step=step,
        )
        for step, (component, tax, base) in enumerate(zip(components, taxes, bases, strict=True), start=1)
    ]


def _component_taxes(components, net: Decimal, currency: str) -> tuple[list, list]:
    """The rounded tax of each component and what it was charged on."""
    taxes, bases = [], []
    for component in components:
        base = net + sum(taxes) if component.get("compound") else net
        bases.append(base)
        taxes.append(round_amount(base * Decimal(component["percent"]) / 100, currency))
    return taxes, bases


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
