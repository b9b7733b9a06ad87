"""A price that holds since a day in the past: what is invoiced stays, and the difference is settled beside it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import BillableItem, CreditNote, DiscountKind, InvoiceLine, Period, Subscription
from billing.models.tax_sums import net_of_gross
from billing.queries.coverage import Unused, unused_lines
from billing.queries.crediting import Taken
from billing.queries.granted import cut_of, group_cuts
from billing.queries.pricing import describe
from billing.queries.proration import ratio, round_share
from billing.queries.taxing import taxing
from hostbill.core import clock
from hostbill.core.access import require
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.localized import date_text
from hostbill.core.money import Money
from hostbill.core.ui.words import day_words

from .account import lock_account
from .billable import create_billable
from .credit_note import credit_invoice, creditable
from .give_back import credit_days, keep_served
from .subscription import change_price
from .succession import ask_for_less

#: What a price is for, as changes keep it.
TERMS = ("product_id", "cycle", "quantity", "anchor_day")


def back_date_price(subscription: Subscription, *, price: Money, since: date, reason: str, actor) -> list:
    """Another price since a day: for periods that are invoiced already a line with the difference on the next invoice where it
    is dearer, a credit note where it is cheaper; periods that come have the price. Returns the items and notes.

    Asked for twice nothing is charged twice. Who may not issue credit notes cannot make it cheaper. AppError: "future",
    "before_start", "not_running", "no_reason", "adjusted", "free" where a dearer price is for days that stand on no invoice,
    "change_under_way" and "other_terms" where the price would be for other terms than the days' own."""
    require(actor, "billing.subscription.price")
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.select_related("product", "account", "client__group").get(pk=subscription.pk)
        _check(subscription, since, reason)
        rows = unused_lines(subscription, since)
        made = []
        with translation.override(subscription.client.language):
            for row in rows:
                if row.line.kind == InvoiceLine.Kind.RECURRING and row.line.part == "" and row.line.invoice.state in ("issued", "paid"):
                    made += _settle(subscription, row, price.amount, rows, reason, actor)
        change_price(subscription, price=price, reason=reason, actor=actor)
        changes = {"price": [str(subscription.price), f"{price} ({since})"], "adjustments": [None, len(made)]}
        audit(actor, "billing.price_back_dated", subscription, reason=reason, changes=changes)
    return made


def _check(subscription: Subscription, since: date, reason: str) -> None:
    if since > clock.today():
        raise AppError(_("Choose a day that has been."), code="future", field="starts_on")
    if since < subscription.started_on:
        raise AppError(_("It had not begun on that day."), code="before_start", field="starts_on")
    if not subscription.is_running or not subscription.is_recurring:
        raise AppError(_("It is not running any more."), code="not_running")
    if not reason.strip():
        raise AppError(_("Say why."), code="no_reason", field="reason")
    _refuse_other_terms(subscription, since)


def _refuse_other_terms(subscription: Subscription, since: date) -> None:
    """A price is one for a plan, a cycle and a quantity: it cannot stand in for that of others."""
    changes = subscription.changes.filter(Q(state="unpaid") | Q(state="scheduled", is_billed=True))
    if changes.exists():
        raise AppError(_("A change is under way already: pay it or take it back first."), code="change_under_way")
    later = subscription.changes.filter(state="done", effective_on__gt=since).order_by("-effective_on")
    day = next((row.effective_on for row in later if any(row.before.get(name) != row.after.get(name) for name in TERMS)), None)
    if day:
        words = _("Its terms have changed since then: choose %(day)s or a later day.") % {"day": day_words(day)}
        raise AppError(words, code="other_terms", field="starts_on")


def _settle(subscription: Subscription, row: Unused, price: Decimal, rows: list[Unused], reason: str, actor) -> list:
    """One invoiced period, or the rest of it."""
    more = _difference(subscription, row, price)
    if row.line.pk is None:
        return _refuse_free(row) if more > 0 else []
    if _has_own_price(subscription, row, rows):
        return []
    net = Decimal(0)
    if more > 0:
        net = Money(_net(subscription, row, more * _left_by_percents(subscription, row, rows)), row.line.currency).amount
    net -= _charged_before(row, net)
    if net > 0 or more >= 0:
        return [_charge(subscription, row, net, actor)] if net else []
    net = min(-_net(subscription, row, more), row.amount)
    return _give_back(subscription, row, net, reason, actor) if net > 0 else []


def _refuse_free(row: Unused) -> None:
    words = _("Until %(day)s it costs nothing and stands on no invoice: choose a later day, or write an item for those days.")
    raise AppError(words % {"day": day_words(row.period.last_day)}, code="free", field="starts_on")


