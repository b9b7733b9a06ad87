"""Jobs: one run per slot, whoever asks; one bad object never stops the rest."""

from datetime import UTC, datetime, timedelta

import pytest

from hostbill.core import clock, jobs
from hostbill.core.models import JobRun, Setting

pytestmark = pytest.mark.django_db
ran = []


@jobs.job("tests.count", every=timedelta(minutes=5))
def count(now, report):
    """Three objects, the second bad."""
    ran.append(now)
    for number in (1, 2, 3):
        with report.guard(number):
            Setting.objects.create(key=f"tests.{number}")
            if number == 2:
                raise ValueError("bad record")
            report.count("good")


@pytest.fixture(autouse=True)
def none_yet():
    """No runs."""
    ran.clear()


def test_two_ticks_make_one_run():
    now = clock.now()
    made = [jobs.enqueue_due(now), jobs.enqueue_due(now)]
    assert [name for name, _ in made[0]].count("tests.count") == 1 and not made[1]
    slot = dict(made[0])["tests.count"]
    assert jobs.run("tests.count", slot) and jobs.run("tests.count", slot) is None
    assert len(ran) == 1


def test_one_bad_record_is_set_aside_with_its_reason():
    JobRun.objects.create(name="tests.count", slot=clock.now())
    row = jobs.run("tests.count", JobRun.objects.get().slot)
    assert row.state == "done" and row.counts == {"good": 2, "failed": 1}
    assert "bad record" in row.failures[0]["error"]
    assert sorted(Setting.objects.filter(key__startswith="tests.").values_list("key", flat=True)) == [
        "tests.1",
        "tests.3",
    ]


def test_a_run_whose_worker_died_is_taken_over_three_times_at_most():
    long_ago = clock.real_now() - timedelta(hours=1)
    row = JobRun.objects.create(
        name="tests.count", slot=clock.now(), state="running", heartbeat_at=long_ago, attempts=1
    )
    assert (row.name, row.slot) in jobs.waiting()
    assert jobs.run("tests.count", row.slot).state == "done"
    JobRun.objects.update(state="running", heartbeat_at=long_ago, attempts=3)
    assert jobs.run("tests.count", row.slot) is None
    assert JobRun.objects.get().state == "failed"


def test_daily_slots_follow_the_sellers_zone_over_the_dst_change():
    Setting.objects.create(key="company.time_zone", value="Europe/Berlin")
    entry = jobs.Job("x", None, None, datetime(2027, 1, 1, 2, 30).time())
    assert entry.latest_slot(datetime(2027, 3, 27, 12, tzinfo=UTC)) == datetime(2027, 3, 27, 1, 30, tzinfo=UTC)
    slots = {entry.latest_slot(datetime(2027, 3, 28, hour, tzinfo=UTC)) for hour in (2, 3, 12)}
    assert len(slots) == 1
