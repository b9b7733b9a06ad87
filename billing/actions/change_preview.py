"""What a change will be invoiced with: the plan with its tax, by the code that writes invoices. Used to show and to act."""

from dataclasses import dataclass
from decimal import Decimal

from billing.models import Cycle, NewLine, TaxGroup, tax_groups
from billing.queries.change import ChangePlan
from billing.queries.tax_rules import load_rules
from hostbill.core.money import Money

from .lines import taxed_lines


@dataclass(frozen=True)
class PricedLine:
    """A line as it will stand on the document."""

    line: NewLine
    net: Money


@dataclass(frozen=True)
class Sums:
    """Lines with their tax and total."""

    lines: list[PricedLine]
    net: Money
    taxes: list[TaxGroup]
    total: Money

    @property
    def tax_rows(self) -> list[tuple[str, str, Money]]:
        """(name, percent, amount) of each tax that is charged or given back."""
        rows = [(row.name, f"{row.percent.normalize():f}", Money(row.tax, self.net.currency)) for row in self.taxes]
        return [row for row in rows if row[2]]


@dataclass(frozen=True)
class ChangePreview:
    """`now`: credits and charges as one document; `next`: the renewal. `due` is charged now, `credit` is given back (an
    unpaid invoice becomes less, the rest is credit for coming invoices): one of them is zero."""

    plan: ChangePlan
    now: Sums
    next: Sums
    followers: tuple[ChangePlan, ...] = ()

    @property
    def plans(self) -> list[ChangePlan]:
        """Of the subscription and of the addons that go with it."""
        return [self.plan, *self.followers]

    @property
    def lines(self) -> list[NewLine]:
        """Both sides of all of them, as they stand on one invoice."""
        return [line for plan in self.plans for line in plan.lines]

    @property
    def charges(self) -> list[NewLine]:
        """What is charged anew."""
        return [line for plan in self.plans for line in plan.charges]

    @property
    def unused(self) -> list:
        """What is given back."""
        return [row for plan in self.plans for row in plan.unused]

    @property
    def is_invoiced_now(self) -> bool:
        """Does it move money at once?"""
        return any(plan.is_invoiced_now for plan in self.plans)

    @property
    def due(self) -> Money:
        """To be paid now."""
        return max(self.now.total, Money.zero(self.now.total.currency))

    @property
    def credit(self) -> Money:
        """Given back."""
        return max(-self.now.total, Money.zero(self.now.total.currency))

    @property
    def by_notes(self) -> bool:
        """More is given back than charged: credit notes for the old, an invoice for the new."""
        return self.now.total < Money.zero(self.now.total.currency)

    @property
    def cycle_words(self) -> str:
        """How often the new price recurs."""
        return Cycle(self.plan.after.cycle).label

    @property
    def others_open(self) -> Money:
        """Unpaid invoices that have to be paid too before it takes effect."""
        others = set() if self.by_notes else {invoice for plan in self.plans for invoice in plan.others}
        return sum((invoice.open for invoice in others), Money.zero(self.now.total.currency))


def preview(plan: ChangePlan, followers: list[ChangePlan]) -> ChangePreview:
    """The plan and those of the addons that follow, with tax by today's rules, in the language in force."""
    rules, client, plans = load_rules(), plan.subscription.client, [plan, *followers]
    now = [line for each in plans for line in each.lines]
    renewal = [line for each in plans if each.renews_on == plan.renews_on for line in each.renewal]
    return ChangePreview(plan, sums(client, now, plan, rules), sums(client, renewal, plan, rules), tuple(followers))


def sums(client, lines: list[NewLine], plan: ChangePlan, rules) -> Sums:
    """Lines as one document of the client."""
    currency = plan.subscription.currency
    taxed = taxed_lines(client, currency, lines, rules)
    groups = tax_groups(taxed, currency)
    net = Money(sum((row.net_amount for row in taxed), Decimal(0)), currency)
    tax = Money(sum((group.tax for group in groups), Decimal(0)), currency)
    priced = [PricedLine(line, Money(row.net_amount, currency)) for line, row in zip(lines, taxed, strict=True)]
    return Sums(priced, net, groups, net + tax)
