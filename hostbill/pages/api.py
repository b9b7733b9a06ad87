"""The floor's own nouns by API."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.api.fields import Fact
from hostbill.core.api.nouns import Noun
from hostbill.pages import (
    api_books,
    api_house,
    api_jobs,
    api_modules,
    api_reports,
    api_rules,
    api_settings,
    api_webhooks,
)
from hostbill.pages.api_queues import DeliveryRetry, LaneReopen, MessageResend, OutgoingRetry


def event_name(delivery) -> str:
    """What happened."""
    return delivery.event.name


_MODULES = (api_settings, api_jobs, api_reports, api_books, api_house)
ADDRESSES = [address for module in _MODULES for address in module.ADDRESSES]
NOUNS = [
    api_modules.NOUN,
    api_rules.NOUN,
    Noun(
        "messages",
        "message",
        also="kind audience to_email to_name language client_id error sent_at failed_at bounced_at",
        without="to",
        acts={"resend": MessageResend},
    ),
    Noun("outgoing", "outgoing", also="kind key object_id state error error_code finished_at", words=_("Calls to the outside"),
         acts={"retry": OutgoingRetry}, on_list={"reopen-lane": LaneReopen}),
    Noun(
        "deliveries",
        "delivery",
        also=("state", "done_at", "error", Fact("event", "text", get=event_name)),
        select=("event",),
        acts={"retry": DeliveryRetry},
        words=_("What listeners do about events"),
    ),
    Noun(
        "activity", "activity", also="action actor_kind actor_id object_kind object_id client_id reason request_id ip"
    ),
    *api_webhooks.NOUNS,
]
CLIENT_NOUNS = api_webhooks.CLIENT_NOUNS
