"""Addons billed in their parent's cycle: when the parent gets another cycle or billing day, they get it on the same day."""

from datetime import date

from django.utils.translation import gettext as _

from billing.models import Subscription
from billing.queries.change import NOW, ChangePlan, plan_change
from billing.queries.terms import terms_of
from billing.queries.wish import Wish, refuse_unfit, wished_terms
from hostbill.core.errors import AppError


def plans_of_followers(plan: ChangePlan, *, on: date) -> list[ChangePlan]:
    """What each addon in the parent's cycle is changed to, in the order they were bought; nothing when the days of billing stay.
    AppError when one of them cannot follow, with its name."""
    if plan.before.same_calendar(plan.after):
        return []
    return [_plan_of(addon, plan, on) for addon in _following(plan)]


def _following(plan: ChangePlan) -> list[Subscription]:
    """Those whose periods are the parent's; at once also those that fell out of step (they had a pause, or were to end), so that they
    are in step from today on. What ends anyway keeps its days until then."""
    parent = plan.subscription
    rows = Subscription.objects.filter(parent=parent, product__follows_parent=True, cycle=plan.before.cycle)
    rows = rows.filter(state__in=["pending", "active", "suspended"], cancel_at_end=False)
    rows = rows.select_related("product__group", "account", "client__group").order_by("pk")
    rows = rows.prefetch_related("items__option", "items__choice", "discounts")
    if plan.when == NOW:
        return list(rows)
    day = plan.effective_on
    return [row for row in rows if row.full_period(day) == parent.full_period(day)]


def _plan_of(addon: Subscription, plan: ChangePlan, on: date) -> ChangePlan:
    wish = Wish(cycle=plan.after.cycle, anchor_day=plan.after.anchor_day)
    try:
        refuse_unfit(addon)
        product, after = wished_terms(addon, wish, when=plan.when, on=on, for_staff=True)
    except AppError as error:
        words = _("%(addon)s is billed together with it and cannot follow: %(why)s") % {"addon": addon, "why": error}
        raise AppError(words, code=f"addon_{error.code}", field="target") from None
    return plan_change(addon, product, after, terms_of(addon), when=plan.when, on=on, begins=plan.effective_on)
