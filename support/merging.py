"""What becomes of tickets when two clients are merged."""

from django.utils.translation import gettext_lazy as _

from clients.actions.merge_plan import Share, moved, register_share

register_share(Share(parts=(moved("support.Ticket.client", label=_("Tickets")),)))
