"""Automation of tickets: quiet ones are closed."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from hostbill.core import access, clock
from hostbill.core.rules import DateTrigger, RuleAction, register_action, register_default, register_trigger
from support.actions.ticket import close_ticket
from support.models import Ticket


def answered_between(first, last):
    """Tickets whose last answer by us falls on a day of the span, in the seller's zone, and that nobody wrote to since."""
    start, end = clock.start_of(first), clock.start_of(last + timedelta(days=1))
    tickets = Ticket.objects.filter(state=Ticket.State.ANSWERED, answered_at__gte=start, answered_at__lt=end)
    zone = clock.seller_zone()
    return [(pk, at.astimezone(zone).date()) for pk, at in tickets.values_list("pk", "answered_at")]


def close_quiet_ticket(ticket_id, rule, params):
    """Close a ticket that is still answered; one the client wrote to meanwhile stays open."""
    ticket = Ticket.objects.get(pk=ticket_id)
    if ticket.state != Ticket.State.ANSWERED:
        return str(_("no longer quiet"))
    close_ticket(ticket, actor=access.SYSTEM, reason=rule.name)
    return str(_("closed"))


register_trigger(DateTrigger("support.answered", _("Last answer to a ticket"), "ticket", answered_between))
register_action(RuleAction("support.close_quiet_ticket", _("Close the ticket"), "ticket", close_quiet_ticket))
register_default(
    "support_close_quiet",
    _("Close tickets that stay quiet for 5 days"),
    "support.answered",
    5,
    "support.close_quiet_ticket",
    order=900,
)
