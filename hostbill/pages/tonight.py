"""What happens by itself in the coming night: counted for the home page, named on a page of its own. Nothing is done by looking."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from billing.actions.collection import collectable
from billing.models import Subscription
from billing.options import RENEWAL_DAYS_BEFORE
from hostbill.core import clock, jobs, rules
from hostbill.core.access import StaffView
from hostbill.core.models import Rule
from hostbill.pages.rules import named
from hostbill.pages.targets import targets_of
from provisioning.models import Service

#: Seconds for which the counts are fresh enough: the night is hours away.
FRESH = 300
#: Objects counted and asked about at most per act: on the page of its own, and for the home page's card.
MOST, FEW = 200, 50
NAMED = 50


@dataclass(frozen=True)
class Act:
    """One thing that will be done: when, in words with its number, and to which objects as `targets.Target`."""

    at: datetime
    key: str
    words: str
    count: int
    more: bool = False
    tone: str = ""
    rule_id: int | None = None
    targets: list = field(default_factory=list)

    @property
    def shown_count(self) -> str:
        """``14``, or ``200+``."""
        return f"{self.count}+" if self.more else str(self.count)


def acts(with_targets: bool = False, most: int = MOST) -> list[Act]:
    """In the order of the night; those without an object too, as proof that somebody looked."""
    found = [*_of_jobs(with_targets), *_of_rules(with_targets, most)]
    return sorted(found, key=lambda act: (act.at, act.key))


def summary() -> list[Act]:
    """The same without the objects."""
    return acts(most=FEW)


def _of_jobs(with_targets) -> list[Act]:
    now = clock.now()
    slots = {job.name: job.next_slot(now) for job in jobs.all_jobs()}
    found = []
    for name, words, rows, day in _sources(slots):
        pks = list(rows.values_list("pk", flat=True)[: MOST + 1])
        targets = []
        if with_targets:
            targets = targets_of(rows.model, [(row.pk, day(row)) for row in rows.filter(pk__in=pks[:NAMED])])
        count = min(len(pks), MOST)
        found.append(Act(slots[name], name, words(count), count, len(pks) > MOST, targets=targets))
    return found


def _sources(slots) -> list:
    """(job, words of a number, rows that will be touched, their day)."""
    until = {name: slot.astimezone(clock.seller_zone()).date() for name, slot in slots.items()}
    renew = until["billing.raise_renewal_invoices"] + timedelta(days=RENEWAL_DAYS_BEFORE.value)
    end = until["billing.end_cancelled_subscriptions"]
    return [
        (
            "billing.raise_renewal_invoices",
            lambda n: ngettext("period is invoiced", "periods are invoiced", n),
            Subscription.objects.due_by(renew).filter(account__parked_at=None).select_related("product").order_by("next_due_on", "pk"),
            lambda row: row.next_due_on,
        ),
        (
            "billing.end_cancelled_subscriptions",
            lambda n: ngettext("cancelled subscription ends", "cancelled subscriptions end", n),
            Subscription.objects.running().filter(cancel_on__lte=end).select_related("product").order_by("pk"),
            lambda row: row.cancel_on,
        ),
        (
            "billing.charge_due_invoices",
            lambda n: ngettext("card is charged", "cards are charged", n),
            collectable(until["billing.charge_due_invoices"]).distinct(),
            lambda row: row.due_on,
        ),
        (
            "provisioning.end_grace",
            lambda n: ngettext("ended account is deleted by morning", "ended accounts are deleted by morning", n),
            Service.objects.unsettled().filter(terminate_after__lte=slots["core.run_rules"]).order_by("terminate_after", "pk"),
            lambda row: row.terminate_after.date(),
        ),
    ]  # fmt: skip


def _of_rules(with_targets, most) -> list[Act]:
    slot = next(job.next_slot(clock.now()) for job in jobs.all_jobs() if job.name == "core.run_rules")
    day = slot.astimezone(clock.seller_zone()).date()
    active, found = list(Rule.objects.filter(is_active=True).order_by("order", "id")), []
    for rule in active:
        pairs, more = rules.preview(rule, day, most, active)
        targets = named(rule, pairs[:NAMED]) if with_targets else []
        found.append(
            Act(slot, f"rule {rule.order:05d} {rule.pk}", str(rule), len(pairs), more, rule_id=rule.pk, targets=targets)
        )
    return found


class Tonight(StaffView, View):
    """Each act with the objects it will touch."""

    permission = "core.rule.view"

    def get(self, request):
        """Nothing is done by looking."""
        found = acts(with_targets=True)
        total = sum(act.count for act in found)
        context = {
            "page_title": _("Tonight"),
            "crumbs": [(_("Rules"), reverse("rule_list")), (_("Tonight"), "")],
            "acts": [act for act in found if act.count],
            "quiet": [act for act in found if not act.count],
            "total": total,
            "named": NAMED,
        }
        return render(request, "pages/rules/tonight.html", context)


urls = [path("staff/rules/tonight/", Tonight.as_view(), name="rule_tonight")]
