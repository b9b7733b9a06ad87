"""manage.py clock: shows, moves in the sandbox, refuses elsewhere before it touches anything."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hostbill.core import clock, jobs
from hostbill.core.models import JobRun

pytestmark = pytest.mark.django_db


def run(*arguments) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("clock", *arguments, stdout=out)
    return out.getvalue()


def test_a_week_runs_every_daily_job_once_a_day_in_order():
    before = clock.now()
    assert "job runs" in run("advance", "7d")
    assert timedelta(days=7) <= clock.now() - before < timedelta(days=7, minutes=5)
    daily = [entry.name for entry in jobs.all_jobs() if entry.daily_at]
    assert daily
    for name in daily:
        slots = list(JobRun.objects.filter(name=name).order_by("pk").values_list("slot", flat=True))
        days = [slot.date() for slot in slots]
        assert slots == sorted(slots), name
        assert (days[-1] - days[0]).days == len(days) - 1 >= 6, f"{name} left a day out: {days}"
    assert not JobRun.objects.exclude(state="done").exists()


def test_a_move_never_ends_before_its_moment():
    """Half a second short of a job's time, and its slot would be skipped."""
    for _again in range(20):
        moment = clock.now() + timedelta(hours=1, milliseconds=490)
        clock.move_to(moment)
        assert clock.now() >= moment


def test_a_date_and_the_words():
    target = clock.today() + timedelta(days=2)
    assert f"{target:%Y-%m-%d}" in run("set", f"{target:%Y-%m-%d}")
    assert clock.today() == target
    assert f"{target:%Y-%m-%d}" in run("show")


@pytest.mark.parametrize("arguments", [("set", "soon"), ("set",), ("advance", "a while"), ("advance",), ("set", "2020-01-01")])
def test_nonsense_and_the_past_are_refused(arguments):
    before = clock.today()
    with pytest.raises(CommandError):
        run(*arguments)
    assert clock.today() == before


@pytest.mark.parametrize("arguments", [("advance", "1d"), ("advance", "30d"), ("set", "2099-01-01")])
def test_outside_the_sandbox_nothing_moves_and_nothing_runs(settings, arguments):
    settings.SANDBOX_CLOCK_FILE = ""
    with pytest.raises(CommandError):
        run(*arguments)
    assert not JobRun.objects.exists()
    assert abs(clock.now() - clock.real_now()) < timedelta(seconds=5)
