"""`/healthz` for load balancers and monitors, `/metrics` for Prometheus. Neither needs a login or says a secret."""

import hmac
import ipaddress
import time

from django.conf import settings
from django.db import Error, connection
from django.db.models import Min
from django.http import HttpResponseForbidden, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from redis import Redis, RedisError

from hostbill.core import clock
from hostbill.core.models import Delivery, Outgoing

#: A process that has shown no sign of life for this long counts as dead (seconds): a few ticks and a little patience.
LATEST_BEAT = max(60, 4 * settings.TICK_SECONDS)
#: Work that has been due for this long counts as stuck (seconds).
LATEST_WORK = 900
BROKER_PATIENCE = 2  # seconds


@never_cache
@require_safe
def healthz(request):
    """200 when all is well, else 503; the body says what each part is like."""
    checks = {"database": check_database(), **check_broker()}
    if checks["database"]["ok"]:
        checks |= {"events": check_events(), "outgoing": check_outgoing()}
    healthy = all(check["ok"] for check in checks.values())
    return JsonResponse({"status": "ok" if healthy else "failing", "checks": checks}, status=200 if healthy else 503)


def check_database() -> dict:
    """Whether a query is answered."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return {"ok": False, "error": "no answer"}
    return {"ok": True}


def check_broker() -> dict[str, dict]:
    """Whether the broker answers, and when beat and worker last showed themselves there."""
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=BROKER_PATIENCE, socket_timeout=BROKER_PATIENCE
        ) as redis:
            beat, worker = redis.mget("hostbill:beat", "hostbill:worker")
    except RedisError:
        unknown = {"ok": False, "error": "not known without the broker"}
        return {"broker": {"ok": False, "error": "no answer"}, "beat": unknown, "worker": unknown}
    return {"broker": {"ok": True}, "beat": check_sign_of_life(beat), "worker": check_sign_of_life(worker)}


def check_sign_of_life(stamp: bytes | None) -> dict:
    """Judges a Unix time stamp left by a process."""
    if stamp is None:
        return {"ok": False, "error": "not seen yet"}
    age = max(0, round(time.time() - int(stamp)))
    return {"ok": age <= LATEST_BEAT, "seconds_ago": age}


def check_events() -> dict:
    """Age of the oldest event that a handler should have had by now."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, next_try_at__lte=clock.now())
    found = judge_oldest(waiting.aggregate(oldest=Min("next_try_at"))["oldest"])
    return {**found, "dead": Delivery.objects.filter(state=Delivery.State.DEAD).count()}


def check_outgoing() -> dict:
    """Age of the oldest outgoing row that should have left by now."""
    states = [Outgoing.State.QUEUED, Outgoing.State.UNKNOWN]
    due = Outgoing.objects.filter(state__in=states, next_try_at__lte=clock.now())
    return judge_oldest(due.aggregate(oldest=Min("next_try_at"))["oldest"])


def judge_oldest(moment) -> dict:
    """Turns the due time of the oldest waiting row into a verdict; nothing waiting is fine."""
    age = 0 if moment is None else max(0, round((clock.now() - moment).total_seconds()))
    return {"ok": age <= LATEST_WORK, "oldest_seconds": age}


@never_cache
@require_safe
def metrics(request):
    """Prometheus' text format; for this machine itself, or with HOSTBILL_METRICS_TOKEN as a bearer token."""
    if not may_read_metrics(request):
        return HttpResponseForbidden("metrics: loopback or bearer token only\n", content_type="text/plain")
    response = ExportToDjangoView(request)
    response.content += "".join(own_figures()).encode()
    return response


def own_figures():
    """What waits and what nobody will try again; asked of the database, so every process tells the same."""
    failed = Outgoing.objects.filter(state=Outgoing.State.FAILED).count()
    events = check_events()
    for name, words, value in (
        ("hostbill_oldest_event_seconds", "Age of the oldest undelivered event", events["oldest_seconds"]),
        ("hostbill_dead_deliveries", "Events that a handler failed to take for good", events["dead"]),
        ("hostbill_oldest_outgoing_seconds", "Age of the oldest outgoing row", check_outgoing()["oldest_seconds"]),
        ("hostbill_failed_outgoing", "Outgoing rows that failed for good", failed),
    ):
        yield f"# HELP {name} {words}\n# TYPE {name} gauge\n{name} {value}\n"


def may_read_metrics(request) -> bool:
    """A proxied request comes from loopback too, so a forwarding header needs the token."""
    token = settings.METRICS_TOKEN
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-IP"} & set(request.headers)
    return not forwarded and is_loopback(request.META.get("REMOTE_ADDR", ""))


def is_loopback(address: str) -> bool:
    """127.0.0.0/8 and ::1; a unix socket has no address and counts as well."""
    if not address:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


urls = [path("healthz", healthz, name="healthz"), path("metrics", metrics, name="metrics")]
