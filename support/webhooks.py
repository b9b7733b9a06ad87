"""What programs are told about tickets."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.webhooks.offers import Subject, offer
from support import events
from support.models import Ticket

TICKET = Subject(
    "ticket", Ticket, _("Tickets"), client="client_id", area="support",
    own=("number subject state priority created_at answered_at closed_at",),
)  # fmt: skip

offer(TICKET, "opened", events.TicketOpened, "ticket_id")
offer(TICKET, "replied", events.TicketReplied, "ticket_id")
offer(TICKET, "closed", events.TicketClosed, "ticket_id")
offer(TICKET, "assigned", events.TicketAssigned, "ticket_id", for_clients=False)
