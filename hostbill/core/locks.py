"""Row locks, always in one order, so that two transactions never wait for each other in a circle."""

from django.db import connection, transaction

from hostbill.core.fetch import fetch

#: Lock in this order; several of a kind by id. The outgoing row and the number series come last.
LOCK_ORDER = (
    "clients.Client",
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


def _outermost():
    """The outermost atomic block that is not a test's own wrapper: locks last until it ends."""
    return next((block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)), None)


def _check(model) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock() belongs in a transaction")
    rank = _RANK.get(model._meta.label)
    if rank is None:
        return
    block = _outermost()
    last_block, held = getattr(connection, "hostbill_locks", (None, -1))
    if block is last_block and rank < held:
        raise LockOrderError(f"{model._meta.label} must be locked before {LOCK_ORDER[held]}")
    connection.hostbill_locks = (block, rank)


def lock(row):
    """SELECT ... FOR UPDATE of one row; returns it fresh. Raises outside a transaction and out of order.

    A row that came from here in a block that is still open is locked and fresh: it is returned as it is."""
    # Not type(row): request.user is a lazy wrapper.
    model = row._meta.model
    if any(block is getattr(row, "locked_in", None) for block in connection.atomic_blocks):
        return row
    _check(model)
    fresh = fetch(model, row.pk, lock="wait")
    fresh.locked_in = connection.atomic_blocks[-1]
    return fresh


def changed_beside(row) -> None:
    """The locked row was changed by a statement of its own: the next lock() reads it again."""
    row.locked_in = None


def lock_all(queryset) -> list:
    """Lock several rows of a kind, by id."""
    _check(queryset.model)
    found = list(queryset.select_for_update(of=("self",)).order_by("pk"))
    for row in found:
        row.locked_in = connection.atomic_blocks[-1]
    return found
