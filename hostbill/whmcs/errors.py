"""How an action refuses."""

from hostbill.core.errors import AppError


class Refused(AppError):
    """``message`` goes to the caller, as WHMCS words it."""
