"""Departments, and how many tickets there are of which kind."""

from django.db.models import Count, Q

from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import listed
from hostbill.whmcs.support_words import STATUS, UNUSED
from support.models import Department, Ticket

VIEW = "support.ticket.view"


@action(
    "GetSupportDepartments", "Tickets", needs="support.department.view", optional="ignore_dept_assignments",
)  # fmt: skip
def get_support_departments(call: Call) -> dict:
    """Those in use, with how many tickets wait for us and how many are open."""
    waiting = Count("tickets", Q(tickets__waiting_since__isnull=False))
    active = Count("tickets", ~Q(tickets__state=Ticket.State.CLOSED))
    rows = Department.objects.visible_to(call.actor).filter(is_active=True)
    rows = rows.annotate(waiting=waiting, active=active).order_by("sort", "name")
    found = [{"id": row.pk, "name": row.name, "awaitingreply": row.waiting, "opentickets": row.active} for row in rows]
    return {"totalresults": len(found), **listed("departments", "department", found)}


@action("GetSupportStatuses", "Tickets", needs=VIEW, optional="deptid")
def get_support_statuses(call: Call) -> dict:
    """Every status with the number of tickets in it."""
    rows = Ticket.objects.visible_to(call.actor)
    if call.values.whole("deptid"):
        rows = rows.filter(department=find.one(Department.objects.all(), call.values.whole("deptid"), "Department ID not found"))
    found = [{"title": word, "count": count} for word, count in _counts(rows).items()]
    return {"totalresults": len(found), **listed("statuses", "status", found)}


@action(
    "GetTicketCounts", "Tickets", needs=VIEW, optional="ignoreDepartmentAssignments includeCountsByStatus",
)  # fmt: skip
def get_ticket_counts(call: Call) -> dict:
    """How many are open, wait for us, and are handed to the owner of the credentials."""
    rows = Ticket.objects.visible_to(call.actor)
    counts = _counts(rows)
    departments = Department.objects.filter(is_active=True).order_by("sort", "name").values_list("pk", flat=True)
    found = {
        "filteredDepartments": list(departments),
        "allActive": sum(counts.values()) - counts["Closed"],
        "awaitingReply": counts["Open"] + counts["Customer-Reply"],
        "flaggedTickets": rows.not_closed().filter(assigned_to=call.actor.user_id).count(),
    }
    if call.values.flag("includeCountsByStatus"):
        found["status"] = {_key(word): {"title": word, "count": count} for word, count in counts.items()}
    return found


def _counts(rows) -> dict[str, int]:
    """{WHMCS's word: tickets}, in its order."""
    found = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    ours = {word: found.get(state, 0) for state, word in STATUS.items()}
    closed = ours.pop("Closed")
    return ours | dict.fromkeys(UNUSED, 0) | {"Closed": closed}


def _key(word: str) -> str:
    return word.lower().replace("-", "").replace(" ", "")
