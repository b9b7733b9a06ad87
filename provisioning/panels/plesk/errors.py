"""Plesk's error codes as ours."""

from hostbill.core.errors import DriverError
from provisioning.panels.answers import auth_refused

_AUTH = {1001, 1011, 1012, 11003}
_RETRY = {1003, 1004, 1023}  # initialisation and "operation failed": may work later; the caller reads back first
_CODES = {
    1005: "bad_address", 1006: "permission", 1010: "permission", 1013: "missing", 1015: "missing", 1018: "refused", 1019: "invalid",
    1024: "server_full", 1030: "licence", 1002: "username_taken", 1007: "taken", 1017: "refused", 1014: "invalid",
}  # fmt: skip


def classify(operation: str, code: int, text: str) -> DriverError:
    """The error for a refused operation; "taken" (1007) is refined by the driver, which knows what it asked for."""
    message = f"{operation}: {text or 'refused'} (Plesk {code})"
    if code in _AUTH:
        return auth_refused(message)
    if code == 1019 and "password" in text.lower():
        return DriverError(message, permanent=True, code="weak_password")
    if code == 1019 and ("login" in text.lower() or "user name" in text.lower()):
        return DriverError(message, permanent=True, code="bad_username")
    return DriverError(message, permanent=code not in _RETRY, code=_CODES.get(code, "refused"), stop_lane=code == 1030)
