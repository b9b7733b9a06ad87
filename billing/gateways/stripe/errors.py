"""Stripe's errors as ours."""

from contextlib import contextmanager

import stripe

from hostbill.core import http
from hostbill.core.errors import DriverError, OutcomeUnknown

CODES = {"charge_already_refunded": "already_refunded", "amount_too_large": "refund_too_large"}


@contextmanager
def translated(*, mutating: bool):
    """Turn whatever the library raises inside into DriverError or OutcomeUnknown. A CardError passes: the caller reads it."""
    try:
        yield
    except stripe.CardError:
        raise
    except stripe.StripeError as error:
        raise translate(error, mutating=mutating) from error


def translate(error: stripe.StripeError, *, mutating: bool) -> DriverError | OutcomeUnknown:
    """What the error means for us. `mutating`: the call may have changed something."""
    message = error.user_message or str(error)
    if isinstance(error, stripe.AuthenticationError):
        return DriverError(message, permanent=False, stop_lane=True, code="auth")
    if isinstance(error, stripe.PermissionError):
        return DriverError(message, permanent=False, stop_lane=True, code="permission")
    if isinstance(error, stripe.RateLimitError) or error.http_status == 409:
        return DriverError(message, permanent=False, code="busy", retry_after=_retry_after(error))
    if isinstance(error, stripe.IdempotencyError):
        return DriverError(message, permanent=True, code="key_reused")
    if isinstance(error, stripe.InvalidRequestError):
        return DriverError(message, permanent=True, code=CODES.get(error.code, error.code or "invalid"))
    if isinstance(error, stripe.APIConnectionError) and http.never_sent(error.__cause__):
        return DriverError("Stripe could not be reached.", permanent=False, code="unreachable")
    if mutating:
        return OutcomeUnknown(f"Stripe did not answer usably ({type(error).__name__}).")
    return DriverError("Stripe did not answer usably.", permanent=False, code="server_error")


def _retry_after(error: stripe.StripeError) -> int:
    """Seconds Stripe asks us to wait; 2 when it does not say."""
    value = str((error.headers or {}).get("retry-after", ""))
    return int(value) if value.isdigit() else 2
