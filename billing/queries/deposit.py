"""Splitting a sum with its tax into a first part and the rest, so that nets and taxes of both add up to the whole."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from billing.models import Quote
from billing.models.tax_sums import effective_percent, net_of_gross
from hostbill.core.money import Money, minor_unit, round_amount

#: So many smallest units around the wished part are tried; the taxes of both parts agree with the whole long before.
REACH = 200


@dataclass(frozen=True)
class Taxed:
    """What is under one tax: its class, net, and the components as (percent, on top of the others?). `gross`: the sum of prices that
    include it; parts of those are amounts with tax."""

    tax_class: str
    net: Decimal
    rates: tuple[tuple[Decimal, bool], ...]
    gross: Decimal | None = None

    def tax(self, net: Decimal, currency: str) -> Decimal:
        """Of a part, each component rounded once as documents do."""
        total = Decimal(0)
        for percent, is_compound in self.rates:
            total += round_amount((net + total if is_compound else net) * percent / 100, currency)
        return total

    def net_of(self, part: Decimal, currency: str) -> Decimal:
        """Net of a part."""
        if self.gross is None:
            return part
        components = [{"percent": str(percent), "compound": is_compound} for percent, is_compound in self.rates]
        return net_of_gross(part, effective_percent(components), currency)

    def with_tax(self, part: Decimal, currency: str) -> Decimal:
        """A part as it is paid."""
        return part + self.tax(part, currency) if self.gross is None else part

    @property
    def whole(self) -> Decimal:
        """All of it, in the kind of its parts."""
        return self.net if self.gross is None else self.gross

    def adds_up(self, part: Decimal, currency: str) -> bool:
        """Do net and tax of the part and of the rest come to those of the whole?"""
        count = self.tax if self.gross is None else self.net_of
        return count(part, currency) + count(self.whole - part, currency) == count(self.whole, currency)


def split_off(groups: list[Taxed], wished: Money) -> list[Decimal]:
    """The first part of each group (net, or with tax where prices include it), so that with tax they come as near to `wished` as
    whole units allow, while tax(first) + tax(rest) = tax(whole) in every group."""
    grosses = [max(group.with_tax(group.whole, wished.currency), Decimal(0)) for group in groups]
    if not any(grosses):
        return [Decimal(0) for _group in groups]
    left, found = wished, []
    shares = wished.allocate(grosses)
    for group, share in zip(groups, shares, strict=True):
        aim = share.amount if group is not groups[-1] else left.amount
        part = _nearest(group, aim, wished.currency)
        left = left - Money(group.with_tax(part, wished.currency), wished.currency)
        found.append(part)
    return found


def _nearest(group: Taxed, gross: Decimal, currency: str) -> Decimal:
    """A part between nothing and all, with tax near `gross`, whose tax and that of the rest are the whole's."""
    if not group.whole:
        return Decimal(0)
    start, unit = round_amount(gross * group.whole / group.with_tax(group.whole, currency), currency), minor_unit(currency)
    around = [start + unit * step for step in range(-REACH, REACH + 1)]
    possible = [part for part in around if 0 <= part <= group.whole and group.adds_up(part, currency)]
    near = [(abs(group.with_tax(part, currency) - gross), part) for part in possible]
    return min(near)[1] if near else Decimal(0)


def deposit_groups(quote: Quote) -> list[tuple[Taxed, Decimal]]:
    """What is under each tax of a quote, and the deposit in it."""
    nets, rates, grosses = {}, defaultdict(list), {}
    for row in quote.taxes:
        # Quotes of an earlier version have a row for each class.
        for tax_class, net in row.get("classes", {row["tax_class"]: row["net"]}).items():
            nets.setdefault(tax_class, Decimal(net))
            if tax_class in row.get("grosses", {}):
                grosses[tax_class] = Decimal(row["grosses"][tax_class])
            rates[tax_class].append((Decimal(row["percent"]), bool(row.get("compound"))))
    groups = [Taxed(tax_class, net, tuple(rates[tax_class]), grosses.get(tax_class)) for tax_class, net in nets.items()]
    return list(zip(groups, split_off(groups, quote.deposit), strict=True))


def first_part(quote: Quote) -> Money:
    """What the deposit's invoice comes to, with tax: the wished deposit, or a few smallest units beside it where taxes of both
    parts would not add up to the whole's."""
    parts = (group.with_tax(part, quote.currency) for group, part in deposit_groups(quote))
    return Money(sum(parts, Decimal(0)), quote.currency)