def _give_back(subscription: Subscription, row: Unused, net: Decimal, reason: str, actor) -> list:
    """Credit notes (deductions of the line follow by themselves), or the pro-forma that asks for less. When nothing is left of the
    invoice its days have been served all the same: they cost nothing."""
    require(actor, "billing.credit_note.create")
    if row.line.invoice.is_proforma:
        same = {"subscription": subscription, "period_start": row.line.period_start, "kind": row.line.kind, "part": "", "released": False}
        line = InvoiceLine.objects.select_related("invoice").get(**same)  # of a pro-forma that was written anew for another period
        return [ask_for_less(line.invoice, {line.pk: net}, reason=reason, actor=actor)]
    rest = creditable(row.line.invoice)
    taken = rest.of_lines({row.line.pk: net})
    if taken.total > rest.left:
        return _give_back_further(subscription, row, taken, reason, actor)
    note = credit_invoice(row.line.invoice, amounts={row.line.pk: net}, reason=reason, actor=actor)
    if note.kind == CreditNote.Kind.CANCELLATION:
        keep_served(subscription, row.period.end)
    return [note]


def _give_back_further(subscription: Subscription, row: Unused, taken: Taken, reason: str, actor) -> list:
    """The invoice of a change comes to less than it charges: the rest goes back of what it had given back."""
    rows = [replace(row, line=each.line, amount=each.net, gross=None) for each in taken.lines]
    return credit_days(subscription, rows, actor=actor, reason=reason)


def _difference(subscription: Subscription, row: Unused, price: Decimal) -> Decimal:
    """What the days cost more at the price, in the price's own kind, rounded once; what credit notes took off counts."""
    now = Fraction(price * subscription.quantity) * ratio(row.period, subscription.full_period(row.period.start))
    line, share = row.line, ratio(row.period, Period(row.line.period_start, row.line.period_end))
    whole = line.net_amount if row.gross is None else line.gross_amount
    is_untouched = row.gross is not None or row.amount == round_share(whole, share, line.currency)
    was = Fraction(whole) * share if is_untouched else Fraction(row.amount)
    return round_share(Decimal(1), now - was, line.currency)


def _charged_before(row: Unused, net: Decimal) -> Decimal:
    """What earlier changes made the period cost more. AppError "adjusted" where that was more than it shall be."""
    items = BillableItem.objects.filter(adjusts=row.line).exclude(state=BillableItem.State.DROPPED)
    charged = sum((item.amount.amount for item in items), Decimal(0))
    if charged > max(net, Decimal(0)):
        words = _("“%(item)s” was charged for it already: drop or credit that first.") % {"item": items[0].description}
        raise AppError(words, code="adjusted", field="starts_on")
    return charged


def _charge(subscription: Subscription, row: Unused, net: Decimal, actor) -> BillableItem:
    language = subscription.client.language
    span = {"start": date_text(row.period.start, language), "end": date_text(row.period.last_day, language)}
    words = _("Price adjustment %(start)s to %(end)s") % span
    return create_billable(
        client=subscription.client,
        description=f"{words} · {describe(subscription)}"[:400],
        unit_kind=BillableItem.Unit.QUANTITY,
        unit_amount=net,
        adjusts=row.line,
        adjusts_from=row.period.start,
        tax_class=subscription.product.tax_class,
        action=BillableItem.Action.NEXT_INVOICE,
        actor=actor,
    )


def _net(subscription: Subscription, row: Unused, amount: Decimal) -> Decimal:
    """Before tax, of a price that includes it."""
    if row.gross is None and not subscription.price_includes_tax:
        return amount
    asked = taxing(row.line.currency, client=subscription.client)
    treated = asked.of(subscription.product.tax_class)
    treated = treated if treated.percent else asked.rules.home(subscription.product.tax_class, clock.today())
    return net_of_gross(amount, treated.exact_percent, row.line.currency)


def _has_own_price(subscription: Subscription, row: Unused, rows: list[Unused]) -> bool:
    """A promotion's own price held in this period, whatever it cost otherwise."""
    parts = _discounts_of(row, rows)
    return any(each.part in parts and each.kind == DiscountKind.OVERRIDE for each in subscription.discounts.all())


def _left_by_percents(subscription: Subscription, row: Unused, rows: list[Unused]) -> Decimal:
    """What percentages that were given in the period leave of one unit of money."""
    parts, left = _discounts_of(row, rows), Fraction(1)
    cuts = [*(cut_of(each) for each in subscription.discounts.all()), *group_cuts(subscription.client)]
    for cut in cuts:
        if cut.key in parts and cut.percent and cut.includes_base:
            left *= 1 - Fraction(cut.percent) / 100
    return Decimal(left.numerator) / Decimal(left.denominator)


def _discounts_of(row: Unused, rows: list[Unused]) -> set[str]:
    same = [each.line for each in rows if each.line.period_start == row.line.period_start]
    return {line.part for line in same if line.kind == InvoiceLine.Kind.DISCOUNT}
