"""Row locks, always in one order, so that two transactions never wait for each other in a circle."""

from django.db import connection, transaction

from hostbill.core import foresight
from hostbill.core.fetch import fetch

#: Lock in this order; several of a kind by id. The outgoing row and the number series come last.
LOCK_ORDER = (
    "clients.Client",
    "billing.Quote",
    "billing.Cart",
    "billing.Account",
    "billing.Order",
    "billing.Subscription",
    "billing.Invoice",
    "billing.Charge",
    "billing.Payment",
    "billing.Refund",
    "provisioning.ServerGroup",
    "provisioning.Server",
    "provisioning.Service",
    "provisioning.Operation",
    "support.Ticket",
    "core.Outgoing",
    "core.Sequence",
)
_RANK = {label: rank for rank, label in enumerate(LOCK_ORDER)}


class LockOrderError(RuntimeError):
    """Code asked for a lock that comes before one it already holds."""


def joined():
    """`atomic()` without a savepoint of its own inside a transaction: an exception that leaves the block ends that as a whole.
    For use cases whose callers do not go on after a refusal."""
    blocks = connection.atomic_blocks
    return transaction.atomic(savepoint=not blocks or blocks[-1]._from_testcase)


def _transaction():
    """Names the transaction, in tests the part of one that stands for it. Not the Atomic object: a decorator uses one and
    the same for every call. Django makes a new list of hooks at each commit and rollback, also of a savepoint."""
    outside = [sid for sid in connection.savepoint_ids if sid]
    is_test = connection.atomic_blocks[0]._from_testcase
    return connection.run_on_commit, outside[0] if is_test and outside else None


def _held() -> dict:
    """What this transaction has locked: (model, key) -> the newest instance.

    Empty again after a rollback to a savepoint: what was read before it may have been changed and be wrong now."""
    hooks, name = _transaction()
    known_hooks, known_name, rows = getattr(connection, "hostbill_held", (None, None, {}))
    if hooks is not known_hooks or name != known_name:
        rows = {}
        connection.hostbill_held = (hooks, name, rows)
    return rows


def _check(model) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock() belongs in a transaction")
    rank = _RANK.get(model._meta.label)
    if rank is None or foresight.current():  # one transaction for what will be hundreds
        return
    held = _held()
    if rank < held.get("rank", -1):
        raise LockOrderError(f"{model._meta.label} must be locked before {LOCK_ORDER[held['rank']]}")
    held["rank"] = rank


def lock(row):
    """SELECT ... FOR UPDATE of one row; returns it fresh. Raises outside a transaction and out of order.

    The newest instance that came from here in this transaction is locked and fresh: it is returned as it is."""
    # Not type(row): request.user is a lazy wrapper.
    model = row._meta.model
    if connection.in_atomic_block and _held().get((model, row.pk)) is row:
        return row
    _check(model)
    return _hold(fetch(model, row.pk, lock="wait"))


def lock_by(model, field: str, key):
    """The same for the row whose unique field is the key. Raises model.DoesNotExist."""
    _check(model)
    return _hold(fetch(model, key, by=field, lock="wait"))


def _hold(row):
    _held()[row._meta.model, row.pk] = row
    return row


def changed_beside(row) -> None:
    """The row was changed by a statement of its own: the next lock() of any instance reads it again."""
    _held().pop((row._meta.model, row.pk), None)


def lock_all(queryset, *, no_key: bool = False) -> list:
    """Lock several rows of a kind, by id. `no_key`: who only writes rows that refer to them need not wait."""
    _check(queryset.model)
    return [_hold(row) for row in queryset.select_for_update(of=("self",), no_key=no_key).order_by("pk")]
