"""What happens to webhooks themselves."""

from dataclasses import dataclass
from typing import ClassVar

from hostbill.core.events import Event


@dataclass(frozen=True)
class WebhookStopped(Event):
    """An endpoint was switched off by us: it took nothing for days, or wants no more."""

    name: ClassVar[str] = "core.webhook_stopped"
    endpoint_id: int
