"""Use case of a mail that a program writes to the people who work here."""

from django.db import transaction

from clients.models import User
from clients.queries.actor import actor_of
from hostbill.core.audit import audit
from hostbill.core.notify import notify


@transaction.atomic
def write_to_staff(permission: str, *, actor, subject: str, text: str, key: str) -> int:
    """Mail every colleague who holds the permission; how many there are. The same `key` again sends nothing."""
    people = [user for user in User.objects.staff().filter(is_active=True) if actor_of(user).may(permission)]
    notify(
        "clients.staff_letter",
        to=[(user.email, user.name, user.language) for user in people],
        context={"subject": subject, "quote": {"author": actor.label, "text": text}},
        key=f"staff_letter:{key}",
    )
    audit(actor, "clients.staff_letter_written", reason=subject, changes={})
    return len(people)
