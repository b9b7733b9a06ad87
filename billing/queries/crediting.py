"""What a credit note may take back of an invoice: pure arithmetic over its lines, its tax groups and what earlier notes took.

Everything is counted cumulatively (what all notes together have taken, rounded once, less what the earlier ones took), so that
notes in any number of steps come to exactly the invoice, and never to more."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from hostbill.core.money import minor_unit, round_amount

ZERO = Decimal(0)


@dataclass(frozen=True)
class TakenLine:
    """`net` of a line of the invoice, taken back."""

    line: object
    net: Decimal


@dataclass(frozen=True)
class TakenTax:
    """`net` and `tax` of a tax group of the invoice, taken back."""

    group: object
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Taken:
    """A credit note to be: `net` + `tax` = `total`; `is_all` when nothing of the invoice is left afterwards."""

    lines: list[TakenLine]
    taxes: list[TakenTax]
    is_all: bool

    @property
    def net(self) -> Decimal:
        """Sum of the lines."""
        return sum((each.net for each in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """Sum of the taxes."""
        return sum((each.tax for each in self.taxes), ZERO)

    @property
    def total(self) -> Decimal:
        """What the client is relieved of."""
        return self.net + self.tax


@dataclass
class Creditable:
    """An invoice and what is left of it. `lines` and `taxes` are its rows; `earlier_lines` and `earlier_taxes` those of its
    credit notes."""

    currency: str
    lines: list
    taxes: list
    earlier_lines: list = field(default_factory=list)
    earlier_taxes: list = field(default_factory=list)

    def __post_init__(self):
        self._taken = defaultdict(Decimal)
        for row in self.earlier_lines:
            self._taken[row.invoice_line_id] += row.net_amount
        self._tax_taken = defaultdict(Decimal)
        for row in self.earlier_taxes:
            self._tax_taken[_tax_key(row)] += row.tax_amount

    def left_of(self, line) -> Decimal:
        """Net of a line that no note has taken yet."""
        return line.net_amount - self._taken[line.pk]

    @property
    def left(self) -> Decimal:
        """Of the whole invoice, with tax."""
        return self.everything().total

    @property
    def chargeable(self) -> list:
        """Lines of which something can be taken; deductions (below zero) follow the lines that they belong to."""
        return [line for line in self.lines if line.net_amount > 0]

    def everything(self) -> Taken:
        """All that is left."""
        return self._with_taxes({line.pk: self.left_of(line) for line in self.lines})

    def of_lines(self, wanted: dict[int, Decimal], known: dict[int, Decimal] | None = None) -> Taken:
        """Net amounts by the id of the line; each deduction goes back by the share of what it was deducted from, unless it is
        `known` (below zero, by the id of the line).

        What a change gave back of another invoice is no deduction: it stays given."""
        nets, known = {pk: round_amount(net, self.currency) for pk, net in wanted.items() if net}, known or {}
        for line in self.lines:
            if line.net_amount < 0 and line.kind != "credit":
                left = min(self.left_of(line), ZERO)
                nets[line.pk] = max(known[line.pk], left) if line.pk in known else self._deduction(line, nets)
        return self._with_taxes({pk: net for pk, net in nets.items() if net})

    def _deduction(self, line, nets: dict) -> Decimal:
        scope = self._scope(line)
        whole = sum((other.net_amount for other in scope), ZERO)
        taken = sum((self._taken[other.pk] + nets.get(other.pk, ZERO) for other in scope), ZERO)
        due = round_amount(line.net_amount * taken / whole, self.currency) if whole else ZERO
        # Earlier notes by amount may have been ahead: a deduction is never given twice.
        return min(due - self._taken[line.pk], ZERO)

    def _scope(self, line) -> list:
        """What a deduction was made from: lines of its service and days, else of its service, else lines taxed like it, else all."""
        own = [
            other for other in self.chargeable if line.subscription_id and other.subscription_id == line.subscription_id
        ]
        if line.kind == "discount":
            own = [other for other in own if _days(other) == _days(line)] or own
        alike = [other for other in self.chargeable if self._group_key(other) == self._group_key(line)]
        return own or alike or self.chargeable

    def of_amount(self, total: Decimal) -> Taken:
        """So much with tax, taken from all lines in proportion; exactly `total`, to the last unit."""
        total = round_amount(total, self.currency)
        everything = self.everything()
        if total == everything.total:
            return everything
        groups = self._groups()
        taxes_left = self._taxes_left(groups)
        rest = {key: (self._left(lines), sum(taxes_left[key].values(), ZERO)) for key, lines in groups.items()}
        shares = split(total, [net + tax for net, tax in rest.values()], self.currency)
        nets, taxes = {}, defaultdict(lambda: [ZERO, ZERO])
        for (key, lines), share in zip(groups.items(), shares, strict=True):
            left_net, left_tax = rest[key]
            net = round_amount(share * left_net / (left_net + left_tax), self.currency) if share else ZERO
            parts = split(net, [self.left_of(line) for line in lines], self.currency)
            nets |= {line.pk: part for line, part in zip(lines, parts, strict=True)}
            rows = taxes_left[key]
            for row, part in zip(rows, split(share - net, list(rows.values()), self.currency), strict=True):
                taxes[row] = [taxes[row][0] + net, taxes[row][1] + part]
        taken = [TakenTax(self.taxes[row], net, part) for row, (net, part) in taxes.items()]
        return Taken(self._lines(nets), taken, is_all=False)

    def _groups(self) -> dict:
        groups = defaultdict(list)
        for line in self.lines:
            if self.left_of(line):
                groups[self._group_key(line)].append(line)
        return groups

    def _group_key(self, line) -> tuple:
        """Lines with the same key are in the same tax groups."""
        return tuple(_tax_key(row) for row in self._tax_rows(line))

    def _left(self, lines: list) -> Decimal:
        return sum((self.left_of(line) for line in lines), ZERO)

    def _taxes_left(self, groups: dict) -> dict[tuple, dict[int, Decimal]]:
        """{group: {place of the tax: what is left of it}}; a tax that several groups have in common is shared by what is left of
        their nets."""
        found = {key: {} for key in groups}
        for place, row in enumerate(self.taxes):
            keys = [key for key, lines in groups.items() if any(row is own for own in self._tax_rows(lines[0]))]
            left = row.tax_amount - self._tax_taken[_tax_key(row)]
            for key, part in zip(keys, split(left, [self._left(groups[key]) for key in keys], self.currency), strict=True):
                found[key][place] = part
        return found

    def _tax_rows(self, line) -> list:
        """The tax groups that a line is part of: one, or one for each component of its tax."""
        parts = getattr(line, "tax_components", None) or [{"percent": line.tax_percent}]
        rates = [Decimal(part["percent"]) for part in parts]
        rows = [row for row in self.taxes if _category(row) == _category(line) and _is_one_of(row, rates)]
        # Documents of an earlier version have a group for each class, even where the rates are the same.
        own = {_step(row) for row in rows if row.tax_class == line.tax_class}
        return [row for row in rows if row.tax_class == line.tax_class or _step(row) not in own]

    def _with_taxes(self, nets: dict) -> Taken:
        taken = self._lines(nets)
        after = {line.pk: self._taken[line.pk] + nets.get(line.pk, ZERO) for line in self.lines}
        taxes = [each for row in self.taxes if (each := self._tax(row, nets, after)) is not None]
        return Taken(taken, taxes, is_all=all(after[line.pk] == line.net_amount for line in self.lines))

    def _tax(self, row, nets: dict, after: dict) -> TakenTax | None:
        members = [line for line in self.lines if any(row is other for other in self._tax_rows(line))]
        net = sum((nets.get(line.pk, ZERO) for line in members), ZERO)
        base = sum((after[line.pk] for line in members), ZERO)
        if not any(line.pk in nets for line in members):
            return None
        tax = tax_up_to(row, base, self.currency) - self._tax_taken[_tax_key(row)]
        # Earlier notes by amount may have been a unit ahead: tax that was taken is not given back.
        return TakenTax(row, net, tax if base == row.net_amount or row.tax_amount < 0 else max(tax, ZERO))

    def _lines(self, nets: dict) -> list[TakenLine]:
        return [TakenLine(line, nets[line.pk]) for line in self.lines if line.pk in nets]


def tax_up_to(row, base: Decimal, currency: str) -> Decimal:
    """The part of a tax group's tax that falls on `base` of its net: by the rate where the rate gives the group's own tax, else
    (prices that include tax, tax on tax) in proportion. All of it for all of the net."""
    if base == row.net_amount:
        return row.tax_amount
    if round_amount(row.net_amount * row.percent / 100, currency) == row.tax_amount:
        return round_amount(base * row.percent / 100, currency)
    return round_amount(row.tax_amount * base / row.net_amount, currency) if row.net_amount else ZERO


def split(amount: Decimal, weights: list[Decimal], currency: str) -> list[Decimal]:
    """Parts in proportion to the weights (some may be below zero) that sum to the amount, each rounded; what is left goes by
    the smallest unit to the heaviest."""
    whole = sum(weights, ZERO)
    if not whole:
        return [amount if number == 0 else ZERO for number in range(len(weights))]
    parts = [round_amount(amount * weight / whole, currency) for weight in weights]
    rest, unit = amount - sum(parts, ZERO), minor_unit(currency)
    order = sorted(range(len(weights)), key=lambda number: -abs(weights[number]))
    for turn in range(int(abs(rest) / unit)):
        parts[order[turn % len(order)]] += unit if rest > 0 else -unit
    return parts


def _is_one_of(row, rates: list[Decimal]) -> bool:
    """Is the group that of one of the components of a tax?"""
    return _step(row) <= len(rates) and row.percent == rates[_step(row) - 1]


def _step(row) -> int:
    return getattr(row, "step", 1)


def _days(line) -> tuple:
    """What is charged once has a first day only, perhaps."""
    return (line.period_start, line.period_end) if line.period_end else (None, None)


def _category(row) -> str:
    return getattr(row, "category", None) or getattr(row, "tax_category", None) or "S"


def _tax_key(row) -> tuple:
    return (row.tax_class, _category(row), row.percent, _step(row))
