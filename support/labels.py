"""What the keys of support are called in words, for staff."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.labels import ACT, EVENT, FIELD, HANDLER, register_labels

register_labels(
    ACT,
    {
        "support.department_created": _("Department made"),
        "support.department_updated": _("Department changed"),
        "support.ticket_assigned": _("Ticket assigned"),
        "support.ticket_closed": _("Ticket closed"),
        "support.ticket_moved": _("Ticket moved to another department"),
        "support.ticket_renamed": _("Subject of a ticket changed"),
        "support.ticket_noted": _("Note written"),
        "support.ticket_opened": _("Ticket opened"),
        "support.ticket_reopened": _("Ticket open again"),
        "support.ticket_replied": _("Ticket answered"),
        "support.ticket_merged": _("Tickets merged"),
        "support.ticket_deleted": _("Ticket deleted"),
        "support.message_edited": _("Message of a ticket changed"),
        "support.message_deleted": _("Message of a ticket deleted"),
    },
)
register_labels(
    EVENT,
    {
        "support.ticket_assigned": _("Ticket assigned"),
        "support.ticket_closed": _("Ticket closed"),
        "support.ticket_opened": _("Ticket opened"),
        "support.ticket_replied": _("Ticket answered"),
    },
)
register_labels(
    HANDLER,
    {
        "support.mail_client_on_ticket_message": _("Mail the client about a ticket"),
        "support.mail_colleague_on_ticket_assigned": _("Mail the colleague about a ticket"),
        "support.mail_staff_on_ticket_message": _("Mail staff about a ticket"),
    },
)
register_labels(
    FIELD,
    {
        "support.opened_by": _("Opened by"),
        "support.merged": _("Merged tickets"),
    },
)  # fmt: skip
