"""Splitting a sum with its tax into a first part and the rest, so that nets and taxes of both add up to the whole."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from billing.models import Quote
from hostbill.core.money import Money, minor_unit, round_amount

#: So many smallest units around the wished part are tried; the taxes of both parts agree with the whole long before.
REACH = 200


@dataclass(frozen=True)
class Taxed:
    """What is under one tax: its class, net, and the components as (percent, on top of the others?)."""

    tax_class: str
    net: Decimal
    rates: tuple[tuple[Decimal, bool], ...]

    def tax(self, net: Decimal, currency: str) -> Decimal:
        """Of a part, each component rounded once as documents do."""
        total = Decimal(0)
        for percent, is_compound in self.rates:
            total += round_amount((net + total if is_compound else net) * percent / 100, currency)
        return total


def split_off(groups: list[Taxed], wished: Money) -> list[Decimal]:
    """The net of the first part of each group, so that with tax they come as near to `wished` as whole units allow, while
    tax(first) + tax(rest) = tax(whole) in every group."""
    grosses = [max(group.net + group.tax(group.net, wished.currency), Decimal(0)) for group in groups]
    if not any(grosses):
        return [Decimal(0) for _group in groups]
    left, found = wished, []
    shares = wished.allocate(grosses)
    for group, share in zip(groups, shares, strict=True):
        aim = share.amount if group is not groups[-1] else left.amount
        net = _nearest(group, aim, wished.currency)
        left = left - Money(net + group.tax(net, wished.currency), wished.currency)
        found.append(net)
    return found


def _nearest(group: Taxed, gross: Decimal, currency: str) -> Decimal:
    """A net between nothing and all, with tax near `gross`, whose tax and that of the rest are the whole's."""
    whole = group.tax(group.net, currency)
    if not group.net:
        return Decimal(0)
    start, unit = round_amount(gross * group.net / (group.net + whole), currency), minor_unit(currency)
    around = [start + unit * step for step in range(-REACH, REACH + 1)]
    possible = [
        net
        for net in around
        if 0 <= net <= group.net and group.tax(net, currency) + group.tax(group.net - net, currency) == whole
    ]
    near = [(abs(net + group.tax(net, currency) - gross), net) for net in possible]
    return min(near)[1] if near else Decimal(0)


def deposit_groups(quote: Quote) -> list[tuple[Taxed, Decimal]]:
    """What is under each tax of a quote, and the net of the deposit in it."""
    nets, rates = {}, defaultdict(list)
    for row in quote.taxes:
        # Quotes of an earlier version have a row for each class.
        for tax_class, net in row.get("classes", {row["tax_class"]: row["net"]}).items():
            nets.setdefault(tax_class, Decimal(net))
            rates[tax_class].append((Decimal(row["percent"]), bool(row.get("compound"))))
    groups = [Taxed(tax_class, net, tuple(rates[tax_class])) for tax_class, net in nets.items()]
    return list(zip(groups, split_off(groups, quote.deposit), strict=True))


def first_part(quote: Quote) -> Money:
    """What the deposit's invoice comes to, with tax: the wished deposit, or a few smallest units beside it where taxes of both
    parts would not add up to the whole's."""
    parts = (net + group.tax(net, quote.currency) for group, net in deposit_groups(quote))
    return Money(sum(parts, Decimal(0)), quote.currency)
