"""Who gets the mail about a ticket."""

from clients.models import User
from clients.queries.actor import actor_of
from hostbill.core.notify import Recipient


def client_readers(ticket):
    """The person who opened the ticket, while that person still has the right; else everybody with the area."""
    opener = ticket.opened_by
    if opener and not opener.is_staff and opener.is_active:
        membership = ticket.client.memberships.filter(user=opener).first()
        if membership and membership.has_area("support"):
            return [Recipient(opener.email, opener.name, opener.language)]
    return [Recipient(*reader) for reader in ticket.client.recipients("support")]


def staff_readers(ticket):
    """The person who has the ticket, or everybody who may answer."""
    if ticket.assigned_to and ticket.assigned_to.is_active:
        return [_reader(ticket.assigned_to)]
    staff = User.objects.staff().filter(is_active=True).prefetch_related("roles")
    return [_reader(user) for user in staff if actor_of(user).may("support.ticket.reply")]


def _reader(user):
    return Recipient(user.email, user.name, user.language)
