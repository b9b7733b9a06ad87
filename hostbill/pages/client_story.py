"""What happened with a client, as a timeline; what will happen, in the same grammar, is in client_outlook."""

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from hostbill.core import clock
from hostbill.core.models import Change, Message
from hostbill.core.ui.words import day_words, moment_words
from hostbill.pages.links import address

ICONS = {
    "billing": "file-invoice",
    "provisioning": "server-2",
    "support": "message-circle",
    "clients": "user-circle",
    "core": "settings",
}
#: The right without which acts of an app are not told: their words hold amounts, domains and subjects.
SEEN_WITH = {
    "billing": "billing.invoice.view",
    "billing.payment": "billing.payment.view",
    "billing.refund": "billing.payment.view",
    "billing.charge": "billing.payment.view",
    "billing.dispute": "billing.payment.view",
    "provisioning": "provisioning.service.view",
    "support": "support.ticket.view",
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


def what_happened(client, actor, limit=12):
    """Acts and mails of the client, newest first."""
    acts = Change.objects.filter(client_id=client.pk).exclude(action__in=QUIET).exclude(hidden_from(actor))
    acts = acts.order_by("-id")[:limit]
    moments = [_act(change) for change in acts]
    mails = Message.objects.visible_to(actor).filter(client_id=client.pk, audience="client").order_by("-id")
    moments += [_mail(mail) for mail in mails.defer("html", "text")[:limit]]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)[:limit]


def hidden_from(actor) -> Q:
    """Acts of apps that this person may not look into."""
    kinds = [kind for kind, permission in SEEN_WITH.items() if not actor.may(permission)]
    hidden = [Q(object_kind=kind) if "." in kind else Q(object_kind__startswith=f"{kind}.") for kind in kinds]
    return reduce(or_, hidden, Q(pk__in=[]))


def _act(change):
    detail = change.actor_label if not change.reason else f"{change.actor_label} · {change.reason}"
    icon = ICONS.get(change.action.partition(".")[0], "point-filled")
    tone = "bad" if "failed" in change.action or "suspended" in change.action else ""
    about = f": {change.object_label}" if change.object_label and change.object_kind != "clients.client" else ""
    return Moment(icon, f"{change.action_words}{about}", detail, _when(change.at), change.at, tone)


def _mail(mail):
    failed = mail.state in ("failed", "bounced")
    detail = f"{mail.to_email} · {mail.get_state_display()}"
    url = address("message_detail", mail.pk)
    return Moment("mail", mail.subject, detail, _when(mail.created_at), mail.created_at, "bad" if failed else "", url)


def _when(at):
    """Time of day for today, else the day."""
    return moment_words(at) if at > clock.now() - timedelta(hours=20) else day_words(at)
