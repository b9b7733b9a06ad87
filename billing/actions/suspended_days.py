"""Days for which a service was suspended because nobody paid: charged like any others, or given back once it is paid, by the settings."""

from django.db import transaction
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from billing.models import Period, Subscription, Suspension
from billing.options import SUSPENDED_CREDIT
from billing.queries.coverage import worth_of
from hostbill.core import clock
from hostbill.core.localized import date_text

from .account import lock_account
from .give_back import credit_days


def credit_suspended_days(subscription: Subscription, *, actor) -> list:
    """Give back the days of every suspension for non-payment that is over and was not looked at, the day it came back not among
    them, once it is served again. Its periods stay invoiced. Returns the credit notes; asked again there are none."""
    with transaction.atomic():
        lock_account(subscription.account)
        subscription = Subscription.objects.select_related("account", "client", "product").get(pk=subscription.pk)
        if subscription.state != Subscription.State.ACTIVE:
            return []
        rows = subscription.suspensions.filter(kind=Suspension.Kind.NONPAYMENT, lifted_at__isnull=False, credited_days=None)
        notes = []
        for row in rows.order_by("pk"):
            days = Period(_day(row.started_at), _day(row.lifted_at))
            given = days.days if SUSPENDED_CREDIT.value else 0
            if given:
                notes += _give_back(subscription, days, actor)
            row.credited_days = given
            row.save(update_fields=["credited_days"])
    return notes


def _day(moment):
    return localtime(moment, clock.seller_zone()).date()


def _give_back(subscription: Subscription, days: Period, actor) -> list:
    language = subscription.client.language
    with translation.override(language):
        span = {"start": date_text(days.start, language), "end": date_text(days.last_day, language), "name": subscription}
        why = _("Suspended %(start)s to %(end)s: %(name)s") % span
    return credit_days(subscription, worth_of(subscription, days), actor=actor, reason=why)
