"""Tickets by API."""

from hostbill.core.api.fields import Fact
from hostbill.core.api.nouns import Noun
from support.api.files import ADDRESSES, with_files  # noqa: F401 - read by the addresses
from support.api.portal import CLIENT_NOUNS, MESSAGE  # noqa: F401 - read by the addresses
from support.api.ticket import Close, Note, Open, Reopen, Reply


def messages_of(ticket) -> list:
    """All, notes too."""
    return with_files(list(ticket.messages.all()))


NOUNS = [
    Noun(
        "tickets",
        "ticket",
        also="number service priority opened_by reply_due_at answered_at closed_at",
        inside=(Fact("messages", "rows", nullable=False, get=messages_of, parts=MESSAGE),),
        prefetch=("messages",),
        create_view=Open,
        acts={"reply": Reply, "note": Note, "close": Close, "reopen": Reopen},
    ),
    Noun("departments", "department", also="description sort"),
]
