"""Ending subscriptions: at the end of what is paid, now, or because nobody pays."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.events import SubscriptionCancelled, SubscriptionEnded
from billing.models import Invoice, Subscription, Suspension
from billing.options import CANCEL_CREDIT, CANCEL_VOIDS_UNSTARTED
from billing.queries.coverage import setup_fees, unused_lines
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.states import transition

from .account import lock_account
from .booking import earn_what_is_left
from .change import withdraw_open_change
from .draft import take_off_drafts
from .give_back import give_back_by_notes
from .subscription import resync_periods
from .succession import reissue_without
from .usage import invoice_last_use

AT_END, NOW = "end", "now"


def cancel_subscription(
    subscription: Subscription, *, when: str, reason: str, actor, credit: str = ""
) -> Subscription:
    """Client or staff cancel. "end": served to the end of the begun or paid period, no more renewals, unpaid invoices
    of periods not begun are withdrawn. "now": ended at once; `credit` ("none", "prorated", empty: as the settings say) tells
    whether the days from today on are given back, as credit and never cash. A pending one is cancelled.

    AppError: "already_cancelled", "not_running", "charge_under_way"."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.select_related("account").get(pk=subscription.pk)
        if subscription.cancel_at_end and when == AT_END:
            raise AppError(_("It is cancelled already."), code="already_cancelled")
        if subscription.state == Subscription.State.PENDING:
            return _cancel_pending(subscription, reason, actor)
        if not subscription.is_running:
            raise AppError(_("It is not running any more."), code="not_running")
        if when == NOW:
            subscription.cancel_reason = reason[:500]
            subscription.save(update_fields=["cancel_reason"])
            emit(SubscriptionCancelled(subscription.pk))
            return end_subscription(subscription, actor=actor, reason=reason, credit=credit or CANCEL_CREDIT.value)
        return _cancel_at_end(subscription, reason, actor)


def _cancel_pending(subscription: Subscription, reason: str, actor) -> Subscription:
    _withdraw_invoices(subscription, Invoice.objects.unpaid(), actor, reason)
    take_off_drafts(subscription, actor=actor)
    transition(subscription, "cancelled", cancel_reason=reason[:500], next_due_on=None)
    audit(actor, "billing.subscription_cancelled", subscription, reason=reason)
    emit(SubscriptionCancelled(subscription.pk))
    return subscription


def _cancel_at_end(subscription: Subscription, reason: str, actor) -> Subscription:
    withdraw_open_change(subscription, actor=actor, reason=reason)
    subscription.refresh_from_db()
    if CANCEL_VOIDS_UNSTARTED.value:
        withdraw_unstarted(subscription, actor, reason)
    resync_periods(subscription)
    today = clock.today()
    subscription.cancel_at_end = True
    subscription.cancel_on = max(subscription.next_due_on or subscription.last_on or today, today)
    subscription.cancel_reason = reason[:500]
    subscription.next_due_on = None
    subscription.save(update_fields=["cancel_at_end", "cancel_on", "cancel_reason", "next_due_on"])
    audit(actor, "billing.subscription_cancelled", subscription, reason=reason)
    emit(SubscriptionCancelled(subscription.pk))
    _end_addons_with(subscription, reason, actor)
    return subscription


def _end_addons_with(subscription: Subscription, reason: str, actor) -> None:
    """Addons are served as long as what they belong to: shorter periods go on and the last one is cut, longer ones are given back
    on that day by the setting. Those that were cancelled before keep their own day."""
    for addon in subscription.addons.exclude(state__in=["ended", "cancelled"]).filter(cancel_at_end=False).order_by("pk"):
        withdraw_open_change(addon, actor=actor, reason=reason)
        if CANCEL_VOIDS_UNSTARTED.value and addon.is_running:
            withdraw_unstarted(addon, actor, reason)
        addon.refresh_from_db()
        set_end_with_parent(addon, subscription.cancel_on)
        audit(actor, "billing.subscription_cancelled", addon, reason=reason)
        emit(SubscriptionCancelled(addon.pk))


