"""How an operation ends: what the answer changes, and what each refusal leads to."""

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.states import can, transition
from provisioning.actions.operation import queue
from provisioning.actions.placement import (
    announce_room,
    lock_servers,
    mark_full,
    note_full,
    pick_server,
    release,
    release_quietly,
    reserve,
)
from provisioning.actions.reconcile import end_drifts
from provisioning.actions.relocation import go_over
from provisioning.actions.server import note_refused_access
from provisioning.events import (
    OperationFailed,
    OperationSettled,
    ServiceReady,
    ServiceRelocated,
    ServiceResumed,
    ServiceSuspended,
    ServiceTerminated,
)
from provisioning.models import FormerAccount, Operation, Server, Service
from provisioning.options import MAIL_PASSWORD
from provisioning.queries.names import new_password, new_username

MAX_NAMES = 5
MAX_ROUNDS = 12


class Hand:
    """The rows of one settlement, locked in order: servers, service, operation.

    When the panel `confirmed`, a slot is given back only by the end of an account: else the servers need not stand still."""

    def __init__(self, operation_id: int, *, confirmed: bool = False):
        peek = Operation.objects.select_related("service", "server").get(pk=operation_id)
        service_id, counts = peek.service_id, peek.is_elsewhere or peek.verb == "terminate"
        self.servers = self._lock_servers(peek) if counts or not confirmed else []
        self.service: Service = lock(Service(pk=service_id))
        self.operation: Operation = lock(Operation(pk=operation_id))
        self.operation.service = self.service

    @staticmethod
    def _lock_servers(peek: Operation) -> list[Server]:
        """Those whose slots the end of the operation may touch."""
        if peek.verb == "remove_old":
            return lock_servers(None, also=peek.server_id)
        if peek.verb == "relocate":
            return lock_servers(peek.server.group_id, also=peek.service.server_id)
        return lock_servers(peek.service.group_id, also=peek.service.server_id)

    @property
    def server(self) -> Server | None:
        """The locked row of the server that is called."""
        called = self.operation.server_id if self.operation.is_elsewhere else self.service.server_id
        return next((server for server in self.servers if server.pk == called), None)


def settle_done(operation_id: int, key: str, answer: dict, *, actor=SYSTEM) -> None:
    """The panel confirmed. Nothing happens when the operation was settled or moved on meanwhile."""
    hand = Hand(operation_id, confirmed=True)
    operation = hand.operation
    if operation.key != key or operation.state == "cancelled" or operation.state == "done":
        return
    _DONE[operation.verb](hand, answer)
    end_drifts(hand.service, operation.verb)
    transition(operation, "done", error="", error_code="", next_try_at=None, password="", note=answer.get("note", ""))
    audit(actor, f"provisioning.{operation.verb}_done", hand.service, reason=answer.get("note", ""))
    emit(OperationSettled(operation.pk))


def mark_done(operation: Operation, *, reason: str, actor) -> Operation:
    """Staff did it by hand in the panel, or saw that it is done."""
    with transaction.atomic():
        if operation.state in ("done", "cancelled"):
            raise AppError(_("It is settled already."), code="settled")
        if operation.verb == "relocate":
            raise AppError(_("Only the other server can confirm that the account is there."), code="only_by_looking")
        settle_done(operation.pk, operation.key, {"by_hand": True, "note": str(reason)}, actor=actor)
    operation.refresh_from_db()
    return operation


def settle_failed(operation_id: int, key: str, error) -> None:
    """The final refusal (a DriverError). Some have a next step of their own; the rest need a person."""
    hand = Hand(operation_id)
    operation = hand.operation
    if operation.key != key or not operation.is_open:
        return
    operation.error, operation.error_code, operation.error_permanent = str(error)[:2000], error.code, error.permanent
    if error.stop_lane and hand.server is not None:
        note_refused_access(hand.server, error.message)
    remedy = _REMEDIES.get(error.code)
    if operation.round < MAX_ROUNDS and remedy and remedy(hand):
        return
    transition(operation, "failed", error=operation.error, error_code=error.code, error_permanent=True, next_try_at=None)
    _after_failure(hand)
    audit(SYSTEM, f"provisioning.{operation.verb}_failed", hand.service, reason=error.message)
    emit(OperationFailed(operation.pk))
    emit(OperationSettled(operation.pk))


