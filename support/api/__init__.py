"""Tickets by API."""

from hostbill.core.api.fields import rows
from hostbill.core.api.nouns import Noun
from support.api.ticket import Close, Note, Reopen, Reply
from support.models import TicketMessage

NOUNS = [
    Noun(
        "tickets",
        "ticket",
        also="number service priority opened_by reply_due_at answered_at closed_at",
        inside=(rows("messages", TicketMessage, "id kind author_label body at"),),
        acts={"reply": Reply, "note": Note, "close": Close, "reopen": Reopen},
    ),
    Noun("departments", "department", also="description sort"),
]
