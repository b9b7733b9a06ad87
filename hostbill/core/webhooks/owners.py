"""For whom an endpoint stands: what it is told is what this person may see at that moment."""

from hostbill.core.access import Actor
from hostbill.core.models import WebhookEndpoint

_load = lambda endpoint: None  # noqa: E731 - replaced by clients at start-up


def set_owner_loader(loader) -> None:
    """``loader(endpoint)``: the person as Actor, in a client's account narrowed to it; None when they may not sign in any more,
    have left the account, or the account is closed."""
    global _load
    _load = loader


def owner_of(endpoint: WebhookEndpoint) -> Actor | None:
    """The person behind it, or None: see ``set_owner_loader``."""
    return _load(endpoint)