def _after_failure(hand: Hand) -> None:
    service, operation = hand.service, hand.operation
    service.attention = attention_words(operation)
    if operation.error_code == "suspended_elsewhere":
        service.suspended_elsewhere = operation.error[:200]
    wrong_account = operation.verb == "terminate" and operation.error_code == "domain_mismatch"
    if (operation.verb == "create" or wrong_account) and can(service, "review"):
        transition(service, "review", attention=service.attention)
    else:
        service.save(update_fields=["attention", "suspended_elsewhere"])


def attention_words(operation: Operation) -> str:
    """One sentence for staff: what failed and why."""
    words = {
        "domain_taken": _("The domain is already on the server under another account."),
        "plan_missing": _("The panel has no plan called “%(plan)s”: correct the product or the panel.")
        % {"plan": operation.params.get("plan") or operation.service.plan},
        "domain_mismatch": _("The account on the server serves another domain, so nothing was touched."),
        "suspended_elsewhere": _("Suspended in the panel by somebody else, so it was not lifted."),
        "missing": _("The account is not on the server any more."),
        "username_taken": _("Five user names were tried and all are taken."),
        "permission": _("Our panel login lacks a right."),
    }.get(operation.error_code, _("%(verb)s failed.") % {"verb": operation.get_verb_display()})
    if operation.verb == "relocate":
        words = _("Everything stays as it was: %(server)s did not show the account.") % {"server": operation.server}
    said = operation.error.partition("\n")[0]
    return f"{words} {said}"[:2000]


# --- what confirmations change ---------------------------------------------------------------------------------------


def _created(hand: Hand, answer: dict) -> None:
    service = hand.service
    transition(
        service,
        "live",
        live_at=service.live_at or clock.now(),
        remote_id=str(answer.get("remote_id") or service.remote_id)[:120],
        plan=str(answer.get("plan") or service.plan)[:120],
        password=service.password if MAIL_PASSWORD.value else "",
        attention="",
        wait_reason="",
    )
    emit(ServiceReady(service.pk))


def _suspended(hand: Hand, answer: dict) -> None:
    service = hand.service
    service.suspend_reason, service.attention = hand.operation.reason, ""
    service.save()
    if service.state != "suspended":
        transition(service, "suspended")
        emit(ServiceSuspended(service.pk))


def _resumed(hand: Hand, answer: dict) -> None:
    service = hand.service
    service.suspend_reason, service.suspended_elsewhere, service.attention = "", "", ""
    service.save()
    if service.state != "live":
        transition(service, "live", live_at=service.live_at or clock.now())
        emit(ServiceResumed(service.pk))


def _terminated(hand: Hand, answer: dict) -> None:
    service = hand.service
    if hand.server is not None:
        release(service, hand.server)
    service.attention, service.password = "", ""
    service.save()
    if service.state != "terminated":  # else an account that outlived its service was removed
        transition(service, "terminated")
        emit(ServiceTerminated(service.pk))


def _relocated(hand: Hand, answer: dict) -> None:
    go_over(hand.service, hand.operation, hand.servers, answer, answer.get("plans", []))
    if hand.service.state == "suspended" and not answer["suspended"]:
        hand.operation.params = {**hand.operation.params, "suspend_there": True}
        hand.operation.save(update_fields=["params"])
    emit(ServiceRelocated(hand.service.pk, hand.operation.pk))


def _old_removed(hand: Hand, answer: dict) -> None:
    now = clock.now()
    FormerAccount.objects.filter(pk=hand.operation.params["former"]).update(removed_at=now, updated_at=now)
    server = hand.server
    server.account_count, server.full_since = max(0, server.account_count - 1), None
    server.save(update_fields=["account_count", "full_since"])
    announce_room(server)
    hand.service.attention = ""
    hand.service.save(update_fields=["attention"])


