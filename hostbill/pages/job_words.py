"""Jobs in words: what each does, how a run stands, which are late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hostbill.core import clock, jobs
from hostbill.core.failures import short
from hostbill.core.labels import JOB, label_of
from hostbill.core.models import JobRun

#: A slot that has not begun this long after its time is late.
LATE_AFTER = timedelta(minutes=15)


#: What jobs count; a plug-in's own words stand as they are.
COUNTS = {
    "accounts": gettext_lazy("accounts"),
    "asked": gettext_lazy("asked"),
    "charged": gettext_lazy("charged"),
    "checks": gettext_lazy("checks"),
    "created": gettext_lazy("made"),
    "ended": gettext_lazy("ended"),
    "failed": gettext_lazy("failed"),
    "files": gettext_lazy("files"),
    "issued": gettext_lazy("written"),
    "lifted": gettext_lazy("lifted"),
    "problem": gettext_lazy("with a problem"),
    "stored": gettext_lazy("stored"),
    "told": gettext_lazy("told"),
    "well": gettext_lazy("well"),
    "without_data": gettext_lazy("without data"),
}


def job_label(name: str) -> str:
    """What the job does, in words."""
    return label_of(JOB, name)


@dataclass(frozen=True)
class Late:
    """A job whose slot has come and gone."""

    name: str
    label: str
    due: datetime


def last_runs() -> dict[str, JobRun]:
    """The newest run of every job, in one query."""
    return {run.name: run for run in JobRun.objects.order_by("name", "-slot").distinct("name")}


def late_jobs(last: dict[str, JobRun] | None = None) -> list[Late]:
    """Slots that nobody took: the run still waits, or no row was even made because the clock process stands still. A run waits since
    its row was made: in a new installation that is long after the slot."""
    now, found = clock.now(), []
    last = last_runs() if last is None else last
    if not last:
        return []  # nothing ever ran: the health page says that the clock process is missing
    for job in jobs.all_jobs():
        run, due = last.get(job.name), job.latest_slot(now)
        waits = run is not None and run.state == JobRun.State.QUEUED
        taken = run is not None and run.slot >= due and not waits
        due = min(run.slot, due) if waits else due
        since = max(due, run.created_at) if waits else due
        if not taken and since < now - LATE_AFTER:
            found.append(Late(job.name, job_label(job.name), due))
    return sorted(found, key=lambda late: late.due)


def run_state(run: JobRun | None) -> tuple:
    """How a run stands, in words."""
    if run is None:
        return ("draft", _("Never ran"))
    failed = run.counts.get("failed", 0)
    if run.state == JobRun.State.FAILED:
        return ("failed", _("Failed"), short("crashed", run.error)[:120])
    if run.state == JobRun.State.DONE:
        words = ngettext("%(count)d object failed", "%(count)d objects failed", failed) % {"count": failed}
        return ("attention", words) if failed else ("ok", _("Done"))
    if run.state == JobRun.State.RUNNING:
        return ("running", _("Running"))
    return ("late", _("Late")) if max(run.slot, run.created_at) < clock.now() - LATE_AFTER else ("pending", _("Waiting"))


def counts_words(run: JobRun | None) -> str:
    """issued 12, charged 3."""
    found = sorted(run.counts.items()) if run else []
    return ", ".join(f"{COUNTS.get(name, name.replace('_', ' '))} {count}" for name, count in found)


def today_words() -> str:
    """How the jobs of today went, in one query."""
    start = clock.start_of(clock.today())
    states = list(JobRun.objects.filter(slot__gte=start).values_list("state", flat=True))
    failed = states.count(JobRun.State.FAILED)
    words = ngettext("%(count)d job ran since midnight", "%(count)d jobs ran since midnight", len(states))
    words %= {"count": len(states)}
    if failed:
        return f"{words}; " + ngettext("%(n)d failed.", "%(n)d failed.", failed) % {"n": failed}
    return f"{words}."
