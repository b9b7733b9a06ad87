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
    "subject": "The form on my page sends nothing",
    "promised": "15 May 2027, 12:00 CEST",
    "author": "Stella Solberg",
    "client_name": "Brandt Keramik",
    "department": "Technical help",
}

register_notice(
    Notice(
        kind="support.ticket_opened",
        label=_("Ticket: we have it"),
        audience="client",
        area="support",
        subject=_("[{{ number }}] {{ subject }}"),
        body=_(
            "# We have your question\n\n"
            "{{ hello }}, a person answers it by {{ promised }}. Want to add something? Write it into the ticket.\n\n"
            "[[quote]]\n\n[[button]]"
        ),
        context={**TICKET, "promised": _("until when an answer is promised")},
        button=(_("Open the ticket"), "link"),
        sample=SAMPLE,
    )
)

register_notice(
    Notice(
        kind="support.ticket_answered",
        label=_("Ticket: we answered"),
        audience="client",
        area="support",
        subject=_("[{{ number }}] {{ subject }}"),
        body=_("{{ author }} wrote:\n\n[[quote]]\n\n[[button]]"),
        context={**TICKET, "author": _("who of us answered")},
        button=(_("Read and answer"), "link"),
        sample=SAMPLE,
    )
)

register_notice(
    Notice(
        kind="support.ticket_waits",
        label=_("Ticket: a client waits for us"),
        audience="staff",
        subject=_("[{{ number }}] {{ client_name }}: {{ subject }}"),
        body=_("{{ author }} of **{{ client_name }}** wrote to {{ department }}:\n\n[[quote]]\n\n[[button]]"),
        context={
            **TICKET,
            "author": _("who wrote"),
            "client_name": _("name of the client"),
            "department": _("the department"),
        },
        button=(_("Answer"), "link"),
        sample=SAMPLE,
    )
)

register_notice(
    Notice(
        kind="support.ticket_assigned",
        label=_("Ticket: handed to you"),
        audience="staff",
        subject=_("[{{ number }}] is yours: {{ subject }}"),
        body=_("The ticket **{{ subject }}** of {{ client_name }} was handed to you."),
        context={**TICKET, "client_name": _("name of the client")},
        button=(_("Open the ticket"), "link"),
        sample=SAMPLE,
    )
)
