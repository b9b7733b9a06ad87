"""Every verb of a client's page: who may use it, and where it leads."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ClientVerb:
    """`by` is how the address names the client: in its path, or as `?client=`."""

    label: str
    icon: str
    route: str
    permission: str
    by: str = "path"
    group: str = "more"
    anchor: str = ""

    def ready(self, client) -> dict:
        """With its address."""
        url = reverse(self.route, args=[client.pk] if self.by == "path" else [])
        query = f"?client={client.pk}" if self.by == "query" else ""
        return {"label": self.label, "icon": self.icon, "url": f"{url}{query}{self.anchor}"}


VERBS = (
    ClientVerb(_("Log in as client"), "login-2", "clients_staff:client_visit", "clients.client.visit", group="first"),
    ClientVerb(_("New ticket"), "message-circle", "support_staff:ticket_create", "support.ticket.reply", "query", "first"),
    ClientVerb(_("New invoice"), "file-invoice", "billing_staff:invoice_create", "billing.invoice.create", "query", "first"),
    ClientVerb(_("New order"), "shopping-cart", "billing_staff:order_create", "billing.order.create", "query", "sell"),
    ClientVerb(_("New quote"), "notes", "billing_staff:quote_create", "billing.quote.edit", "query", "sell"),
    ClientVerb(_("New billable item"), "clock", "billing_staff:billable_create", "billing.billable.edit", "query", "money"),
    ClientVerb(_("Statement of account"), "notes", "billing_staff:client_statement", "billing.invoice.view", group="money"),
    ClientVerb(_("Charge a saved card…"), "credit-card", "billing_staff:client_charge", "billing.charge.create", group="money"),
    ClientVerb(_("Book a bank transfer…"), "building-bank", "billing_staff:payment_match", "billing.payment.book", "query", "money"),
    ClientVerb(_("Give credit…"), "gift", "billing_staff:client_credit", "billing.credit.edit", group="money"),
    ClientVerb(_("Refund a payment…"), "credit-card-refund", "staff_client_money", "billing.payment.refund", group="money",
               anchor="#payments"),
    ClientVerb(_("How it is invoiced…"), "file-invoice", "billing_staff:client_wishes", "billing.invoice.create", group="money"),
    ClientVerb(_("Group…"), "users", "clients_staff:client_regroup", "clients.group.edit", group="money"),
    ClientVerb(_("Write a mail…"), "mail", "clients_staff:client_mail", "clients.client.write", group="people"),
    ClientVerb(_("Sticky note…"), "note", "clients_staff:client_note", "clients.note.edit", group="people"),
    ClientVerb(_("Invite somebody…"), "user-plus", "clients_staff:client_invite", "clients.member.edit", group="people"),
    ClientVerb(_("Edit"), "pencil", "clients_staff:client_edit", "clients.client.edit", group="people"),
    ClientVerb(_("Merge into another client…"), "arrows-exchange", "clients_staff:client_merge", "clients.merge", group="merge"),
)  # fmt: skip
CLOSE = ClientVerb(_("Close the account…"), "ban", "clients_staff:client_close", "clients.client.close")
REOPEN = ClientVerb(_("Open the account again…"), "lock-open", "clients_staff:client_reopen", "clients.client.close")
GROUPS = ("sell", "money", "people", "merge")


def verbs_for(client, actor) -> dict:
    """`first`: buttons; `groups`: parts of the menu behind them; `last`: closing the account."""
    may = [verb for verb in VERBS if actor.may(verb.permission)] if not client.merged_into_id else []
    groups = [[verb.ready(client) for verb in may if verb.group == group] for group in GROUPS]
    last = REOPEN if client.is_closed else CLOSE
    return {
        "first": [verb.ready(client) for verb in may if verb.group == "first"],
        "groups": [group for group in groups if group],
        "last": last.ready(client) if actor.may(last.permission) and not client.merged_into_id else None,
        "closes": not client.is_closed,
    }
