"""An act sent twice is done once: its key and its answer are written in the transaction of the act.

A twin that comes meanwhile waits at the unique key until the first one is done, and gets its answer. When the first is
refused or dies, nothing of it stays, so the twin is the first.
"""

import hashlib
import json
from collections.abc import Callable

from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.api.limits import who
from hostbill.core.api.problems import Problem
from hostbill.core.models import IdempotencyKey
from hostbill.core.models.idempotency import KEPT

MOST_KEY = 255
#: What is repeated beside the body.
REPEATED = ("Location", "ETag")


def once(request, data: dict, act: Callable[[], HttpResponse]) -> HttpResponse:
    """``act()`` in a transaction; with an ``Idempotency-Key`` header its answer is kept and repeated."""
    return once_with(request, request.headers.get("Idempotency-Key"), data, act)


def once_with(request, key: str | None, data: dict, act: Callable[[], HttpResponse]) -> HttpResponse:
    """The same with the key given, None for none."""
    if key is None:
        with transaction.atomic():
            return act()
    if not (0 < len(key) <= MOST_KEY and key.isascii() and key.isprintable()):
        detail = _("An idempotency key has 1 to %(most)d plain characters.") % {"most": MOST_KEY}
        raise Problem(400, "bad_idempotency_key", detail)
    with transaction.atomic():
        row = _claim(request, key, _fingerprint(request, data))
        if row.status is not None:
            return _repeat(row)
        response = act()
        row.status = response.status_code
        row.headers = {name: response[name] for name in REPEATED if name in response}
        row.answer = response.content.decode()
        row.save(update_fields=["status", "headers", "answer"])
        return response


def _fingerprint(request, data: dict) -> str:
    """Of what is asked, whatever the order of its names."""
    whose = str(request.actor.client_ids)  # a person may have a token for each of several accounts
    text = "\n".join([request.method, request.path, whose, json.dumps(data, sort_keys=True, default=str)])
    return hashlib.sha256(text.encode()).hexdigest()


def _own(request, key: str) -> str:
    """The key as it is stored: of one token, or of a person's session. Another token of the same person may not see more by it."""
    return hashlib.sha256(f"{who(request)}\n{key}".encode()).hexdigest()


def _claim(request, key: str, fingerprint: str) -> IdempotencyKey:
    """The key's row: ours to be filled, or that of the act that was done. Raises Problem 409."""
    mine = {"user_id": request.actor.user_id, "key": _own(request, key)}
    IdempotencyKey.objects.filter(**mine, created_at__lt=clock.now() - KEPT).delete()
    try:
        with transaction.atomic():
            _run("SET LOCAL lock_timeout = '10s'")
            row = IdempotencyKey.objects.create(**mine, fingerprint=fingerprint)
    except IntegrityError:
        row = IdempotencyKey.objects.get(**mine)
    except OperationalError as error:
        detail = _("The same request is being worked on.")
        raise Problem(409, "in_progress", detail, headers={"Retry-After": "5"}) from error
    _run("SET LOCAL lock_timeout TO DEFAULT")
    if row.fingerprint != fingerprint:
        detail = _("This idempotency key was used for another request.")
        raise Problem(409, "idempotency_key_reused", detail)
    return row


def _run(statement: str) -> None:
    """How long this transaction waits for others."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _repeat(row: IdempotencyKey) -> HttpResponse:
    headers = row.headers | {"Idempotent-Replayed": "true"}
    return HttpResponse(row.answer, status=row.status, headers=headers, content_type="application/json")
