"""Billing's clock work. Each object is its own transaction; a bad one is set aside and the others go on."""

from datetime import timedelta

from django.db.models import Q

from billing.actions.cancellation import end_subscription
from billing.actions.collection import collect, collectable
from billing.actions.gateway_event import check_charge
from billing.actions.recognition import recognise_due
from billing.actions.renewal import raise_renewals
from billing.actions.stay import end_stay
from billing.actions.suspension import lift_suspension
from billing.models import Account, Charge, Stay, Subscription, Suspension
from billing.options import RENEWAL_DAYS_BEFORE
from billing.queries.books import CHECKS, verify
from hostbill.core import clock, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import job
from hostbill.core.models import ModuleConfig

#: An abandoned pay form is asked about for this long; money under way for as long as it takes.
FORM_LIFE = timedelta(days=3)
CHUNK = 500


@job("billing.lift_expired_suspensions", daily_at="00:30")
def lift_expired_suspensions(now, report) -> None:
    """Suspensions with a last day end on the day after it."""
    rows = Suspension.objects.filter(lifted_at__isnull=True, until__lt=clock.today())
    for suspension in rows.select_related("subscription__account"):
        with report.guard(suspension):
            lift_suspension(suspension, actor=SYSTEM, reason="until")
            report.count("lifted")


@job("billing.end_stays", daily_at="00:40")
def end_stays(now, report) -> None:
    """More days given to clients that have passed: the rules hold again."""
    rows = Stay.objects.filter(ended_at__isnull=True, until__lt=clock.today())
    for stay in rows.select_related("invoice__account").order_by("pk"):
        with report.guard(stay):
            end_stay(stay, actor=SYSTEM)
            report.count("ended")


@job("billing.raise_renewal_invoices", daily_at="02:00")
def raise_renewal_invoices(now, report) -> None:
    """Invoice every period that begins within the days ahead, one client after another."""
    until = clock.today() + timedelta(days=RENEWAL_DAYS_BEFORE.value)
    due = Subscription.objects.due_by(until).filter(account__parked_at__isnull=True)
    last = 0
    while True:
        ids = due.filter(account_id__gt=last).order_by("account_id").values_list("account_id", flat=True).distinct()
        chunk = list(ids[:CHUNK])
        if not chunk:
            return
        for account in Account.objects.filter(pk__in=chunk).select_related("client").order_by("pk"):
            with report.guard(account):
                report.count("issued", len(raise_renewals(account, until=until, actor=SYSTEM)))
        last = chunk[-1]


@job("billing.end_cancelled_subscriptions", daily_at="02:30")
def end_cancelled_subscriptions(now, report) -> None:
    """The last day of cancelled subscriptions has passed, or of those whose term was known from the beginning."""
    today = clock.today()
    over = Q(cancel_at_end=True, cancel_on__lte=today) | Q(ends_on__lte=today)
    rows = Subscription.objects.running().filter(over)
    for subscription in rows.select_related("account").order_by("pk"):
        with report.guard(subscription):
            end_subscription(subscription, actor=SYSTEM, reason=subscription.cancel_reason or "term")
            report.count("ended")


@job("billing.charge_due_invoices", daily_at="04:00")
def charge_due_invoices(now, report) -> None:
    """Charge saved cards for what is due, on the days of the schedule."""
    for invoice in collectable(clock.today()).select_related("account"):
        with report.guard(invoice):
            report.count("charged" if collect(invoice, actor=SYSTEM) else "left")


@job("billing.check_open_charges", every=timedelta(hours=1))
def check_open_charges(now, report) -> None:
    """Ask about attempts whose end we have not heard: lost webhooks, slow debits, forms left open."""
    waiting = Charge.objects.filter(state__in=["processing", "unknown"])
    shown = Charge.objects.filter(state__in=["open", "needs_action"], created_at__gte=now - FORM_LIFE)
    # One whose answer was lost is found by its key.
    for charge in (waiting | shown).exclude(~Q(state="unknown"), remote_id="").select_related("gateway"):
        with report.guard(charge):
            check_charge(charge, reason=f"{now:%Y%m%d%H}")
            report.count("asked")


@job("billing.fetch_missed_events", every=timedelta(hours=1))
def fetch_missed_events(now, report) -> None:
    """Ask gateways for messages that never reached us."""
    for gateway in ModuleConfig.objects.filter(kind="gateway", is_active=True):
        outgoing.queue("billing.gateway_catch_up", gateway.pk, key=f"gateway:{gateway.pk}:{now:%Y%m%d%H}")
        report.count("asked")


@job("billing.recognise_revenue", daily_at="01:00")
def recognise_revenue(now, report) -> None:
    """What was served up to yesterday, or up to the end of last month, becomes revenue."""
    report.count("lines", recognise_due())


@job("billing.check_books", daily_at="01:40")
def check_books(now, report) -> None:
    """Every invariant of the books, as `manage.py check_books` verifies them; what is broken is named, nothing is changed."""
    for finding in verify():
        rows = "; ".join(", ".join(f"{name}={value}" for name, value in row.items()) for row in finding.rows[:3])
        report.failed(finding, AppError(f"{len(finding.rows)}: {rows}"))
    report.count("checks", len(CHECKS) + 1)
