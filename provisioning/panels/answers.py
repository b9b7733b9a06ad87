"""Judging answers before their content is understood: the same for all panels."""

import re

from hostbill.core.errors import DriverError, OutcomeUnknown


def check_status(response, *, mutating: bool) -> None:
    """Raise for HTTP statuses that settle the matter (5xx never gets here: http.request raised)."""
    status = response.status_code
    if status in (401, 403):
        raise auth_refused(f"The server answered {status}: credentials refused or our address is blocked")
    if status == 429:
        wait = response.headers.get("Retry-After", "")
        raise DriverError(
            "The server asks to slow down",
            permanent=False,
            code="busy",
            retry_after=int(wait) if wait.isdigit() else 60,
        )
    if 300 <= status < 400:
        raise DriverError(
            f"The server redirects elsewhere ({status}): check hostname, port and TLS",
            permanent=True,
            code="bad_address",
        )
    if status in (404, 405):
        raise DriverError(
            f"The server answered {status}: there is no such API at this address", permanent=True, code="bad_address"
        )


def auth_refused(message: str) -> DriverError:
    """The error for refused credentials: asking again could lock us out, so nobody asks until staff looked."""
    return DriverError(message, permanent=False, code="auth", stop_lane=True)


def unreadable(response, *, mutating: bool) -> Exception:
    """The error for an answer that is not what the panel's API sends: HTML, empty, cut off."""
    words = re.sub(r"<[^>]*>|\s+", " ", response.text or "")[:120].strip() or "an empty page"
    message = f"Unreadable answer from the panel: {words}"
    if mutating:
        return OutcomeUnknown(message, code="broken_answer")
    return DriverError(message, permanent=False, code="bad_answer")


def spellings(values) -> list[str]:
    """A secret as it may appear in recorded requests: plain, XML-escaped, inside a Python repr."""
    found: list[str] = []
    for value in filter(None, values):
        escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        found += [value, escaped, repr(value)[1:-1], repr(escaped)[1:-1], escaped.replace('"', "&quot;")]
    return found
