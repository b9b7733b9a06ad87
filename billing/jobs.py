"""Billing's clock work. Each object is its own transaction; a bad one is set aside and the others go on."""

from datetime import timedelta

import structlog
from django.db.models import F, Q

from billing.actions.cancellation import end_subscription
from billing.actions.change import lapse_change
from billing.actions.change_apply import finish_change
from billing.actions.collection import collect, collectable
from billing.actions.gateway_event import check_charge
from billing.actions.hold import held_drafts, look_after
from billing.actions.ledger_balance import sum_up_months
from billing.actions.quote import expire_quote
from billing.actions.quote_conversion import invoice_rest
from billing.actions.quote_mail import remind_of_quote
from billing.actions.recognition import recognise_due
from billing.actions.renewal import raise_renewals, raise_renewals_of
from billing.actions.statement import send_statement, waiting_accounts
from billing.actions.stay import end_stay
from billing.actions.suspension import lift_suspension
from billing.actions.usage import close_usage
from billing.actions.vat_check import due_for_recheck, recheck
from billing.models import (
    Account,
    BillableItem,
    Charge,
    Quote,
    Stay,
    Subscription,
    SubscriptionChange,
    Suspension,
    UsageRecord,
)
from billing.options import CANCEL_CREDIT, QUOTE_REMINDER_DAYS, RENEWAL_DAYS_BEFORE
from billing.queries.books import CHECKS, verify
from billing.queries.exchange import needs_rates
from hostbill.core import clock, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.foresight import among
from hostbill.core.jobs import job
from hostbill.core.models import ModuleConfig

log = structlog.get_logger(__name__)

#: An abandoned pay form is asked about for this long; money under way for as long as it takes.
FORM_LIFE = timedelta(days=3)
CHUNK = 500
#: So many days into a month the statements of the last one are still sent, should the first day have been missed.
STATEMENT_DAYS = 10


@job("billing.lift_expired_suspensions", daily_at="00:30", foretold=True)
def lift_expired_suspensions(now, report) -> None:
    """Suspensions with a last day end on the day after it."""
    rows = Suspension.objects.filter(lifted_at__isnull=True, until__lt=clock.today())
    for suspension in among(rows.select_related("subscription__account"), "subscription__client_id"):
        with report.guard(suspension):
            lift_suspension(suspension, actor=SYSTEM, reason="until")
            report.count("lifted")


@job("billing.end_stays", daily_at="00:40", foretold=True)
def end_stays(now, report) -> None:
    """More days given to clients that have passed: the rules hold again."""
    rows = Stay.objects.filter(ended_at__isnull=True, until__lt=clock.today())
    for stay in among(rows.select_related("invoice__account").order_by("pk")):
        with report.guard(stay):
            end_stay(stay, actor=SYSTEM)
            report.count("ended")


@job("billing.close_usage", daily_at="00:50", foretold=True)
def close_months_of_use(now, report) -> None:
    """Months of metered use that are over are counted and written down, before the renewals that take them along."""
    today = clock.today()
    waiting = UsageRecord.objects.open().filter(occurred_on__lt=today).values("subscription_id")
    for subscription in among(Subscription.objects.filter(pk__in=waiting)).select_related("account").order_by("pk"):
        with report.guard(subscription):
            report.count("closed", len(close_usage(subscription, until=today, actor=SYSTEM)))


@job("billing.raise_renewal_invoices", daily_at="02:00", foretold=True)
def raise_renewal_invoices(now, report) -> None:
    """Invoice every period that begins within the days ahead and every item of those days, some hundred clients at once."""
    until = clock.today() + timedelta(days=RENEWAL_DAYS_BEFORE.value)
    periods = Subscription.objects.due_by(until).filter(account__parked_at__isnull=True)
    items = BillableItem.objects.due_by(until).filter(account__parked_at__isnull=True)
    last = 0
    while True:
        chunk = _next_accounts(last, among(periods), among(items, "account__client_id"))
        if not chunk:
            return
        _renew_together(chunk, until, report)
        last = chunk[-1]


def _renew_together(accounts: list[int], until, report) -> None:
    """In one transaction; where one of them fails, each in its own, so that the one is set aside with its reason."""
    try:
        report.count("issued", len(raise_renewals_of(accounts, until=until, actor=SYSTEM)))
    except Exception:
        log.warning("renewals_one_by_one", first=accounts[0], last=accounts[-1], exc_info=True)
        for account in Account.objects.filter(pk__in=accounts).select_related("client").order_by("pk"):
            with report.guard(account):
                report.count("issued", len(raise_renewals(account, until=until, actor=SYSTEM)))


def _next_accounts(last: int, *rows) -> list[int]:
    """The ids of the next accounts, in order, that any of these rows belong to."""
    found = set()
    for query in rows:
        ids = query.filter(account_id__gt=last).order_by("account_id").values_list("account_id", flat=True).distinct()
        found.update(ids[:CHUNK])
    return sorted(found)[:CHUNK]


@job("billing.begin_changes", daily_at="00:20", foretold=True)
def begin_changes(now, report) -> None:
    """Changes whose day has come and whose renewal is settled."""
    rows = SubscriptionChange.objects.filter(state="scheduled", effective_on__lte=clock.today(), is_billed=True)
    for change in among(rows.select_related("subscription__account").order_by("pk"), "subscription__client_id"):
        with report.guard(change):
            report.count("begun" if finish_change(change, actor=SYSTEM).state == "done" else "left")


