"""Arrangements that people make for themselves: read and stored by person and key, any JSON value."""

from functools import lru_cache

from hostbill.core.compiled import Compiled
from hostbill.core.models import Preference


def read(actor, key: str, default=None):
    """The person's own value, else ``default``."""
    return Preference.objects.filter(user_id=actor.user_id, key=key).values_list("value", flat=True).first() or default


def several(actor, *keys: str) -> dict:
    """The person's own values of these keys, in one query; those never stored are missing."""
    asked = {f"key{place}": key for place, key in enumerate(keys)}
    return dict(_several(len(keys))(user=actor.user_id, **asked))


@lru_cache
def _several(count: int) -> Compiled:
    def rows(user, **keys):
        return Preference.objects.filter(user_id=user, key__in=list(keys.values())).values_list("key", "value")

    return Compiled(rows, user=int, **{f"key{place}": str for place in range(count)})


def store(actor, key: str, value) -> None:
    """Remember a value; nothing for actors that are no person."""
    if actor.user_id:
        Preference.objects.update_or_create(user_id=actor.user_id, key=key, defaults={"value": value})


def forget(actor, key: str) -> None:
    """Back to the default."""
    Preference.objects.filter(user_id=actor.user_id, key=key).delete()
