"""WHMCS's words for tickets."""

from hostbill.whmcs.errors import Refused
from support.models import Ticket

STATUS = {
    Ticket.State.OPEN: "Open",
    Ticket.State.ANSWERED: "Answered",
    Ticket.State.CUSTOMER_REPLY: "Customer-Reply",
    Ticket.State.CLOSED: "Closed",
}
#: Statuses that every WHMCS begins with and that no ticket has here.
UNUSED = ("On Hold", "In Progress")
PRIORITY = {Ticket.Priority.LOW: "Low", Ticket.Priority.NORMAL: "Medium", Ticket.Priority.HIGH: "High"}


def priority_of(text: str) -> int:
    """Ours. Refused for an unknown one."""
    found = next((key for key, word in PRIORITY.items() if word.lower() == text.lower()), None)
    if found is None:
        raise Refused(f"Invalid Ticket Priority. Valid priorities are: {','.join(PRIORITY.values())}")
    return found


def state_of(text: str) -> str:
    """Ours. Refused for an unknown one, and for one that tickets do not have here."""
    found = next((key for key, word in STATUS.items() if word.lower() == text.lower()), None)
    if found is None:
        raise Refused(f"Invalid Ticket Status. Valid statuses are: {','.join(STATUS.values())}")
    return found


def of_status(rows, text: str, user_id: int | None):
    """The tickets of the queryset that have this status, or are in one of WHMCS's three groups."""
    groups = {
        "awaiting reply": rows.waiting_for_us,
        "all active tickets": rows.not_closed,
        "my flagged tickets": lambda: rows.not_closed().filter(assigned_to=user_id),
    } | {word.lower(): rows.none for word in UNUSED}
    group = groups.get(text.lower())
    return group() if group else rows.filter(state=state_of(text))
