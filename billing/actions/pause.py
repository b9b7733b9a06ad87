"""Letting a service rest: no days are charged while it does, and a new period begins when it goes on."""

from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Pause, Subscription, Suspension
from billing.options import PAUSE_CREDIT
from billing.queries.change import first_period
from billing.queries.coverage import invoiced_until, unused_lines
from billing.queries.terms import terms_of, write_terms
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError

from .account import lock_account
from .cancellation import withdraw_unstarted
from .change import withdraw_open_change
from .give_back import give_back_by_notes
from .renewal import raise_renewals
from .subscription import resync_periods
from .suspension import lift_suspension, suspend_subscription

KIND = Suspension.Kind.PAUSE


def pause_subscription(
    subscription: Subscription, *, actor, reason: str = "", until: date | None = None, credit: str = ""
) -> Pause:
    """It stops today, until somebody lets it go on or the day `until` has passed. Unpaid invoices of periods not begun are
    withdrawn; `credit` ("prorated", "none", empty: as the settings say) tells whether the days left become credit.

    AppError: "not_active", "cancelled", "until_passed"."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.select_related("account", "client", "product").get(pk=subscription.pk)
        if subscription.state != Subscription.State.ACTIVE or not subscription.is_recurring:
            raise AppError(_("Only what runs and renews can be paused."), code="not_active")
        if subscription.cancel_on:
            raise AppError(_("It is cancelled: take the cancellation back first."), code="cancelled")
        withdraw_open_change(subscription, actor=actor, reason=reason)
        withdraw_unstarted(subscription, actor, reason or _("Paused."))
        if (credit or PAUSE_CREDIT.value) == "prorated":
            _give_back(subscription, actor)
        subscription.refresh_from_db()
        with translation.override(subscription.client.language):
            words = reason or _("Paused at your wish.")
        suspend_subscription(subscription, kind=KIND, reason=words, actor=actor, until=until)
        pause = Pause.objects.create(
            subscription=subscription,
            from_on=invoiced_until(subscription) or clock.today(),
            asked_on=clock.today(),
            asked_by=actor.label[:200],
        )
        Subscription.objects.filter(pk=subscription.pk).update(next_due_on=None, updated_at=clock.now())
        audit(actor, "billing.subscription_paused", subscription, reason=reason)
    return pause


def _give_back(subscription: Subscription, actor) -> None:
    with translation.override(subscription.client.language):
        why = _("Time not used: %(name)s") % {"name": subscription}
    give_back_by_notes(unused_lines(subscription, clock.today()), actor=actor, reason=why)


def resume_paused(subscription: Subscription, *, actor, reason: str = "") -> Subscription:
    """Let it go on: what is invoiced already goes on where it was, otherwise a new period begins today and is invoiced.

    AppError "not_paused"."""
    with transaction.atomic():
        lock_account(subscription.account)
        suspension = subscription.suspensions.filter(kind=KIND, lifted_at=None).first()
        if suspension is None:
            raise AppError(_("It is not paused."), code="not_paused")
        lift_suspension(suspension, actor=actor, reason=reason)
        end_pause(subscription, actor=actor)
    subscription.refresh_from_db()
    return subscription


def end_pause(subscription: Subscription, *, actor) -> None:
    """Begin to charge again, if a pause is open and nothing holds it; called again it changes nothing. What ended meanwhile,
    or was cancelled and ends by itself, is not charged any more."""
    with transaction.atomic():
        account = lock_account(subscription.account)
        pause = subscription.pauses.filter(resumed_on=None).first()
        held = subscription.suspensions.filter(kind=KIND, lifted_at=None).exists()
        if pause is None or held:
            return
        pause.resumed_on = clock.today()
        pause.save(update_fields=["resumed_on"])
        subscription = Subscription.objects.select_related("product", "client").get(pk=subscription.pk)
        if not subscription.is_running or subscription.cancel_at_end:
            return
        if clock.today() <= pause.from_on:
            resync_periods(subscription)
        else:
            _begin_anew(subscription)
        raise_renewals(account, until=clock.today(), actor=actor)
        audit(actor, "billing.subscription_unpaused", subscription)


def _begin_anew(subscription: Subscription) -> None:
    """Periods are counted from today on."""
    today, terms = clock.today(), terms_of(subscription)
    terms = replace(terms, anchor_day=subscription.product.bill_day or today.day)
    begins = first_period(subscription, terms, today) | {"period_index": 0, "next_due_on": today}
    write_terms(subscription, replace(terms, **begins)).save()
