"""The one door for HTTP calls to the outside, so that time-outs, outcomes and redaction are the same everywhere."""

import time
from contextlib import contextmanager
from contextvars import ContextVar

import requests
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NameResolutionError, NewConnectionError

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


def told(error: requests.RequestException, timeout) -> tuple[str, str]:
    """The code of what happened, and the same in words."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        return "certificate", _("The server's certificate is not valid.")
    if isinstance(error, requests.exceptions.ReadTimeout):
        seconds = timeout[1] if isinstance(timeout, tuple) else timeout
        return "timeout", _("The server did not answer within %(seconds)s seconds.") % {"seconds": seconds}
    if isinstance(reason, NameResolutionError):
        return "no_such_host", _("There is no server of this name.")
    if isinstance(reason, NewConnectionError):
        return "connection_refused", _("The server does not take our connection.")
    if never_sent(error):
        return "unreachable", _("The server could not be reached.")
    return "dropped", _("The connection broke off before the answer came.")


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
        exchange["code"], words = told(error, timeout)
        if mutating and not never_sent(error):
            raise OutcomeUnknown(words, code=exchange["code"], technical=exchange["error"]) from error
        raise DriverError(words, permanent=False, code="unreachable", technical=exchange["error"]) from error
    finally:
        exchange["ms"] = round((time.monotonic() - started) * 1000)
        _note(exchange)
    if response.status_code >= 500:
        exchange["code"] = "server_failed" if mutating else "server_error"
        raw = f"HTTP {response.status_code}"
        words = _("The server failed while it worked on our call (%(status)d).") % {"status": response.status_code}
        if mutating:
            raise OutcomeUnknown(words, code="server_failed", technical=raw)
        raise DriverError(words, permanent=False, code="server_error", technical=raw)
    return response
