"""The floor's own nouns by API."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.api.fields import Fact
from hostbill.core.api.nouns import Noun


def event_name(delivery) -> str:
    """What happened."""
    return delivery.event.name


NOUNS = [
    Noun(
        "messages",
        "message",
        also="kind audience to_email to_name language client_id error sent_at failed_at bounced_at",
        without="to",
    ),
    Noun("outgoing", "outgoing", also="kind key object_id state error error_code finished_at", words=_("Calls to the outside")),
    Noun(
        "deliveries",
        "delivery",
        also=("state", "done_at", "error", Fact("event", "text", get=event_name)),
        select=("event",),
        words=_("What listeners do about events"),
    ),
    Noun(
        "activity", "activity", also="action actor_kind actor_id object_kind object_id client_id reason request_id ip"
    ),
]
