"""What happened: the activity log, and what the automation did."""

from datetime import timedelta

from django.db.models import Max

from clients.models import Client
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.models import Change, JobRun
from hostbill.core.search import matching
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import day, instant, paged
from hostbill.whmcs.errors import Refused

MOST_DAYS = 92
MOST_WORDS = 2000


@action("GetActivityLog", "System", needs="core.activity.view",
        optional="limitstart limitnum clientid date user description ipaddress")  # fmt: skip
def get_activity_log(call: Call) -> dict:
    """Newest first."""
    values, rows = call.values, Change.objects.order_by("-pk")
    if client := values.whole("clientid"):
        rows = rows.filter(client_id=client)
    if on := values.day("date"):
        rows = rows.filter(at__gte=clock.start_of(on), at__lt=clock.start_of(on + timedelta(days=1)))
    for name in ("user", "description"):
        if text := values.text(name):
            rows = matching(rows, text)
    if address := values.text("ipaddress"):
        rows = rows.filter(ip=_address(address))
    return paged(values, rows, "activity", "entry", _entry)


def _address(text: str) -> str:
    from_text = Change._meta.get_field("ip")
    return from_text.clean(text, None)


def _entry(change: Change) -> dict:
    words = [change.action_words, change.object_label, change.reason]
    staff = change.actor_kind in ("staff", "api")
    return {
        "id": change.pk,
        "clientId": change.client_id or 0,
        "userId": 0 if staff else change.actor_id or 0,
        "adminId": change.actor_id or 0 if staff else 0,
        "date": instant(change.at),
        "description": " – ".join(word for word in words if word),
        "user": change.actor_label,
        "username": change.actor_label,
        "ipaddress": change.ip or "",
    }


@action("LogActivity", "System", needs="clients.note.edit", required="description", optional="clientid")
def log_activity(call: Call) -> dict:
    """A line of its own, which says that a program wrote it."""
    client = None
    if pk := call.values.whole("clientid"):
        client = Client.objects.visible_to(call.actor).filter(pk=pk).first()
        if client is None:
            raise Refused("Client Not Found")
    audit(call.actor, "clients.program_noted", client, reason=call.values.text("description")[:MOST_WORDS], changes={})
    return {}


@action("GetAutomationLog", "System", needs="core.queue.view", optional="startdate enddate namespace",
        missing="The names of jobs and of what they count are HostBill's")  # fmt: skip
def get_automation_log(call: Call) -> dict:
    """{day: {job: {what: how many}}} between two days."""
    today = clock.today()
    start, end = call.values.day("startdate") or today, call.values.day("enddate") or today
    if not start <= end <= start + timedelta(days=MOST_DAYS):
        raise Refused(f"enddate must be after startdate, by {MOST_DAYS} days at most")
    rows = JobRun.objects.filter(slot__gte=clock.start_of(start), slot__lt=clock.start_of(end + timedelta(days=1)))
    if name := call.values.text("namespace"):
        rows = rows.filter(name__istartswith=name)
    last = JobRun.objects.filter(state=JobRun.State.DONE).aggregate(at=Max("finished_at"))["at"]
    return {
        "currentDatetime": instant(clock.now()),
        "lastDailyCronInvocationTime": instant(last),
        "startdate": day(start),
        "enddate": day(end),
        "statistics": _statistics(rows),
    }


def _statistics(rows) -> dict:
    """Runs that did nothing are left out."""
    found: dict = {}
    for run in rows.exclude(counts={}).order_by("slot").iterator():
        counted = found.setdefault(instant(run.slot)[:10], {}).setdefault(run.name, {})
        for what, number in run.counts.items():
            counted[what] = counted.get(what, 0) + number
    return found
