"""Discounts as pure arithmetic: what is taken off the lines of one period.

Each discount works on what those before it have left, so together they never take more than there is: a price of its own
first, then percents, free months, amounts. Percents are of this period's net, rounded once, half up."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from billing.models import DiscountKind
from billing.models.cycle import months
from hostbill.core.money import Money, round_amount

ORDER = (
    DiscountKind.OVERRIDE,
    DiscountKind.FREE_SETUP,
    DiscountKind.PERCENT,
    DiscountKind.FREE_MONTHS,
    DiscountKind.FIXED,
)
#: What a line is to a discount.
BASE, OPTION, SETUP = "base", "option", "setup"


@dataclass(frozen=True)
class Cut:
    """A discount as it applies to one subscription. `key` names its line (`InvoiceLine.part`); `amount` is off the period (fixed)
    or the price a piece (override). `periods_left` None: for ever. `choices`: ids of the only choices of options on which it is
    given, empty for all. Also a client group's percentage."""

    key: str
    kind: str
    name: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    periods_left: int | None = None
    months_left: int | None = None
    includes_base: bool = True
    includes_options: bool = True
    includes_setup: bool = False
    choices: frozenset = frozenset()

    @property
    def is_live(self) -> bool:
        """Whether it takes anything off the next period."""
        return self.periods_left != 0 and self.months_left != 0


@dataclass(frozen=True)
class Charged:
    """A line before discounts: its role (base, option, setup), its amount, negative never, and of an option what was chosen."""

    role: str
    amount: Decimal
    choice: int | None = None


@dataclass(frozen=True)
class Granted:
    """What staff take off an order they place: `value` is percent, or an amount off the whole order. `periods` None: for ever."""

    kind: str
    value: Decimal
    periods: int | None = 1
    name: str = ""


def reductions(charged: list[Charged], cuts, *, currency: str, cycle: str, quantity: int = 1, share=Fraction(1)) -> list:
    """[(cut, amount taken off)], positive amounts only, in the order in which they apply.

    `share`: how much of a full period is charged (a stub); an override's price is prorated by it like the price itself."""
    found = reductions_by_line(charged, cuts, currency=currency, cycle=cycle, quantity=quantity, share=share)
    return [(cut, sum(parts, Decimal(0))) for cut, parts in found]


def reductions_by_line(charged: list[Charged], cuts, *, currency: str, cycle: str, quantity: int = 1, share=Fraction(1)) -> list:
    """The same with what each line loses: [(cut, [amount per line])]."""
    left = [Money(line.amount, currency) for line in charged]
    found = []
    for cut in sorted((cut for cut in cuts if cut.is_live), key=lambda cut: ORDER.index(cut.kind)):
        places = [i for i, line in enumerate(charged) if counts(cut, line) and left[i].is_positive]
        room = sum((left[i] for i in places), Money.zero(currency))
        taken = min(_wanted(cut, room, cycle, quantity, share), room)
        if not taken.is_positive:
            continue
        parts = [Decimal(0)] * len(charged)
        for i, part in zip(places, taken.allocate([left[i].amount for i in places]), strict=True):
            left[i] -= part
            parts[i] = part.amount
        found.append((cut, parts))
    return found


def counts(cut: Cut, line: Charged) -> bool:
    """Is it given on this line? Options count as they were chosen; the product's own price and set-up count together."""
    if line.choice is None:
        is_meant = cut.includes_base
    else:
        is_meant = not cut.choices or line.choice in cut.choices
    if cut.kind == DiscountKind.FREE_SETUP:
        return is_meant and line.role == SETUP
    if cut.kind == DiscountKind.OVERRIDE:
        return line.role == BASE
    if line.role == SETUP:
        return is_meant and cut.includes_setup
    return is_meant and (line.role == BASE or cut.includes_options)


def _wanted(cut: Cut, room: Money, cycle: str, quantity: int, share: Fraction) -> Money:
    """How much it would take off, if there is enough."""
    if cut.kind == DiscountKind.FREE_SETUP:
        return room
    if cut.kind == DiscountKind.PERCENT:
        return Money(room.amount * cut.percent / 100, room.currency)
    if cut.kind == DiscountKind.FIXED:
        return Money(cut.amount, room.currency)
    if cut.kind == DiscountKind.FREE_MONTHS:
        given = Fraction(free_months(cut, cycle), months(cycle) or 1)
        return Money(room.amount * given.numerator / given.denominator, room.currency)
    price = cut.amount * quantity * share.numerator / share.denominator
    return room - Money(round_amount(price, room.currency), room.currency)


def free_months(cut, cycle: str) -> int:
    """How many of its free months one period of the cycle uses up."""
    return min(cut.months_left or 0, months(cycle) or 1)


def after_period(cut: Cut, cycle: str) -> tuple[int | None, int | None]:
    """(periods left, months left) once a period has been invoiced."""
    periods = None if cut.periods_left is None else max(cut.periods_left - 1, 0)
    return periods, None if cut.months_left is None else cut.months_left - free_months(cut, cycle)


def next_cuts(cuts: list[Cut], cycle: str) -> list[Cut]:
    """As they stand for the period after one that has been invoiced."""
    return [replace(cut, periods_left=left[0], months_left=left[1]) for cut in cuts for left in [after_period(cut, cycle)]]


def shares(total: Money, weights: list[Decimal]) -> list[Money]:
    """An amount off an order, spread over its lines by their net: largest remainder, so the parts are the whole. Where nothing is
    charged yet (free days) all lines weigh the same. A period never takes more than it costs; what a short first one leaves of its
    part lapses, later ones have the whole part."""
    return total.allocate(weights if any(weights) else [Decimal(1)] * len(weights))
