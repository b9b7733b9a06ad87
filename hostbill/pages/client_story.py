"""What happened with a client, and what will happen: two timelines in the same grammar."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from billing.models import Invoice
from billing.options import RENEWAL_DAYS_BEFORE
from billing.queries.dunning import plan_for
from hostbill.core import clock
from hostbill.core.models import Change, Message
from hostbill.core.ui.words import day_words, moment_words, money
from hostbill.pages.links import address

ICONS = {
    "billing": "file-invoice",
    "provisioning": "server-2",
    "support": "message-circle",
    "clients": "user-circle",
    "core": "settings",
}
QUIET = ("support.ticket_replied", "support.ticket_noted", "clients.consent_recorded")


@dataclass(frozen=True)
class Moment:
    """One line: `title` and `detail` are plain text, `when` is words, `at` sorts."""

    icon: str
    title: str
    detail: str
    when: str
    at: object
    tone: str = ""
    url: str = ""


def act_words(action):
    """A log action as words: billing.invoice_issued is "Invoice issued"."""
    return action.rpartition(".")[2].replace("_", " ").capitalize()


def what_happened(client, actor, limit=12):
    """Acts and mails of the client, newest first."""
    acts = Change.objects.filter(client_id=client.pk).exclude(action__in=QUIET).order_by("-id")[:limit]
    moments = [_act(change) for change in acts]
    mails = Message.objects.visible_to(actor).filter(client_id=client.pk, audience="client").order_by("-id")
    moments += [_mail(mail) for mail in mails.defer("html", "text")[:limit]]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)[:limit]


def _act(change):
    detail = change.actor_label if not change.reason else f"{change.actor_label} · {change.reason}"
    icon = ICONS.get(change.action.partition(".")[0], "point-filled")
    tone = "bad" if "failed" in change.action or "suspended" in change.action else ""
    about = f": {change.object_label}" if change.object_label and change.object_kind != "clients.client" else ""
    return Moment(icon, f"{act_words(change.action)}{about}", detail, _when(change.at), change.at, tone)


def _mail(mail):
    failed = mail.state in ("failed", "bounced")
    detail = f"{mail.to_email} · {mail.get_state_display()}"
    url = address("message_detail", mail.pk)
    return Moment("mail", mail.subject, detail, _when(mail.created_at), mail.created_at, "bad" if failed else "", url)


def _when(at):
    """Time of day for today, else the day."""
    return moment_words(at) if at > clock.now() - timedelta(hours=20) else day_words(at)


def what_will_happen(client, actor, limit=8):
    """Charges, hard steps for unpaid invoices, renewals and ends, soonest first."""
    moments = []
    for invoice in Invoice.objects.visible_to(actor).filter(client=client, state="issued").order_by("due_on")[:limit]:
        moments += _of_invoice(invoice, client)
    subscriptions = client.subscriptions.visible_to(actor).filter(state__in=["active", "suspended"])
    for subscription in subscriptions.select_related("product")[:50]:
        moments += _of_subscription(subscription)
    return sorted(moments, key=lambda moment: moment.at)[:limit]


def _of_invoice(invoice, client):
    today, url = clock.today(), address("billing_staff:invoice_detail", invoice.pk)
    method = client.payment_methods.filter(removed_at=None, is_default=True).first()
    account = invoice.account
    if method and account.auto_charge and invoice.due_on >= today:
        title = _("%(brand)s •• %(last4)s charged %(amount)s") % {
            "brand": method.brand.capitalize() or _("Card"),
            "last4": method.last4,
            "amount": money(invoice.open),
        }
        yield Moment("credit-card", title, str(invoice), day_words(invoice.due_on), invoice.due_on, url=url)
    plan = plan_for(invoice)
    unless = _("Unless %(invoice)s is paid") % {"invoice": invoice}
    if plan.suspend_on and plan.suspend_on >= today:
        yield Moment("player-pause", _("Suspension"), unless, day_words(plan.suspend_on), plan.suspend_on, "warn", url)
    if plan.end_on and plan.end_on >= today:
        yield Moment("alert-triangle", _("Termination"), unless, day_words(plan.end_on), plan.end_on, "warn", url)


def _of_subscription(subscription):
    label = subscription.label or subscription.product.name
    if subscription.cancel_on:
        day = subscription.cancel_on
        yield Moment("circle-x", _("%(service)s ends") % {"service": label}, _("Cancelled"), day_words(day), day)
    elif subscription.next_due_on:
        day = max(subscription.next_due_on - timedelta(days=RENEWAL_DAYS_BEFORE.value), clock.today())
        title = _("Invoice of %(amount)s for %(service)s") % {"amount": money(subscription.price), "service": label}
        detail = _("Next period begins %(day)s; tax is added") % {"day": day_words(subscription.next_due_on)}
        yield Moment("file-invoice", title, detail, day_words(day), day)
