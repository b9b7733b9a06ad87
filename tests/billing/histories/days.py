"""The clock of a history: days with the automation that runs on them, and what events ask for."""

from datetime import date, timedelta

from hostbill.core import clock, events, jobs
from hostbill.core.jobs import Report
from hostbill.core.models import Delivery, JobRun, Outgoing
from hostbill.core.scope import scope

#: They call servers and offices, or repeat what the checks do.
ELSEWHERE = {
    "billing.check_books", "billing.check_open_charges", "billing.fetch_exchange_rates", "billing.fetch_missed_events",
    "billing.recheck_vat_numbers",
}  # fmt: skip
RULES = "core.run_rules"


def automation() -> list:
    """Billing's jobs and the rules, in the order of the day."""
    found = [job for job in jobs.all_jobs() if job.name == RULES or job.name.startswith("billing.")]
    return sorted((job for job in found if job.name not in ELSEWHERE), key=lambda job: (str(job.daily_at or "06:00"), job.name))


class Days:
    """Noon of a day, and some minutes for each thing that happens on it."""

    def __init__(self, monkeypatch):
        self.day, self.minute = date(2027, 1, 1), 0
        monkeypatch.setattr(clock, "now", lambda: clock.start_of(self.day) + timedelta(hours=12, minutes=self.minute))

    def begin(self, day: date) -> None:
        self.day, self.minute = day, 0

    def tick(self) -> None:
        self.minute += 1

    def pass_days(self, count: int, *, workers: bool) -> None:
        """Day by day; without workers all that was missed is caught up on the last day."""
        for number in range(count):
            self.day, self.minute = self.day + timedelta(days=1), 0
            if workers or number == count - 1:
                with scope():
                    run_jobs()
                settle()


def run_jobs() -> None:
    """Every job of today once; one that has to set something aside is a fault."""
    for job in automation():
        report = Report(JobRun(name=job.name, slot=clock.now()))
        job.function(clock.now(), report)
        assert not report.failures, (job.name, report.failures)


def settle() -> None:
    """Deliver what happened, until nothing more comes of it. Nobody is written to, and calls to others stay queued."""
    while waiting := _due():
        for pk in waiting:
            events.deliver(pk)
        troubled = list(Delivery.objects.exclude(error="").values_list("handler", "error"))
        assert not troubled, troubled
    assert not Outgoing.objects.filter(state="failed").exists()


def _due() -> list[int]:
    """Mails take most of the time of an event and move no money."""
    Delivery.objects.filter(handler__regex=r"\.(mail|tell_staff)_on_").delete()
    return events.due()


def replay() -> None:
    """Everything that was ever told is told again, and today's jobs run a second time."""
    Delivery.objects.update(state=Delivery.State.WAITING, next_try_at=clock.now())
    settle()
    with scope():
        run_jobs()
    settle()