def _plan_changed(hand: Hand, answer: dict) -> None:
    hand.service.plan, hand.service.attention = hand.operation.params["plan"], ""
    hand.service.limits = hand.operation.params.get("limits", {})
    hand.service.save()


def _password_set(hand: Hand, answer: dict) -> None:
    hand.service.attention = ""
    hand.service.save()


def _synced(hand: Hand, answer: dict) -> None:
    """The panel's own view, stored for the page; differences are told, not mended."""
    service = hand.service
    service.plan = str(answer.get("plan") or service.plan)[:120]
    service.remote_id = str(answer.get("remote_id") or service.remote_id)[:120]
    suspended = bool(answer.get("suspended"))
    service.attention = ""
    if suspended and service.state == "live":
        service.attention = _("Suspended on the server, but not by us: %(reason)s") % {"reason": answer.get("reason", "")}
    elif not suspended and service.state == "suspended":
        service.attention = _("Online on the server, though it should be suspended.")
    service.save()


_DONE = {
    "create": _created,
    "suspend": _suspended,
    "resume": _resumed,
    "terminate": _terminated,
    "change_plan": _plan_changed,
    "set_password": _password_set,
    "sync": _synced,
    "relocate": _relocated,
    "remove_old": _old_removed,
}


# --- what refusals lead to; each returns True when it found a way on ---------------------------------------------------


def _again(hand: Hand, note: str) -> bool:
    """Another round: a new outgoing row, with nothing of the old round in doubt."""
    operation = hand.operation
    operation.round += 1
    operation.server = hand.service.server
    operation.state, operation.note, operation.next_try_at = "queued", note[:500], None
    operation.intent_at = None
    operation.save()
    queue(operation)
    return True


def _other_name(hand: Hand) -> bool:
    service, operation = hand.service, hand.operation
    if operation.verb != "create":
        return False
    operation.usernames_tried = [*operation.usernames_tried, service.username]
    if len(operation.usernames_tried) >= MAX_NAMES:
        return False
    service.username = new_username(service.domain, operation.usernames_tried)
    service.save(update_fields=["username"])
    return _again(hand, _("The user name was taken, so another is tried."))


def _next_server(hand: Hand) -> bool:
    """The server takes no more: the next of the group, else wait for a slot."""
    service, operation = hand.service, hand.operation
    if operation.verb != "create" or hand.server is None:
        return False
    full = hand.server
    release_quietly(service, full)
    mark_full(full)
    return move_on(hand, {full.pk}) or _wait_for_room(hand)


def move_on(hand: Hand, without: set[int]) -> bool:
    """Put the create on the group's next server; False when there is none."""
    service = hand.service
    target = pick_server(hand.servers, service.group.fill, without=without) if service.group_id else None
    if target is None:
        return False
    left = service.server
    reserve(service, target)
    service.save()
    return _again(hand, _("Moved from %(old)s to %(new)s.") % {"old": left, "new": target})


def _wait_for_room(hand: Hand) -> bool:
    """All servers are full: the service waits and goes on by itself when a slot frees."""
    operation, service = hand.operation, hand.service
    transition(operation, "cancelled", note=_("All servers of the group are full."), next_try_at=None)
    service.server = None
    service.save()
    transition(service, "waiting", wait_reason="servers_full")
    note_full(service.group_id)
    emit(OperationSettled(operation.pk))
    return True


def _stronger_password(hand: Hand) -> bool:
    operation = hand.operation
    if operation.verb not in ("create", "set_password") or operation.params.get("stronger"):
        return False
    operation.params = {**operation.params, "stronger": True}
    if operation.verb == "set_password":
        return False  # the person chose it: let them choose another
    hand.service.password = new_password(28)
    hand.service.save(update_fields=["password"])
    return _again(hand, _("The panel wanted a stronger password."))


_REMEDIES = {
    "username_taken": _other_name,
    "bad_username": _other_name,
    "server_full": _next_server,
    "weak_password": _stronger_password,
}
