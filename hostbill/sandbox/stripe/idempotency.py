"""Idempotency keys: the same key with the same parameters gets the same answer, with others an error."""

import hashlib
import json
import time

from hostbill.sandbox.stripe.core import now
from hostbill.sandbox.stripe.errors import ApiError
from hostbill.sandbox.stripe.store import Store

KEPT = 30 * 86400  # seconds; Stripe says at least 24 hours


def fingerprint(method: str, path: str, params: dict) -> str:
    return hashlib.sha256(json.dumps([method, path, params], sort_keys=True).encode()).hexdigest()


def begin(store: Store, key: str, print_: str) -> dict | None:
    """The stored answer {"status", "body"}, or None after marking the key as in progress. Hold the lock."""
    entry = store.get("idempotency", key)
    if entry and entry["print"] != print_:
        raise ApiError(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a "
            f"key other than '{key}' if you meant to execute a different request.",
        )
    if entry and entry["status"] is None and time.time() - entry["started"] < 60:
        raise ApiError(
            409,
            "idempotency_error",
            "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
            "twice, and the other request is still going through).",
            "idempotency_key_in_use",
        )
    if entry and entry["status"] is not None and now() - entry["started"] < KEPT:
        return entry
    store.save("idempotency", {"id": key, "print": print_, "status": None, "body": None, "started": int(time.time())})
    return None


def finish(store: Store, key: str, status: int, body: dict, request_id: str) -> None:
    """Keep the answer. A request that was refused before doing anything leaves no trace, as at Stripe."""
    if status in (400, 404, 409, 429):
        store.remove("idempotency", key)
        return
    entry = store.get("idempotency", key)
    entry.update(status=status, body=body, request_id=request_id)
    store.save("idempotency", entry)
