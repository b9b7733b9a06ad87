"""Sending events to webhook endpoints: signed, in threads, with retries, and with the disorder a test asks for."""

import hashlib
import heapq
import hmac
import itertools
import json
import queue
import random
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from dataclasses import dataclass, field

from hostbill.sandbox.stripe.api.events import matches
from hostbill.sandbox.stripe.core import visible
from hostbill.sandbox.stripe.store import Store

WORKERS = 16
RETRY_SECONDS = [1, 2, 4, 8, 15, 30, 60, 60, 120, 300, 600, 1800, 3600]
TIMEOUT = 20
REORDER_WINDOW = 0.4  # seconds of events that are collected and sent backwards


@dataclass
class Disorder:
    """What POST /_control/webhooks sets. `drop` events are lost for good; `fail` deliveries are lost and retried."""

    duplicate: int = 0
    delay: float = 0.0
    drop: int = 0
    fail: int = 0
    reorder: bool = False
    hold: bool = False


@dataclass(order=True)
class Delivery:
    """One sending of one event to one endpoint, due at a monotonic time."""

    due: float
    number: int
    event_id: str = field(compare=False)
    endpoint_id: str = field(compare=False)
    attempt: int = field(compare=False, default=0)


def signature(secret: str, body: bytes, timestamp: int) -> str:
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={signed}"


class Dispatcher:
    """A heap of deliveries to come, a thread that watches it, and workers that send."""

    def __init__(self, store: Store):
        self.store = store
        self.disorder = Disorder()
        self.log: deque[dict] = deque(maxlen=5000)
        self._numbers = itertools.count()
        self._waiting: list[Delivery] = []
        self._held: list[Delivery] = []
        self._condition = threading.Condition()
        self._ready: queue.SimpleQueue = queue.SimpleQueue()
        self._busy = 0
        threading.Thread(target=self._watch, daemon=True, name="webhook-watch").start()
        for _ in range(WORKERS):
            threading.Thread(target=self._work, daemon=True, name="webhook").start()

    def announce(self, event: dict) -> None:
        """Store the event and queue it for every endpoint that wants it. Hold the store's lock."""
        endpoints = [e for e in self.store.all("webhook_endpoint").values() if e["status"] == "enabled"]
        wanted = [e for e in endpoints if any(matches(each, event["type"]) for each in e["enabled_events"])]
        event["pending_webhooks"] = len(wanted)
        self.store.save("event", event)
        if self.disorder.drop and wanted:
            self.disorder.drop -= 1
            return
        for endpoint in wanted:
            for _ in range(1 + self.disorder.duplicate):
                self._queue(event["id"], endpoint["id"], self.disorder.delay)

    def _queue(self, event_id: str, endpoint_id: str, delay: float = 0.0, attempt: int = 0) -> None:
        delivery = Delivery(time.monotonic() + delay, next(self._numbers), event_id, endpoint_id, attempt)
        with self._condition:
            if self.disorder.hold:
                self._held.append(delivery)
            elif self.disorder.reorder:
                delivery.due += REORDER_WINDOW
                delivery.number = -delivery.number
                delivery.due = (delivery.due // REORDER_WINDOW) * REORDER_WINDOW  # one moment for the whole window
                heapq.heappush(self._waiting, delivery)
            elif delay <= 0:
                self._busy += 1
                self._ready.put(delivery)
                return
            else:
                heapq.heappush(self._waiting, delivery)
            self._condition.notify()

    def flush(self) -> int:
        """Send what was held, shuffled when reordering is on; afterwards nothing is held any more."""
        with self._condition:
            held, self._held = self._held, []
            self.disorder.hold = False
            if self.disorder.reorder:
                random.shuffle(held)
            for delivery in held:
                self._busy += 1
                self._ready.put(delivery)
        return len(held)

    def resume(self) -> None:
        """After a restart: send again what no endpoint has taken."""
        endpoints = list(self.store.all("webhook_endpoint"))
        for event in list(self.store.all("event").values()):
            if event["pending_webhooks"] > 0:
                for endpoint_id in endpoints:
                    self._queue(event["id"], endpoint_id)

    def send_again(self, event_id: str, times: int, parallel: bool) -> int:
        """Send an event `times` more to each endpoint, all at once or one after the other."""
        endpoints = [e["id"] for e in self.store.all("webhook_endpoint").values() if e["status"] == "enabled"]
        for endpoint_id in endpoints:
            for place in range(times):
                self._queue(event_id, endpoint_id, 0 if parallel else place * 0.05)
        return len(endpoints) * times

    def pending(self) -> int:
        with self._condition:
            return len(self._waiting) + len(self._held) + self._busy

    def reset(self) -> None:
        with self._condition:
            self._waiting.clear()
            self._held.clear()
            self.disorder = Disorder()
            self.log.clear()

    def _watch(self) -> None:
        while True:
            with self._condition:
                now = time.monotonic()
                if not self._waiting:
                    self._condition.wait()
                elif self._waiting[0].due > now:
                    self._condition.wait(self._waiting[0].due - now)
                else:
                    self._busy += 1
                    self._ready.put(heapq.heappop(self._waiting))

    def _work(self) -> None:
        while True:
            delivery = self._ready.get()
            try:
                self._send(delivery)
            finally:
                with self._condition:
                    self._busy -= 1

    def _send(self, delivery: Delivery) -> None:
        with self.store.lock:
            event = self.store.get("event", delivery.event_id)
            endpoint = self.store.get("webhook_endpoint", delivery.endpoint_id)
            body = json.dumps(visible(event), indent=2).encode() if event else b""
        if not event or not endpoint:
            return
        status, error = 0, "lost by order of the test"
        if self.disorder.fail:
            self.disorder.fail -= 1
        else:
            status, error = post(endpoint["url"], endpoint["_secret"], body)
        self.log.append(
            {
                "event": delivery.event_id,
                "type": event["type"],
                "endpoint": delivery.endpoint_id,
                "attempt": delivery.attempt + 1,
                "status": status,
                "error": error,
                "at": time.time(),
            }
        )
        self._note(delivery, delivered=200 <= status < 300)

    def _note(self, delivery: Delivery, *, delivered: bool) -> None:
        if not delivered:
            if delivery.attempt < len(RETRY_SECONDS):
                delay = RETRY_SECONDS[delivery.attempt]
                self._queue(delivery.event_id, delivery.endpoint_id, delay, delivery.attempt + 1)
            return
        with self.store.lock:
            event = self.store.get("event", delivery.event_id)
            if event and event["pending_webhooks"]:
                event["pending_webhooks"] -= 1
                self.store.save("event", event)


def post(url: str, secret: str, body: bytes) -> tuple[int, str]:
    """Send one signed message; (HTTP status or 0, what went wrong)."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature(secret, body, int(time.time())),
    }
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, body, headers), timeout=TIMEOUT) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, str(error)
    except (OSError, ValueError) as error:
        return 0, f"{type(error).__name__}: {error}"
