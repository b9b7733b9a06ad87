"""Signatures by the Standard Webhooks scheme: HMAC-SHA256 over id, time and body, under one or two secrets."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from hostbill.core.models import WebhookEndpoint

PREFIX = "whsec_"
SECRET_BYTES = 32
#: So long the secret before the last rotation also signs.
OVERLAP = timedelta(hours=24)


def new_secret() -> str:
    """As receivers write it into their settings."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """One signature: ``v1,`` and base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(endpoint: WebhookEndpoint, message_id: str, body: str, *, now: datetime, real_now: datetime) -> dict[str, str]:
    """What is sent beside the body. The time is the machine's own (``real_now``): receivers compare it with theirs.
    ``now`` decides whether the old secret still counts."""
    timestamp = int(real_now.timestamp())
    known = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and now < endpoint.old_secret_until:
        known.append(endpoint.old_secret)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in known),
    }
