"""The one door for HTTP calls to the outside, so that time-outs, outcomes and redaction are the same everywhere."""

import time
from contextlib import contextmanager
from contextvars import ContextVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from hostbill.core.errors import DriverError, OutcomeUnknown
from hostbill.core.secrets import redact

EXCERPT = 4000
USER_AGENT = "HostBill/1"
_recorder: ContextVar[list | None] = ContextVar("http_recorder", default=None)


@contextmanager
def record():
    """Collect the redacted exchanges made inside the block: method, url, request, status, response, ms, error."""
    exchanges: list[dict] = []
    token = _recorder.set(exchanges)
    try:
        yield exchanges
    finally:
        _recorder.reset(token)


def _note(exchange: dict) -> None:
    exchanges = _recorder.get()
    if exchanges is not None:
        exchanges.append(exchange)


def never_sent(error: requests.RequestException) -> bool:
    """True when no byte of the request can have reached the other side."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


class _PinnedAdapter(HTTPAdapter):
    """Accepts exactly the certificate with this SHA-256 fingerprint, whoever signed it."""

    def __init__(self, fingerprint: str):
        self.fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, assert_fingerprint=self.fingerprint, **kwargs)


def request(method, url, *, mutating, timeout=(10, 30), secrets=(), allow_redirects=False, fingerprint="", **kwargs):
    """Send one request and return the response.

    ``mutating``: the call changes something there. ``secrets``: values to hide in the record. ``fingerprint``: SHA-256 of the
    one certificate to accept, in place of the usual check.
    Raises DriverError (not permanent) when nothing was sent or a reading call failed, OutcomeUnknown when a mutating call
    was sent and no usable answer came (time-out, dropped connection, 5xx).
    """
    headers = {"User-Agent": USER_AGENT, "Connection": "close", **(kwargs.pop("headers", None) or {})}
    sent = redact(str(kwargs.get("data") or kwargs.get("json") or kwargs.get("params") or ""), secrets)[:EXCERPT]
    exchange = {
        "method": method,
        "url": redact(url, secrets),
        "request": sent,
        "status": None,
        "response": "",
        "error": "",
    }
    started = time.monotonic()
    try:
        with requests.Session() as session:
            if fingerprint:
                session.mount("https://", _PinnedAdapter(fingerprint))
                kwargs["verify"] = False
            session.trust_env = False  # no proxy or .netrc from the environment may see panel credentials
            response = session.request(
                method, url, headers=headers, timeout=timeout, allow_redirects=allow_redirects, **kwargs
            )
        exchange["status"] = response.status_code
        exchange["response"] = redact(response.text, secrets)[:EXCERPT]
    except requests.RequestException as error:
        exchange["error"] = redact(f"{type(error).__name__}: {error}", secrets)[:500]
        if mutating and not never_sent(error):
            raise OutcomeUnknown(exchange["error"]) from error
        raise DriverError(exchange["error"], permanent=False, code="unreachable") from error
    finally:
        exchange["ms"] = round((time.monotonic() - started) * 1000)
        _note(exchange)
    if response.status_code >= 500:
        message = f"The server answered {response.status_code}"
        if mutating:
            raise OutcomeUnknown(message)
        raise DriverError(message, permanent=False, code="server_error")
    return response
