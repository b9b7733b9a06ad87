"""Jobs: when they ran, what they did, what is next."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from hostbill.core import clock, jobs
from hostbill.core.access import StaffView
from hostbill.core.errors import AppError
from hostbill.core.failures import explain
from hostbill.core.labels import kind_of
from hostbill.core.models import JobRun
from hostbill.core.ui.words import moment_words
from hostbill.pages.job_words import counts_words, job_label, last_runs, late_jobs, run_state
from hostbill.pages.links import object_url

from .places import RETRY, VIEW, parts

RUNS_SHOWN = 30


class JobList(StaffView, View):
    """Every job with its last run and its next; those that need a person on top."""

    permission = VIEW

    def get(self, request):
        """One query for the last runs."""
        now, last = clock.now(), last_runs()
        late = {job.name: job.due for job in late_jobs(last)}
        lines = []
        for job in jobs.all_jobs():
            run = last.get(job.name)
            state = run_state(run)
            if job.name in late:
                state = ("late", _("Late"), _("should have begun %(at)s") % {"at": moment_words(late[job.name])})
            lines.append(
                {
                    "name": job.name,
                    "label": job_label(job.name),
                    "run": run,
                    "state": state,
                    "counts": counts_words(run),
                    "next": job.next_slot(now),
                }
            )
        lines.sort(key=lambda line: (line["state"][0] not in ("failed", "late", "attention"), line["label"]))
        trouble = sum(line["state"][0] in ("failed", "late", "attention") for line in lines)
        context = {
            "page_title": _("Jobs and queues"),
            "tab_items": parts(request),
            "lines": lines,
            "trouble": trouble,
            "may_run": request.actor.may(RETRY),
        }
        return render(request, "pages/queues/jobs.html", context)


def find_job(name: str):
    """Raises Http404."""
    job = next((job for job in jobs.all_jobs() if job.name == name), None)
    if job is None:
        raise Http404
    return job


class JobDetail(StaffView, View):
    """The runs of one job, each object that failed with its reason."""

    permission = VIEW

    def get(self, request, name):
        """Newest first."""
        job = find_job(name)
        runs = list(JobRun.objects.filter(name=name).order_by("-slot")[:RUNS_SHOWN])
        timed = [run for run in reversed(runs) if run.seconds is not None]
        context = {
            "page_title": job_label(name),
            "name": name,
            "crumbs": [(_("Jobs"), reverse("job_list")), (job_label(name), "")],
            "next": job.next_slot(clock.now()),
            "is_running": any(run.state in (JobRun.State.QUEUED, JobRun.State.RUNNING) for run in runs),
            "runs": [(run, run_state(run), counts_words(run)) for run in runs],
            "chart": [(moment_words(run.slot), run.seconds) for run in timed] if len(timed) > 2 else [],
            "failures": [
                (run, row, kind_of(kind), object_url(kind, row.get("id")), explain("", row["error"]))
                for run in runs
                for row in run.failures
                for kind in [row.get("object", "")]
            ][:200],
            "may_run": request.actor.may(RETRY),
        }
        return render(request, "pages/queues/job.html", context)


class JobRunNow(StaffView, View):
    """Not at its time, but now."""

    permission = RETRY
    http_method_names = ["post"]

    def post(self, request, name):
        """A slot of its own; a worker takes it at once."""
        find_job(name)
        try:
            jobs.run_now(name, actor=request.actor)
            messages.success(request, _("%(job)s: begins now.") % {"job": job_label(name)})
        except AppError as error:
            messages.info(request, error.message)
        return redirect("job_detail", name)
