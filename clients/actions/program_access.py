"""What tokens and credentials of programs share: revoking them, noting their use, whom they stand for."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from hostbill.core import access, clock
from hostbill.core.access import Actor
from hostbill.core.audit import audit
from hostbill.core.locks import lock

#: The last use is noted so often at most.
NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def revoke(row, act: str, *, actor, is_theirs: bool = False):
    """From now on it opens nothing. One's own (or where the caller knows of another right: `is_theirs`), or with the right to change
    logins. Twice is as once."""
    if row.user_id != actor.user_id and not is_theirs:
        access.require(actor, "clients.user.edit")
    row = lock(row)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        audit(actor, act, row)
        row.save()
    return row


def note_use(row, ip: str | None) -> None:
    """When and from where it was last used."""
    now = clock.now()
    old = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY) | Q(last_used_at__gt=now) | ~Q(last_used_ip=ip)
    if row.last_used_at is None or row.last_used_ip != ip or abs(now - row.last_used_at) > NOTED_EVERY:
        type(row).objects.filter(old, pk=row.pk).update(last_used_at=now, last_used_ip=ip)


def permissions_of(person: Actor) -> frozenset:
    """All that the person may, by name: a program never has an owner's power to do what has no name."""
    return frozenset(code for code in access.permission_codes() if person.may(code))
