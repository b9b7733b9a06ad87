"""Mails about tickets."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.notices import Notice, register_notice

TICKET = {
    "number": _("number of the ticket"),
    "subject": _("subject of the ticket"),
    "quote": _("what was written"),
    "link": _("where to read and answer"),
}
SAMPLE = {
    "number": "T-20418",
    "reference": "T-20418",
    "subject": "The form on my page sends nothing",
    "promised": "15 May 2027, 12:00 CEST",
    "author": "Stella Solberg",
    "client_name": "Brandt Keramik",
    "department": "Technical help",
}


def _notice(kind, label, audience, subject, body, button, **placeholders) -> None:
    """Declare one about a ticket; further placeholders by name."""
    area = "support" if audience == "client" else ""
    context, button = TICKET | placeholders, (button, "link")
    register_notice(
        Notice(f"support.{kind}", label, audience, subject, body, context, button, area=area, sample=SAMPLE)
    )


_notice(
    "ticket_opened",
    _("Ticket: we have it"),
    "client",
    _("[{{ number }}] {{ subject }}"),
    _(
        "# We have your question\n\n"
        "{{ hello }}, a person answers it by {{ promised }}. Want to add something? Write it into the ticket.\n\n"
        "[[quote]]\n\n[[button]]"
    ),
    _("Open the ticket"),
    promised=_("until when an answer is promised"),
)
_notice(
    "ticket_answered",
    _("Ticket: we answered"),
    "client",
    _("[{{ number }}] {{ subject }}"),
    _("# {{ author }} answered\n\n{{ hello }}, it is about “{{ subject }}”.\n\n[[quote]]\n\n[[button]]"),
    _("Read and answer"),
    author=_("who of us answered"),
)
_notice(
    "ticket_waits",
    _("Ticket: a client waits for us"),
    "staff",
    _("[{{ number }}] {{ client_name }}: {{ subject }}"),
    _("# {{ subject }}\n\n{{ author }} of **{{ client_name }}** wrote to {{ department }}:\n\n[[quote]]\n\n[[button]]"),
    _("Answer"),
    author=_("who wrote"),
    client_name=_("name of the client"),
    department=_("the department"),
)
_notice(
    "ticket_assigned",
    _("Ticket: handed to you"),
    "staff",
    _("[{{ number }}] is yours: {{ subject }}"),
    _("{{ hello }}, the ticket **{{ subject }}** of {{ client_name }} was handed to you."),
    _("Open the ticket"),
    client_name=_("name of the client"),
)
