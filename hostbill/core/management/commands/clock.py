"""manage.py clock show | set 2027-02-01 | advance 30d"""

import re
from datetime import date, datetime, timedelta

from django.core.management.base import BaseCommand, CommandError

from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.timeline import move_clock

UNITS = {"d": "days", "h": "hours", "w": "weeks", "m": "minutes"}


class Command(BaseCommand):
    """Shows or moves the sandbox clock."""

    help = "Show the sandbox clock, or move it forward; moving runs every job of every day passed, in order."

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["show", "set", "advance"])
        parser.add_argument("value", nargs="?", help="2027-02-01 or 2027-02-01T12:00 for set; 30d, 12h, 2w for advance")

    def handle(self, what, value=None, **options):
        try:
            if what != "show":
                runs = move_clock(self._target(what, value), on_day=self._say if options["verbosity"] > 1 else None)
                self.stdout.write(f"{runs} job runs.")
        except AppError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"It is {clock.now().astimezone(clock.seller_zone()):%A %Y-%m-%d %H:%M %Z}.")

    def _say(self, moment):
        self.stdout.write(f"{moment:%Y-%m-%d %H:%M} done")

    def _target(self, what, value) -> datetime:
        if what == "set":
            try:
                if "T" in (value or ""):
                    return datetime.fromisoformat(value).replace(tzinfo=clock.seller_zone())
                local = clock.now().astimezone(clock.seller_zone())
                return clock.start_of(date.fromisoformat(value or ""), local.time().replace(tzinfo=None))
            except ValueError:
                raise CommandError("Give a date such as 2027-02-01.") from None
        match = re.fullmatch(r"(\d{1,4})([dhwm])", value or "")
        if not match:
            raise CommandError("Give a span such as 30d, 12h or 2w.")
        return clock.now() + timedelta(**{UNITS[match[2]]: int(match[1])})
