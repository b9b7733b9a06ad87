"""What a change of terms does: what is given back, what is charged, from when. The preview and the act use the same plan."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import DiscountKind, InvoiceLine, NewLine, Period, Product, Subscription
from billing.models.cycle import full_period, is_recurring, months
from billing.queries.coverage import TIMED, Unused, unused_lines
from billing.queries.discount import Cut
from billing.queries.granted import cut_of, group_cuts
from billing.queries.pricing import charge_of, describe_item, recurring_parts
from billing.queries.proration import ratio, round_share
from billing.queries.tax_lines import Amount
from billing.queries.taxing import taxing
from billing.queries.terms import Terms, as_changed
from hostbill.core.money import Money, round_amount
from hostbill.core.ui.words import day_words

NOW, TERM_END = "now", "term_end"


@dataclass(frozen=True)
class ChangePlan:
    """The new terms from `effective_on`. `unused` is given back, `credits` are the same as invoice lines, `charges` what is
    charged instead. `renewal` are the lines of the next period, due on `renews_on`. `due_on`: when the invoice is due."""

    subscription: Subscription
    product: Product
    before: Terms
    after: Terms
    when: str
    effective_on: date
    due_on: date
    is_raise: bool
    unused: list[Unused] = field(default_factory=list)
    credits: list[NewLine] = field(default_factory=list)
    charges: list[NewLine] = field(default_factory=list)
    renewal: list[NewLine] = field(default_factory=list)
    renews_on: date | None = None

    @property
    def lines(self) -> list[NewLine]:
        """As they stand on one invoice."""
        return self.credits + self.charges

    @property
    def net(self) -> Money:
        """Charged less given back, before tax."""
        return Money(sum_of(self.lines, self.subscription.currency), self.subscription.currency)

    @property
    def is_invoiced_now(self) -> bool:
        """Does it move money at once?"""
        return bool(self.lines or self.unused)

    @property
    def others(self) -> list:
        """Unpaid invoices of which something is given back: the change waits for them too."""
        return list(
            {
                row.line.invoice_id: row.line.invoice for row in self.unused if row.line.invoice.state == "issued"
            }.values()
        )


def sum_of(lines: list[NewLine], currency: str) -> Decimal:
    """Net of lines, each rounded as on an invoice."""
    return sum((round_amount(line.unit_amount * line.quantity, currency) for line in lines), Decimal(0))


def plan_change(
    subscription: Subscription, product: Product, after: Terms, before: Terms, *, when: str, on: date, begins: date | None = None
) -> ChangePlan:
    """Work it out for a subscription fetched with product, items and client, in the language in force. `begins`: the day of an
    addon's change at the term's end is its parent's."""
    case = _Case(subscription, product, before, after)
    if when == NOW:
        return _within_periods(case, on) if before.same_calendar(after) else _new_calendar(case, on)
    return _at_term_end(case, on, begins)


@dataclass(frozen=True)
class _Case:
    """What is changed into what."""

    subscription: Subscription
    product: Product
    before: Terms
    after: Terms

    def _stays(self, discount) -> bool:
        """Is it still given with the new terms?"""
        return discount.ended_at is None and (
            self.before.product_id == self.after.product_id or not discount.ends_on_change
        )

    def lines_from(self, on: date) -> list[NewLine]:
        """What the period that begins on the day costs with the new terms: all of a full one, or what is left of it."""
        changed, items = as_changed(self.subscription, self.after, self.product)
        live = [cut_of(row) for row in self.subscription.discounts.all() if row.is_live and self._stays(row)]
        cuts = [*live, *group_cuts(self.subscription.client)]
        return recurring_parts(changed, Period(on, changed.full_period(on).end), items=items, cuts=cuts)

    def setup_lines(self, on: date) -> list[NewLine]:
        """The set-up fees of options that are new, once and never prorated."""
        changed, items = as_changed(self.subscription, self.after, self.product)
        had = {item.option for item in self.before.items}
        return [
            NewLine(
                _("Set-up: %(name)s") % {"name": describe_item(item, changed)},
                item.setup_amount,
                Decimal(item.quantity * changed.quantity),
                kind=InvoiceLine.Kind.SETUP,
                tax_class=self.product.tax_class,
                revenue_code=self.product.kind,
                subscription=self.subscription,
                starts_on=on,
                part=item.part,
            )
            for item in items
            if item.setup_amount and item.option_id not in had
        ]

    def kept_cuts(self, rest: list[Unused], period: Period, *, all_of_them: bool) -> list[Cut]:
        """Discounts that an invoiced period has, for the rest of it: used up or not, the period was counted."""
        given = {
            row.line.part: row for row in rest if row.period == period and row.line.kind == InvoiceLine.Kind.DISCOUNT
        }
        own = [
            row for row in self.subscription.discounts.all() if row.part in given and (all_of_them or self._stays(row))
        ]
        cuts = [_for_rest(cut_of(row), given[row.part], self.before.cycle) for row in own]
        return cuts + [cut for cut in group_cuts(self.subscription.client) if cut.key in given]


