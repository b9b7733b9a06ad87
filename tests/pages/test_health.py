"""/healthz and /metrics, against the real database and broker."""

import time
from datetime import timedelta

import pytest
from django.conf import settings
from redis import Redis

from hostbill.core import clock
from hostbill.core.models import Delivery, Event, Outgoing

pytestmark = pytest.mark.django_db


@pytest.fixture
def signs():
    """Beat and worker were just seen."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.mset({"hostbill:beat": int(time.time()), "hostbill:worker": int(time.time())})
        yield redis
        redis.delete("hostbill:beat", "hostbill:worker")


def long_ago():
    """Longer than work may wait."""
    return clock.now() - timedelta(hours=2)


def test_all_is_well(client, signs):
    response = client.get("/healthz")
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "ok"
    assert set(body["checks"]) == {"database", "broker", "beat", "worker", "events", "outgoing"}
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]


def test_a_silent_worker_and_a_missing_beat_are_failures(client, signs):
    signs.set("hostbill:worker", int(time.time()) - 3600)
    signs.delete("hostbill:beat")
    response = client.get("/healthz")
    assert response.status_code == 503
    checks = response.json()["checks"]
    assert checks["worker"] == {"ok": False, "seconds_ago": pytest.approx(3600, abs=5)}
    assert checks["beat"]["ok"] is False
    assert checks["database"]["ok"] is True


def test_work_that_lies_around_is_a_failure(client, signs):
    event = Event.objects.create(name="tests.happened", payload={})
    Delivery.objects.create(event=event, handler="tests.handler", next_try_at=long_ago())
    Outgoing.objects.create(kind="tests.call", key="1", object_id=1, next_try_at=long_ago())
    checks = client.get("/healthz").json()["checks"]
    assert checks["events"]["oldest_seconds"] == pytest.approx(7200, abs=5)
    assert checks["outgoing"]["ok"] is False


def test_work_planned_for_later_is_none(client, signs):
    Outgoing.objects.create(kind="tests.call", key="1", object_id=1, next_try_at=clock.now() + timedelta(hours=2))
    assert client.get("/healthz").json()["checks"]["outgoing"] == {"ok": True, "oldest_seconds": 0}


def test_a_broker_that_is_away_is_a_failure_and_no_crash(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["checks"]["broker"]["ok"] is False


def test_metrics_are_for_this_machine(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    assert b"django_http_requests" in response.content
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403, (
        "a proxy is loopback too"
    )


def test_metrics_tell_what_waits_and_what_failed(client):
    event = Event.objects.create(name="tests.happened", payload={})
    Delivery.objects.create(event=event, handler="tests.handler", next_try_at=long_ago())
    Delivery.objects.create(event=event, handler="tests.other", state="dead")
    Outgoing.objects.create(kind="tests.call", key="1", object_id=1, state="failed")
    text = client.get("/metrics").content.decode()
    figures = dict(line.split() for line in text.splitlines() if line.startswith("hostbill_"))
    assert float(figures.pop("hostbill_oldest_event_seconds")) == pytest.approx(7200, abs=5)
    assert figures == {
        "hostbill_dead_deliveries": "1",
        "hostbill_oldest_outgoing_seconds": "0",
        "hostbill_failed_outgoing": "1",
    }
    assert text.endswith("\n") and "# TYPE hostbill_failed_outgoing gauge" in text


def test_metrics_with_a_token(client, settings):
    settings.METRICS_TOKEN = "let-prometheus-in"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    allowed = client.get("/metrics", headers={"Authorization": "Bearer let-prometheus-in"}, REMOTE_ADDR="192.0.2.1")
    assert allowed.status_code == 200
