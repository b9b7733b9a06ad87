"""Arrangements that people make for themselves: read and stored by person and key, any JSON value."""

from hostbill.core.models import Preference


def read(actor, key: str, default=None):
    """The person's own value, else ``default``."""
    return Preference.objects.filter(user_id=actor.user_id, key=key).values_list("value", flat=True).first() or default


def several(actor, *keys: str) -> dict:
    """The person's own values of these keys, in one query; those never stored are missing."""
    return dict(Preference.objects.filter(user_id=actor.user_id, key__in=keys).values_list("key", "value"))


def store(actor, key: str, value) -> None:
    """Remember a value; nothing for actors that are no person."""
    if actor.user_id:
        Preference.objects.update_or_create(user_id=actor.user_id, key=key, defaults={"value": value})


def forget(actor, key: str) -> None:
    """Back to the default."""
    Preference.objects.filter(user_id=actor.user_id, key=key).delete()
