"""What will happen with a client by itself: charges, reminders and hard steps of the rules, renewals, ends."""

from datetime import timedelta

from django.utils.translation import gettext as _

from billing.actions.collection import default_method, next_try_on
from billing.models import Invoice, Stay, Suspension
from billing.options import RENEWAL_DAYS_BEFORE
from billing.queries.dunning import SUSPEND, TERMINATE, TRIGGER
from hostbill.core import clock, rules
from hostbill.core.models import Rule, RuleRun
from hostbill.core.ui.words import day_words, money
from hostbill.pages.client_story import Moment
from hostbill.pages.links import address

INVOICES, SUBSCRIPTIONS = 12, 50
ICONS = {SUSPEND: "player-pause", TERMINATE: "alert-triangle"}


def what_will_happen(client, actor, limit=10):
    """Soonest first. Nothing while automation is stopped for the account."""
    account = getattr(client, "billing_account", None)
    if account is None or account.parked_at:
        return []
    invoices = Invoice.objects.visible_to(actor).filter(client=client, state="issued").order_by("due_on")
    invoices = list(invoices.select_related("account").prefetch_related("charges")[:INVOICES])
    moments = [*_charges(invoices, default_method(client), account), *_rule_steps(invoices), *_expiring(client, actor)]
    subscriptions = client.subscriptions.visible_to(actor).filter(state__in=["active", "suspended"])
    for subscription in subscriptions.select_related("product").order_by("next_due_on")[:SUBSCRIPTIONS]:
        moments += _of_subscription(subscription)
    return sorted(moments, key=lambda moment: moment.at)[:limit]


def _moment(icon, title, detail, day, tone="", url=""):
    return Moment(icon, title, detail, day_words(day), day, tone, url)


def _page(invoice):
    return address("billing_staff:invoice_detail", invoice.pk)


def _charges(invoices, method, account):
    """On the due date, and on the next day of the schedule after a refusal."""
    if method is None or not account.auto_charge:
        return
    for invoice in filter(method.covers, invoices):
        tried = [charge for charge in invoice.charges.all() if charge.is_off_session]
        last = max(tried, key=lambda charge: charge.pk, default=None)
        day = invoice.due_on if invoice.due_on >= clock.today() else next_try_on(last) if last else clock.today()
        if day:
            words = {"card": f"{method.brand.capitalize() or _('Card')} •• {method.last4}", "amount": money(invoice.open)}
            title = _("%(card)s charged %(amount)s") % words
            yield _moment("credit-card", title, str(invoice), day, url=_page(invoice))


def _rule_steps(invoices):
    """What each active rule will do about each open invoice that stays unpaid, unless it did already."""
    if not invoices:
        return
    active = list(Rule.objects.filter(is_active=True, trigger=TRIGGER).order_by("order", "id"))
    done = set(RuleRun.objects.filter(rule__in=active, object_id__in=[row.pk for row in invoices]).values_list("rule_id", "object_id"))
    stays = dict(Stay.objects.in_force().filter(invoice__in=invoices).values_list("invoice_id", "until"))
    acts = rules.actions()
    for invoice in invoices:
        earliest = max(clock.today(), stays[invoice.pk] + timedelta(days=1)) if invoice.pk in stays else clock.today()
        for rule in active:
            day = invoice.due_on + timedelta(days=rule.offset_days)
            if (rule.pk, invoice.pk) in done or rule.action not in acts or day < earliest:
                continue
            tone, icon = ("warn", ICONS[rule.action]) if rule.action in ICONS else ("", "mail")
            title = _("%(act)s: %(invoice)s") % {"act": acts[rule.action].label, "invoice": invoice}
            yield _moment(icon, title, _("Unless it is paid. Rule “%(rule)s”") % {"rule": rule}, day, tone, _page(invoice))


def _expiring(client, actor):
    """More days that end, and suspensions that lift themselves."""
    for stay in Stay.objects.visible_to(actor).in_force().filter(client=client).select_related("invoice"):
        title = _("More days for %(invoice)s end") % {"invoice": stay.invoice}
        yield _moment("hourglass", title, _("Then the rules hold again"), stay.until, "warn", _page(stay.invoice))
    standing = Suspension.objects.visible_to(actor).filter(subscription__client=client, lifted_at=None, until__isnull=False)
    for row in standing.select_related("subscription__product"):
        title = _("%(service)s resumes by itself") % {"service": row.subscription.label or row.subscription.product}
        yield _moment("player-play", title, row.reason, row.until + timedelta(days=1))


def _of_subscription(subscription):
    label = subscription.label or subscription.product.name
    if subscription.cancel_on:
        yield _moment("circle-x", _("%(service)s ends") % {"service": label}, _("Cancelled"), subscription.cancel_on)
    if subscription.next_due_on:
        day = max(subscription.next_due_on - timedelta(days=RENEWAL_DAYS_BEFORE.value), clock.today())
        title = _("Invoice of %(amount)s for %(service)s") % {"amount": money(subscription.price), "service": label}
        detail = _("Next period begins %(day)s; tax is added") % {"day": day_words(subscription.next_due_on)}
        yield _moment("file-invoice", title, detail, day)
