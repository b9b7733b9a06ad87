"""Automation of tickets: quiet ones are closed."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from hostbill.core import access, clock
from hostbill.core.conditions import CHOICE, Condition
from hostbill.core.rules import (
    DateTrigger,
    RuleAction,
    register_action,
    register_condition,
    register_default,
    register_trigger,
)
from support.actions.ticket import close_ticket
from support.models import Department, Ticket

TICKET = "support.Ticket"


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


def _fact(*path):
    """Reader of one column of the ticket, as a set of one."""
    return lambda ticket_id: set(Ticket.objects.filter(pk=ticket_id).values_list(*path, flat=True))


def _departments():
    return [(str(pk), name) for pk, name in Department.objects.order_by("name").values_list("pk", "name")]


register_trigger(DateTrigger("support.answered", _("Last answer to a ticket"), TICKET, answered_between))
register_condition(Condition("support.department", _("Its department"), TICKET, _fact("department_id"), CHOICE, _departments))
register_condition(
    Condition("support.priority", _("Its priority"), TICKET, _fact("priority"), CHOICE, lambda: Ticket.Priority.choices)
)
register_action(RuleAction("support.close_quiet_ticket", _("Close the ticket"), TICKET, close_quiet_ticket))
register_default(
    "support_close_quiet",
    _("Close tickets that stay quiet for 5 days"),
    "support.answered",
    5,
    "support.close_quiet_ticket",
    order=900,
)