def set_end_with_parent(addon: Subscription, day: date | None) -> None:
    """It is invoiced to the day on which its parent ends; None: as before. Caller holds the account's lock."""
    addon.cancel_on = day
    addon.save(update_fields=["cancel_on"])
    if not addon.pauses.filter(resumed_on=None).exists():
        resync_periods(addon)


def keep_subscription(subscription: Subscription, *, actor) -> Subscription:
    """Take a cancellation back before its day, with the addons that were to end with it. AppError "not_cancelled"."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.get(pk=subscription.pk)
        if not subscription.cancel_at_end or not subscription.is_running:
            raise AppError(_("It is not cancelled."), code="not_cancelled")
        subscription.cancel_at_end, subscription.cancel_reason = False, ""
        subscription.save(update_fields=["cancel_at_end", "cancel_reason"])
        parent = subscription.parent
        set_end_with_parent(subscription, parent.cancel_on if parent else None)
        for addon in subscription.addons.filter(cancel_at_end=False, cancel_on__isnull=False).order_by("pk"):
            set_end_with_parent(addon, None)
        audit(actor, "billing.subscription_kept", subscription)
    return subscription


def end_subscription(subscription: Subscription, *, actor, reason: str, credit: str = "none") -> Subscription:
    """Not served any more, for good. Unpaid invoices of periods not begun are withdrawn; ended twice is fine."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.select_related("account").get(pk=subscription.pk)
        if subscription.state == Subscription.State.ENDED:
            return subscription
        withdraw_open_change(subscription, actor=actor, reason=reason)
        withdraw_unstarted(subscription, actor, reason)
        if credit == "prorated":
            give_back_rest(subscription, actor=actor)
        subscription.refresh_from_db()
        transition(subscription, "ended", ended_on=clock.today(), next_due_on=None)
        Suspension.objects.filter(subscription=subscription, lifted_at__isnull=True).update(
            lifted_at=clock.now(), lifted_by=actor.label[:200], updated_at=clock.now()
        )
        subscription.pauses.filter(resumed_on=None).update(resumed_on=clock.today(), updated_at=clock.now())
        invoice_last_use(subscription, actor=actor)
        earn_what_is_left(subscription)
        audit(actor, "billing.subscription_ended", subscription, reason=reason)
        emit(SubscriptionEnded(subscription.pk))
        for addon in subscription.addons.exclude(state__in=["ended", "cancelled"]).order_by("pk"):
            cancel_subscription(addon, when=NOW, reason=reason, actor=actor)
    return subscription


def give_back_rest(subscription: Subscription, *, actor) -> None:
    """The days from today on are credited, by a note for each invoice; and what was paid to set it up, where the product says so."""
    with translation.override(subscription.client.language):
        why = _("Time not used: %(name)s") % {"name": subscription}
    unused = unused_lines(subscription, clock.today())
    days = subscription.product.setup_refund_days
    if days and clock.today() < subscription.started_on + timedelta(days=days):
        unused += setup_fees(subscription)
    give_back_by_notes(unused, actor=actor, reason=why)


def withdraw_unstarted(subscription: Subscription, actor, reason: str) -> None:
    """Unpaid invoices of periods that have not begun are taken back. Caller holds the account's lock."""
    lines = subscription.invoice_lines.filter(kind="recurring", period_start__gt=clock.today())
    unpaid = Invoice.objects.unpaid().filter(pk__in=lines.values("invoice_id"))
    _withdraw_invoices(subscription, unpaid, actor, reason)


def _withdraw_invoices(subscription: Subscription, unpaid, actor, reason: str) -> None:
    """Cancel the invoices; other services on them are invoiced anew."""
    mine = unpaid.filter(pk__in=subscription.invoice_lines.values("invoice_id"))
    for invoice in mine.order_by("pk"):
        reissue_without(invoice, subscription, actor=actor, reason=reason)