@job("billing.lapse_changes", daily_at="01:50", foretold=True)
def lapse_changes(now, report) -> None:
    """Changes that nobody paid for in time, before renewals are written."""
    rows = SubscriptionChange.objects.filter(state="unpaid", expires_on__lte=clock.today())
    for change in among(rows.select_related("subscription__account").order_by("pk"), "subscription__client_id"):
        with report.guard(change):
            report.count("left" if lapse_change(change, actor=SYSTEM).state == "unpaid" else "lapsed")


@job("billing.end_cancelled_subscriptions", daily_at="02:30", foretold=True)
def end_cancelled_subscriptions(now, report) -> None:
    """The last day of cancelled subscriptions has passed, or of those whose term was known from the beginning; addons after what they
    belong to, which ends them with the credit that the settings say."""
    today = clock.today()
    rows = among(Subscription.objects.running().filter(Q(cancel_on__lte=today) | Q(ends_on__lte=today)))
    for subscription in rows.select_related("account").order_by(F("parent_id").asc(nulls_first=True), "pk"):
        with report.guard(subscription):
            with_parent = subscription.parent_id and subscription.cancel_on and not subscription.cancel_at_end
            credit = CANCEL_CREDIT.value if with_parent else "none"
            end_subscription(subscription, actor=SYSTEM, reason=subscription.cancel_reason or "term", credit=credit)
            report.count("ended")


@job("billing.charge_due_invoices", daily_at="04:00", foretold=True)
def charge_due_invoices(now, report) -> None:
    """Charge saved cards for what is due, on the days of the schedule."""
    for invoice in among(collectable(clock.today()).select_related("account")):
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


@job("billing.sum_up_ledger_months", daily_at="02:50")
def sum_up_ledger_months(now, report) -> None:
    """Rows of the same month and account become one, so that the trial balance stays fast."""
    report.count("rows", sum_up_months())


@job("billing.recheck_vat_numbers", daily_at="01:10")
def recheck_vat_numbers(now, report) -> None:
    """VAT numbers whose answer is old are asked about again before a renewal is invoiced."""
    for profile in due_for_recheck(clock.today()):
        with report.guard(profile):
            recheck(profile.client, actor=SYSTEM)
            report.count("asked")


@job("billing.issue_held_invoices", every=timedelta(hours=1), foretold=True)
def issue_held_invoices(now, report) -> None:
    """Invoices held back for an answer about a VAT number: issued when it is there or the days of waiting are over."""
    for invoice in among(held_drafts()):
        with report.guard(invoice):
            report.count(look_after(invoice, actor=SYSTEM))


@job("billing.fetch_exchange_rates", daily_at="17:10")
def fetch_exchange_rates(now, report) -> None:
    """The bank publishes in the afternoon. Nothing is asked while there is but one currency."""
    if needs_rates():
        outgoing.queue("billing.exchange_rates", 0, key=f"{clock.today():%Y%m%d}", lane="rate_source")
        report.count("asked")


@job("billing.check_books", daily_at="01:40")
def check_books(now, report) -> None:
    """Every invariant of the books, as `manage.py check_books` verifies them; what is broken is named, nothing is changed."""
    for finding in verify():
        rows = "; ".join(", ".join(f"{name}={value}" for name, value in row.items()) for row in finding.rows[:3])
        report.failed(finding, AppError(f"{len(finding.rows)}: {rows}"))
    report.count("checks", len(CHECKS) + 1)


@job("billing.expire_quotes", daily_at="00:20", foretold=True)
def expire_quotes(now, report) -> None:
    """Quotes whose last day has passed without an answer."""
    for quote in among(Quote.objects.lapsed().order_by("pk")):
        with report.guard(quote):
            expire_quote(quote, actor=SYSTEM)
            report.count("expired")


@job("billing.remind_of_quotes", daily_at="08:00", foretold=True)
def remind_of_quotes(now, report) -> None:
    """A mail some days before the last day of a quote that nobody has answered, once."""
    days = QUOTE_REMINDER_DAYS.value
    until = clock.today() + timedelta(days=days)
    rows = among(Quote.objects).filter(state="delivered", valid_until__gte=clock.today(), valid_until__lte=until)
    for quote in rows.filter(issued_on__lt=clock.today()).select_related("client").order_by("pk") if days else ():
        with report.guard(quote):
            report.count("sent" if remind_of_quote(quote) else "left")


@job("billing.invoice_quote_rests", daily_at="02:10", foretold=True)
def invoice_quote_rests(now, report) -> None:
    """What deposits left, on the day that was agreed."""
    rows = among(Quote.objects).filter(rest_on__lte=clock.today(), rest_invoice__isnull=False)
    for quote in rows.select_related("rest_invoice__account").order_by("pk"):
        with report.guard(quote):
            invoice_rest(quote, actor=SYSTEM)
            report.count("issued")


@job("billing.send_statements", daily_at="05:30", foretold=True)
def send_statements(now, report) -> None:
    """Last month's statements of account, in the first days of a month; each once."""
    last = clock.today().replace(day=1) - timedelta(days=1)
    for account in among(waiting_accounts(last)) if clock.today().day <= STATEMENT_DAYS else ():
        with report.guard(account):
            report.count("sent" if send_statement(account, last.replace(day=1), last) else "left")