def _for_rest(cut: Cut, row: Unused, cycle: str) -> Cut:
    """A discount on the rest of a period in which it was given: an amount counts for its days."""
    share = ratio(row.period, Period(row.line.period_start, row.line.period_end))
    cut = replace(cut, periods_left=None, months_left=None if cut.months_left is None else months(cycle))
    if cut.kind != DiscountKind.FIXED:
        return cut
    return replace(cut, amount=round_share(cut.amount, share, row.line.currency))


def _within_periods(case: "_Case", on: date) -> ChangePlan:
    """The days of billing stay: the rest of each invoiced period is given back and charged anew."""
    changed, items = as_changed(case.subscription, case.after, case.product)
    unused, charges = _exchange(case, changed, items, unused_lines(case.subscription, on))
    return _plan(case, NOW, on, on, unused, charges + case.setup_lines(on))


def _exchange(case: "_Case", changed, items: list, rest: list[Unused]) -> tuple[list[Unused], list[NewLine]]:
    """Only what really differs is exchanged: a quantity does not touch an option that costs the same."""
    unused, charges = [], []
    standing, standing_items = as_changed(case.subscription, case.before)
    for period in sorted({row.period for row in rest if _is_base(row)}, key=lambda period: period.start):
        if _is_free_trial(case.subscription, period):
            continue
        kept = case.kept_cuts(rest, period, all_of_them=False)
        all_cuts = case.kept_cuts(rest, period, all_of_them=True)
        old = {
            _key(line): _worth(line) for line in recurring_parts(standing, period, items=standing_items, cuts=all_cuts)
        }
        new = {_key(line): line for line in recurring_parts(changed, period, items=items, cuts=kept)}
        same = {key for key, line in new.items() if old.get(key) == _worth(line)}
        charges += [line for key, line in new.items() if key not in same]
        unused += [row for row in rest if row.period == period and _priced_by(row.line) not in same]
    return unused, charges


def _is_base(row: Unused) -> bool:
    return row.line.kind == InvoiceLine.Kind.RECURRING and row.line.part == ""


def _is_free_trial(subscription, period: Period) -> bool:
    return bool(subscription.trial and period.end <= subscription.trial.end)


def _key(line) -> tuple:
    return str(line.kind), line.part


def _priced_by(line: InvoiceLine) -> tuple:
    """Which line's terms it follows: the difference of a changed price goes with the price."""
    return _key(line) if line.kind in TIMED else (str(InvoiceLine.Kind.RECURRING), "")


def _worth(line: NewLine) -> tuple:
    return line.unit_amount * line.quantity, line.description, line.tax_class, line.revenue_code


def _new_calendar(case: "_Case", on: date) -> ChangePlan:
    """Another cycle or billing day: everything from today on is given back, and a new first period begins today."""
    case = replace(case, after=replace(case.after, **first_period(case.subscription, case.after, on)))
    return _plan(case, NOW, on, on, unused_lines(case.subscription, on), case.lines_from(on) + case.setup_lines(on))


def first_period(subscription: Subscription, after: Terms, on: date) -> dict:
    """Where periods are counted from when a new one begins on the day: on the anchor day after a short first one, or on the
    day itself."""
    full = full_period(on, after.anchor_day, after.cycle, on)
    changed, _items = as_changed(subscription, replace(after, origin_on=full.start, counted_on=on))
    return {"origin_on": full.start, "counted_on": on, "period_index": 1, "next_due_on": changed.due_on(1)}


