"""Jobs by API: when each runs, how its last runs went, and running one now."""

from django.forms import Form

from hostbill.core import clock, jobs
from hostbill.core.api.addresses import MOMENT, TEXT, WHOLE, Address, Plain, Told, listed, shaped
from hostbill.core.api.base import answer
from hostbill.core.api.fields import moment, plain
from hostbill.core.models import JobRun
from hostbill.pages.job_words import job_label, last_runs
from hostbill.pages.queues.jobs import RUNS_SHOWN, JobList, JobRunNow, find_job

RUN = shaped(id=WHOLE, slot=MOMENT, state=TEXT, started_at=MOMENT, finished_at=MOMENT, counts={}, failures={"type": "array"})
JOB = {"name": TEXT, "label": TEXT, "next": MOMENT, "last_run": {"oneOf": [RUN, {"type": "null"}]}}


def at(value):
    """An instant that may be missing."""
    return value and moment(value)


def told_run(run) -> dict | None:
    """One run."""
    if run is None:
        return None
    return {
        "id": run.pk,
        "slot": at(run.slot),
        "state": run.state,
        "started_at": at(run.started_at),
        "finished_at": at(run.finished_at),
        "counts": plain(run.counts),
        "failures": plain(run.failures),
    }


def told_job(job, run) -> dict:
    """One job with its last run."""
    return {"name": job.name, "label": str(job_label(job.name)), "next": at(job.next_slot(clock.now())), "last_run": told_run(run)}


class Jobs(Plain):
    """GET: all."""

    told = {"get": Told("Jobs with their last runs", JobList, listed(**JOB))}

    def get(self, request):
        """By name."""
        last = last_runs()
        return answer({"data": [told_job(job, last.get(job.name)) for job in sorted(jobs.all_jobs(), key=lambda job: job.name)]})


class Job(Plain):
    """GET: one with its latest runs."""

    told = {"get": Told("A job with its latest runs", JobList, shaped(**JOB, runs={"type": "array", "items": RUN}))}

    def get(self, request, name):
        """The newest first."""
        job = find_job(name)
        runs = list(JobRun.objects.filter(name=name).order_by("-slot")[:RUNS_SHOWN])
        return answer(told_job(job, runs[0] if runs else None) | {"runs": [told_run(run) for run in runs]})


class RunNow(Plain):
    """POST: not at its time, but now."""

    told = {"post": Told("Run a job now", JobRunNow, shaped(run={"oneOf": [RUN, {"type": "null"}]}), body={"type": "object"})}

    def post(self, request, name):
        """A worker takes it at once."""
        find_job(name)
        return self.once(lambda: self.run(name))

    def run(self, name: str) -> dict:
        """AppError while one is under way."""
        self.checked(Form)
        jobs.run_now(name, actor=self.actor)
        return {"run": told_run(JobRun.objects.filter(name=name).order_by("-pk").first())}


ADDRESSES = [
    Address("jobs/", "jobs", Jobs, "jobs"),
    Address("jobs/<str:name>/", "job", Job, "jobs"),
    Address("jobs/<str:name>/run/", "job_run_now", RunNow, "jobs"),
]
