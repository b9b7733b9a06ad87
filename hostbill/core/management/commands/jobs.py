"""manage.py jobs: the whole schedule on one page."""

from django.core.management.base import BaseCommand

from hostbill.core import clock, jobs
from hostbill.core.models import JobRun


class Command(BaseCommand):
    """Prints each job with its schedule, its last run and its next slot."""

    help = "Print every job: when it runs, when it last ran and how that went."

    def handle(self, **options):
        now = clock.now()
        for entry in jobs.all_jobs():
            when = f"every {entry.every}" if entry.every else f"daily {entry.daily_at:%H:%M}"
            last = JobRun.objects.filter(name=entry.name).order_by("-slot").first()
            state = f"{last.state} {last.slot:%Y-%m-%d %H:%M} {last.counts or ''}" if last else "never ran"
            self.stdout.write(f"{entry.name:45} {when:18} next {entry.next_slot(now):%m-%d %H:%M}  {state}")
