"""Use cases of sign-in: what is worth remembering about it."""

from django.db import transaction

from clients.queries.actor import actor_of
from hostbill.core.audit import audit


@transaction.atomic
def record_sign_in(user, *, ip=None):
    """Write the sign-in into the log, and into the timeline of each account the person reaches."""
    actor = actor_of(user, ip=ip)
    audit(actor, "clients.signed_in", user, changes={})
    for membership in user.memberships.select_related("client"):
        audit(actor, "clients.signed_in", membership.client, changes={})
