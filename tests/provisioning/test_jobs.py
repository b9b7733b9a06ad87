"""Clock work of provisioning: what was missed is repaired, measured and compared."""

import pytest

from hostbill.core import clock
from hostbill.core.jobs import Report
from hostbill.core.models import Delivery, JobRun, Message
from provisioning import jobs
from provisioning.models import Drift, Operation, Server, Service, UsageSample
from tests.provisioning.factories import buy_hosting, make_server


@pytest.fixture
def run(db):
    """Run a job's function; gives its counts."""

    def _run(function):
        report = Report(JobRun())
        function(clock.now(), report)
        assert report.failures == []
        return report.counts

    return _run


def test_a_lost_event_is_repaired_at_night(cast, server, product, drain, run):
    """Every delivery was lost: the service comes to be all the same."""
    subscription = buy_hosting(cast.alice_client, product)
    Delivery.objects.all().delete()
    assert not Service.objects.exists()
    assert run(jobs.align_all) == {"created": 1, "asked": 1}
    drain()
    assert Service.objects.get(subscription=subscription).state == "live"
    assert run(jobs.align_all) == {"well": 1}


def test_usage_is_one_sample_a_day(cast, server, product, drain, run, whm):
    """One question per server; measuring twice keeps one."""
    buy_hosting(cast.alice_client, product)
    buy_hosting(cast.charlie_client, product)
    drain()
    assert run(jobs.sync_usage) == {"stored": 2}
    assert run(jobs.sync_usage) == {"stored": 2}
    assert UsageSample.objects.count() == 2 and len(whm.calls("get_disk_usage")) == 2
    assert Service.objects.first().usage["disk_used"] is not None


def test_health_is_learned_and_a_refusing_server_is_left_alone(cast, sandbox, group, server, whm, run):
    """Well, down, refused; the refused one is not asked again."""
    down = make_server(sandbox, group, values={"port": 9})
    refused = make_server(sandbox, group, values={"token": "WRONG"})
    assert run(jobs.test_servers) == {"well": 1, "problem": 2}
    assert run(jobs.test_servers) == {"well": 1, "problem": 1}
    states = {row.pk: (row.health, bool(row.stopped_since)) for row in Server.objects.all()}
    assert states == {server.pk: ("well", False), down.pk: ("problem", False), refused.pk: ("problem", True)}
    assert Server.objects.get(pk=server.pk).version


def test_comparing_finds_strangers_and_corrects_the_count(cast, server, product, drain, run, whm):
    """An account that nobody ordered."""
    import requests

    buy_hosting(cast.alice_client, product)
    drain()
    params = {"api.version": "1", "username": "stranger", "domain": "stranger.example.com", "plan": "start", "password": "Xy7-Xy7-Xy7"}
    login = {"Authorization": f"whm root:{whm.sandbox.whm.token}"}
    requests.get(f"{whm.sandbox.whm.url}/json-api/createacct", params=params, headers=login, timeout=5)
    assert run(jobs.compare_accounts) == {"accounts": 2, "stranger": 1}
    server.refresh_from_db()
    assert server.account_count == 2 and Drift.objects.get().username == "stranger"


def test_long_doubt_is_told_once(cast, server, product, drain, run, whm, move_clock):
    """Fifteen minutes by default."""
    whm.fault("createacct", "drop_after")
    whm.fault("accountsummary", "500", times=None)
    buy_hosting(cast.alice_client, product)
    drain()
    assert run(jobs.watch_unknown) == {}
    Operation.objects.update(running_at=clock.now() - jobs.timedelta(hours=1))
    assert run(jobs.watch_unknown) == {"told": 1}
    assert run(jobs.watch_unknown) == {"known": 1}
    drain()
    assert Message.objects.filter(kind="provisioning.operation_in_doubt").count() == 1
