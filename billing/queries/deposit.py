"""Splitting a sum with its tax into a first part and the rest, so that nets and taxes of both add up to the whole."""

from dataclasses import dataclass
from decimal import Decimal

from billing.models import Quote
from hostbill.core.money import Money, minor_unit, round_amount

#: So many smallest units around the wished part are tried; the taxes of both parts agree with the whole long before.
REACH = 200


@dataclass(frozen=True)
class Taxed:
    """One tax group: its class, rate in percent and net."""

    tax_class: str
    percent: Decimal
    net: Decimal


def split_off(groups: list[Taxed], wished: Money) -> list[Decimal]:
    """The net of the first part of each group, so that with tax they come as near to `wished` as whole units allow, while
    tax(first) + tax(rest) = tax(whole) in every group."""
    grosses = [max(group.net + _tax(group.net, group, wished.currency), Decimal(0)) for group in groups]
    if not any(grosses):
        return [Decimal(0) for _group in groups]
    left, found = wished, []
    shares = wished.allocate(grosses)
    for group, share in zip(groups, shares, strict=True):
        aim = share.amount if group is not groups[-1] else left.amount
        net = _nearest(group, aim, wished.currency)
        left = left - Money(net + _tax(net, group, wished.currency), wished.currency)
        found.append(net)
    return found


def _tax(net: Decimal, group: Taxed, currency: str) -> Decimal:
    return round_amount(net * group.percent / 100, currency)


def _nearest(group: Taxed, gross: Decimal, currency: str) -> Decimal:
    """A net between nothing and all, with tax near `gross`, whose tax and that of the rest are the whole's."""
    start = round_amount(gross * 100 / (100 + group.percent), currency)
    unit, whole = minor_unit(currency), _tax(group.net, group, currency)
    around = [start + unit * step for step in range(-REACH, REACH + 1)]
    possible = [
        net
        for net in around
        if 0 <= net <= group.net and _tax(net, group, currency) + _tax(group.net - net, group, currency) == whole
    ]
    near = [(abs(net + _tax(net, group, currency) - gross), net) for net in possible]
    return min(near)[1] if near else Decimal(0)


def deposit_groups(quote: Quote) -> list[tuple[Taxed, Decimal]]:
    """The tax groups of a quote, each with the net of its deposit."""
    groups = [Taxed(row["tax_class"], Decimal(row["percent"]), Decimal(row["net"])) for row in quote.taxes]
    return list(zip(groups, split_off(groups, quote.deposit), strict=True))


def first_part(quote: Quote) -> Money:
    """What the deposit's invoice comes to, with tax: the wished deposit, or a few smallest units beside it where taxes of both
    parts would not add up to the whole's."""
    parts = (net + _tax(net, group, quote.currency) for group, net in deposit_groups(quote))
    return Money(sum(parts, Decimal(0)), quote.currency)
