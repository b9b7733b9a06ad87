"""What is going on with a service, in words: cause, what follows, what mends it. Used by both faces."""

from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Invoice, Suspension
from billing.queries.dunning import plan_for
from hostbill.core import clock
from hostbill.core.compiled import Compiled
from hostbill.core.failures import short
from hostbill.core.models import Message
from hostbill.core.ui.words import day_words, in_digits, local, moment_words, money
from provisioning.models import Service


@dataclass(frozen=True)
class Story:
    """A band: tone, title, one line below, and the invoice that would mend it."""

    tone: str
    title: str
    text: str = ""
    icon: str = ""
    invoice: Invoice | None = None
    links: list = field(default_factory=list)


_IN_FORCE = Compiled(
    lambda subscription: Suspension.objects.filter(subscription_id=subscription, lifted_at__isnull=True)
    .select_related("invoice")
    .order_by("started_at")[:1],
    subscription=int,
)


def suspension_of(service: Service):
    """The oldest suspension in force, with its invoice; None when there is none."""
    return _IN_FORCE.first(subscription=service.subscription_id)


def unpaid_invoice(service: Service) -> Invoice | None:
    """The earliest unpaid invoice that bills this service."""
    lines = service.subscription.invoice_lines.values("invoice_id")
    return Invoice.objects.unpaid().filter(pk__in=lines).order_by("due_on", "pk").first()


def suspended_story(service: Service) -> Story:
    """Since when, why, and the way back."""
    since = service.suspended_at or clock.now()
    when = day_words(local(since).date())
    if service.suspended_elsewhere:
        return Story(
            "bad",
            _("Suspended in the panel, not by us"),
            _("%(reason)s A payment does not lift this: somebody has to look.") % {"reason": f"{service.suspended_elsewhere} "},
            "player-pause-filled",
        )
    suspension = suspension_of(service)
    if suspension is None:
        if service.terminate_after:
            text = _("It ended and is deleted on %(day)s.") % {"day": day_words(local(service.terminate_after).date())}
            return Story("bad", _("Offline since %(day)s") % {"day": when}, text, "player-pause-filled")
        text = _("Nothing holds it back any more; it comes back as soon as the server confirms.")
        return Story("info", _("Is being brought back online"), text, "loader-2")
    invoice = suspension.invoice if suspension.invoice and suspension.invoice.state == "issued" else None
    if invoice is None:
        return Story(
            "bad", _("Suspended since %(day)s") % {"day": when}, suspension.reason, "player-pause-filled", unpaid_invoice(service)
        )
    title = _("Suspended since %(day)s because invoice %(number)s of %(amount)s is unpaid") % {
        "day": when,
        "number": invoice.number,
        "amount": money(invoice.open),
    }
    text = _("Paying it brings the site back online, usually within a minute.")
    return Story("bad", title, text, "player-pause-filled", invoice)


def waiting_words(service: Service) -> str:
    """Why it is not set up yet, for staff."""
    if service.cancelled_setup:
        return _("Staff stopped the set-up. It starts again when staff say so.")
    return {
        "payment": _("Waits for the first payment. It is set up by itself when the money is there."),
        "staff": _("Waits until staff accept the order."),
        "servers_full": _("No server of the group has room. It goes on by itself when a slot frees."),
        "never": _("This product is delivered by hand: say so when it is done."),
        "setting": service.attention,
    }.get(service.wait_reason, _("Waits."))


def staff_story(service: Service) -> Story | None:
    """The band of the console's page; None when all is well."""
    if service.state == "suspended":
        return suspended_story(service)
    operation = service.open_operation
    if service.state == "review":
        return Story("bad", _("Needs a person"), service.attention, "alert-octagon-filled")
    if operation is not None and operation.state == "unknown":
        text = _("The server's answer was lost. HostBill looks whether it was done before it sends anything again.")
        return Story("warn", _("%(verb)s: outcome unknown") % {"verb": operation.get_verb_display()}, text)
    if operation is not None:
        text = short(operation.error_code, operation.error) or _("Usually under a minute.")
        return Story("info", _("%(verb)s is under way") % {"verb": operation.get_verb_display()}, text, "loader-2")
    if service.state == "waiting":
        return Story("warn" if service.wait_reason != "payment" else "info", _("Not set up yet"), waiting_words(service))
    if service.attention:
        return Story("warn", _("Needs a look"), service.attention)
    return None


def why_chain(service: Service) -> tuple[Invoice | None, list[dict]]:
    """From the invoice to the suspension to what comes, as steps; empty unless an invoice is behind it."""
    suspension = suspension_of(service)
    if suspension is None or suspension.invoice is None:
        return None, []
    invoice = suspension.invoice
    plan = plan_for(invoice)
    mails = _reminders(invoice, suspension)
    steps = [
        {"label": _("Invoice sent"), "state": "done", "at": invoice.issued_on, "note": f"{invoice.number}, {money(invoice.total)}"},
        {"label": _("Was due"), "state": "done", "at": invoice.due_on, "note": _("nothing came by then")},
    ]
    if mails:
        note = ngettext("%(count)d reminder by mail", "%(count)d reminders by mail", mails) % {"count": mails}
        steps.append({"label": _("Reminded"), "state": "done", "at": "", "note": in_digits(note)})
    steps.append(
        {"label": _("Suspended"), "state": "bad", "at": moment_words(suspension.started_at), "note": suspension.started_by}
    )
    if plan.end_on:
        steps.append({"label": _("Terminated"), "state": "next", "at": plan.end_on, "note": _("unless it is paid")})
    return invoice, steps


def _reminders(invoice: Invoice, suspension) -> int:
    mails = Message.objects.filter(subject_kind="billing.invoice", subject_id=invoice.pk, audience="client")
    late = Q(kind__contains="remind") | Q(kind__contains="overdue") | Q(kind__contains="late") | Q(kind__contains="warning")
    return mails.filter(late, created_at__lte=suspension.started_at).count()


def invoice_url(invoice: Invoice) -> str:
    """In the client area."""
    return reverse("billing_portal:invoice_detail", args=[invoice.pk])