def _at_term_end(case: "_Case", on: date, begins: date | None) -> ChangePlan:
    """From the end of what is begun or paid (or the day given). An unpaid renewal of that day is exchanged at once, else the next
    one is written with the new terms."""
    begins = begins or term_end(case.subscription, unused_lines(case.subscription, on), on)
    ahead = unused_lines(case.subscription, begins)
    if case.before.same_calendar(case.after):
        changed, items = as_changed(case.subscription, case.after, case.product)
        unused, charges = _exchange(case, changed, items, ahead)
    else:
        case = replace(case, after=replace(case.after, **first_period(case.subscription, case.after, begins)))
        unused, charges = ahead, case.lines_from(begins) if ahead else []
        if not ahead:
            case = replace(case, after=replace(case.after, period_index=0, next_due_on=begins))
    due_on = max(min((row.line.invoice.due_on for row in unused), default=begins), on)
    plan = _plan(case, TERM_END, begins, due_on, unused, charges)
    return plan if unused else replace(plan, renewal=case.lines_from(begins), renews_on=begins)


def term_end(subscription: Subscription, rest: list[Unused], on: date) -> date:
    """The end of the period that contains the day, and of those after it that are paid for already."""
    tiles = [(row.period, row.line.invoice.state) for row in rest if _is_base(row)]
    end = on
    for period, state in tiles:
        if period.start <= end and (period.start <= on or state == "paid"):
            end = max(end, period.end)
    if not tiles and subscription.next_due_on:
        return max(subscription.next_due_on, on)
    return end


def _plan(
    case: "_Case", when: str, begins: date, due_on: date, unused: list[Unused], charges: list[NewLine]
) -> ChangePlan:
    renews_on = case.after.next_due_on
    return ChangePlan(
        case.subscription, case.product, case.before, case.after, when, begins, due_on,
        is_raise=_per_day(case, case.after, case.product) > _per_day(case, case.before, case.subscription.product),
        unused=unused, credits=[credit_line(row) for row in unused if row.amount], charges=charges,
        renewal=case.lines_from(renews_on) if renews_on and is_recurring(case.after.cycle) else [], renews_on=renews_on,
    )  # fmt: skip


def _per_day(case: "_Case", terms: Terms, product: Product) -> Decimal:
    """What a day costs before tax, roughly and without discounts: to tell an upgrade from a downgrade when cycle or price list
    differ too."""
    if not is_recurring(terms.cycle):
        return Decimal(0)
    changed, items = as_changed(case.subscription, terms, product)
    days = 365 * months(terms.cycle) / Decimal(12)
    full = changed.full_period(case.subscription.started_on)
    currency = case.subscription.currency
    parts = recurring_parts(changed, full, items=items, cuts=[])
    if not terms.includes_tax:
        return sum_of(parts, currency) / days
    amounts = [Amount(line.tax_class, charge_of(line, currency), line.gross_amount) for line in parts]
    return taxing(currency, client=case.subscription.client).sums(amounts)[0].amount / days


def credit_line(row: Unused) -> NewLine:
    """The line of an invoice by which the rest of another line is given back, with its worked explanation."""
    line = row.line
    whole = (line.period_end - line.period_start).days
    days = ngettext("%(part)s of %(days)s day", "%(part)s of %(days)s days", whole) % {
        "part": row.period.days,
        "days": whole,
    }
    span = {"start": day_words(row.period.start), "end": day_words(row.period.last_day)}
    unused = _("unused %(start)s to %(end)s") % span
    return NewLine(
        description=" · ".join((line.description, unused, days)),
        unit_amount=abs(row.amount),
        quantity=Decimal(-1 if row.amount > 0 else 1),
        kind=InvoiceLine.Kind.CREDIT,
        tax_class=line.tax_class,
        revenue_code=line.revenue_code,
        subscription=line.subscription,
        period=row.period,
        part=f"line:{line.pk}",
        gross_amount=None if row.gross is None else -row.gross,
        taxed_as=line,
    )
