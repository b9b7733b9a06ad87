"""The audit log."""

import json
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from hostbill.core import bulk, clock
from hostbill.core.gathering import note
from hostbill.core.models import Change
from hostbill.core.scope import request_id

#: Columns whose name holds one of these open something, so the log does not have them.
HIDDEN = ("password", "token", "secret")


def _plain(value):
    if isinstance(value, datetime | date | Decimal):
        return str(value)
    return value if isinstance(value, str | int | bool | list | dict | None) else str(value)


def _client_id(obj) -> int | None:
    if obj._meta.label == "clients.Client":
        return obj.pk
    return getattr(obj, "client_id", None)


def _signature(actor) -> dict:
    """Who answers for the act: the colleague where one acts in a client's place, with both names."""
    signer = actor.behind or actor
    label = actor.label if signer.label in actor.label else f"{signer.label} as {actor.label}"
    return {"actor_kind": signer.kind, "actor_id": signer.user_id, "actor_label": label[:200]}


def audit(actor, action: str, obj=None, *, reason="", changes=None) -> None:
    """Record an act in the caller's transaction. Changed fields are found by comparing with the values as loaded."""
    if changes is None:
        changes = obj.changed_fields() if hasattr(obj, "changed_fields") else {}
    fields = {
        name: [_plain(before), _plain(after)]
        for name, (before, after) in changes.items()
        if "." in name or not any(word in name for word in HIDDEN)
    }
    row = {
        "at": clock.now(),
        "action": action,
        **_signature(actor),
        "object_kind": obj._meta.label_lower if obj is not None else "",
        "object_id": obj.pk if obj is not None and isinstance(obj.pk, int) else None,
        "object_label": str(obj)[:250] if obj is not None else "",
        "client_id": _client_id(obj) if obj is not None else None,
        "fields": json.dumps(fields),
        "reason": str(reason),
        "request_id": request_id(),
        "ip": actor.ip,
    }
    note(_write, row)
    if hasattr(obj, "field_values"):
        obj.loaded = obj.field_values()


def audit_many(actor, action: str, acts: list[tuple]) -> None:
    """The same for the same act on many rows of one model: [(row, {column: [before, after]})], in one statement."""
    now, request, signature = clock.now(), request_id(), _signature(actor)
    keys = bulk.reserve(Change, len(acts))
    bulk.insert(
        Change,
        [
            bulk.new(
                Change,
                id=key,
                at=now,
                action=action,
                **signature,
                object_kind=row._meta.label_lower,
                object_id=row.pk,
                object_label=str(row)[:250],
                client_id=_client_id(row),
                fields={name: [_plain(before), _plain(after)] for name, (before, after) in changes.items()},
                request_id=request,
                ip=actor.ip,
            )
            for key, (row, changes) in zip(keys, acts, strict=True)
        ],
    )


def _write(rows: list[dict]) -> None:
    """Without Django's building of a statement that is always the same: every act passes here."""
    columns = ", ".join(rows[0])
    values = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO core_change ({columns}) VALUES {values}",  # noqa: S608
            [value for row in rows for value in row.values()],
        )
