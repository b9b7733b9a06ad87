"""Operations: asked for, begun, tried, retried, cancelled. Settling is in settlement.py."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError, OutcomeUnknown
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.states import transition
from provisioning.events import OperationInDoubt, OperationSettled
from provisioning.models import Operation, OperationAttempt, Service
from provisioning.queries.wanted import pointless, wanted, why_suspended

KIND = "provisioning.operation"
#: So long a panel may work on a call whose caller is gone.
LONGEST_CALL = timedelta(minutes=10)
#: Failures that time may mend: the nightly run asks again.
PASSING = {"unreachable", "server_error", "bad_answer", "busy", "gave_up", "not_applied", "auth", "licence"}


def request_operation(service, verb: str, *, actor=SYSTEM, params=None, password="", reason="", server=None) -> Operation:
    """Write the wish and its outgoing row. The caller holds the service's lock; AppError "busy" when one is open.

    A suspension's ``reason`` defaults to billing's own words. ``server``: for verbs that are done elsewhere."""
    if service.open_operation:
        raise AppError(_("Another operation of this service is under way. Wait until it is done."), code="busy")
    operation = Operation.objects.create(
        service=service,
        server=server or service.server,
        verb=verb,
        params=params or {},
        password=password,
        reason=reason or (why_suspended(service) if verb == "suspend" else ""),
        requested_by=actor.label[:120],
    )
    queue(operation)
    audit(actor, f"provisioning.{verb}_requested", service, reason=operation.reason)
    return operation


def queue(operation: Operation) -> None:
    """The outgoing row of the operation's current round, on its server's lane."""
    outgoing.queue(KIND, operation.pk, key=operation.key, lane=operation.server.lane)


def begin(operation_id: int, key: str, step: str) -> tuple[Operation, OperationAttempt] | None:
    """Just before a call: the operation as it is now with the record of this try, or None when it is no longer to be done.

    Looks at what is wanted once more, so that a suspension queued before the payment never reaches the panel."""
    with transaction.atomic():
        service = lock(Service(pk=Operation.objects.values_list("service_id", flat=True).get(pk=operation_id)))
        operation = lock(Operation(pk=operation_id))
        operation.service = service
        if not operation.is_open or operation.key != key:
            return None
        if pointless(operation, wanted(service)) and can_cancel(operation):
            withdraw(operation, service, SYSTEM)
            return None
        if operation.intent_at is None:
            operation.intent_at = clock.real_now()
        operation.running_at = operation.running_at or clock.now()
        operation.next_try_at = None
        if operation.state != "unknown":
            operation.state = "running"
        operation.save(update_fields=["intent_at", "running_at", "next_try_at", "state"])
        return operation, _begin_attempt(operation, step)


def _begin_attempt(operation: Operation, step: str) -> OperationAttempt:
    """On record before anything is sent: a call during which its worker died is in doubt, and not forgotten."""
    earlier = list(operation.attempts.order_by("number").values_list("number", "outcome"))
    if any(outcome == "running" for _number, outcome in earlier):
        dead = operation.attempts.filter(outcome="running")
        words = _("The program ended during this call.")
        dead.filter(step="send").update(outcome="unknown", message=words)
        dead.filter(step="look_up").update(outcome="retry", message=words)
    return OperationAttempt.objects.create(
        operation=operation,
        server_id=operation.server_id,
        number=earlier[-1][0] + 1 if earlier else 1,
        step=step,
        outcome="running",
        started_at=clock.now(),
    )


def end_attempt(attempt: OperationAttempt, *, outcome, message, exchange, ms) -> None:
    """Keep what was said and how it ended. The exchange comes redacted from the transport."""
    OperationAttempt.objects.filter(pk=attempt.pk).update(
        outcome=outcome, message=message[:2000], exchange=exchange, ms=ms
    )


def may_be_at_work(operation: Operation) -> bool:
    """Whether a call of which we know no end was sent lately: the server may still be doing it, seen by nobody."""
    in_doubt = operation.attempts.filter(step="send", outcome="unknown")
    return in_doubt.filter(started_at__gt=clock.now() - LONGEST_CALL).exists()


def note_try(operation: Operation, error: Exception, next_try_at) -> Operation:
    """A try failed and another follows; called in core's transaction. Caller holds the operation's lock."""
    lost = isinstance(error, OutcomeUnknown)
    last = operation.attempts.order_by("-number").first()
    looking = operation.state == "unknown" and last is not None and last.step == "look_up"
    operation.state = "unknown" if lost or looking else "queued"
    operation.error, operation.error_code = str(error)[:2000], getattr(error, "code", "") or ""
    operation.next_try_at = next_try_at
    operation.save()
    return operation


def cancel_operation(operation: Operation, *, actor, reason="") -> Operation:
    """Take the wish back while nothing can have happened on the panel. AppError "too_late"."""
    with transaction.atomic():
        service = lock(operation.service)
        operation = lock(operation)
        operation.service = service
        if not can_cancel(operation):
            raise AppError(_("The panel may already have done it, so it cannot be taken back."), code="too_late")
        service.cancelled_setup = operation.verb == "create"
        service.save(update_fields=["cancelled_setup"])
        withdraw(operation, service, actor, str(reason))
    return operation


def withdraw(operation: Operation, service: Service, actor, reason="") -> None:
    """Cancel a wish that never reached the panel. The caller holds both locks and asked can_cancel()."""
    note = reason or _("No longer wanted.")
    transition(operation, "cancelled", note=note[:500], error="", next_try_at=None)
    if operation.verb == "create" and service.state == "setting_up":
        transition(service, "waiting", wait_reason="" if service.cancelled_setup else "payment")
    audit(actor, "provisioning.operation_cancelled", operation, reason=note)
    emit(OperationSettled(operation.pk))


def can_cancel(operation: Operation) -> bool:
    """Queued, and no earlier try may have worked."""
    return operation.state == "queued" and not operation.attempts.filter(outcome="unknown").exists()


def retry_operation(operation: Operation, *, actor) -> Operation:
    """Staff's "Try now": brings the next try forward, or asks anew for one that failed."""
    with transaction.atomic():
        service = lock(operation.service)
        operation = lock(operation)
        operation.service = service
        if operation.is_open:
            row = outgoing.Outgoing.objects.filter(kind=KIND, key=operation.key).first()
            if row is None:
                queue(operation)
            else:
                outgoing.retry(row)
            audit(actor, "provisioning.operation_retried", operation)
            return operation
        if operation.state != "failed":
            raise AppError(_("Only a failed operation can be tried again."), code="not_failed")
        return _ask_again(operation, service, actor)


def _ask_again(operation: Operation, service: Service, actor) -> Operation:
    if service.open_operation:
        raise AppError(_("Another operation of this service is under way. Wait until it is done."), code="busy")
    if operation.verb == "create" and service.state == "review" and not service.live_at:
        if service.server is None:
            transition(service, "waiting", attention="")
            emit(OperationSettled(operation.pk))
            return operation
        # The product may have been corrected since.
        transition(service, "setting_up", attention="", plan=service.wanted_plan or service.plan)
    params = {**operation.params, "plan": service.plan} if operation.verb == "create" else operation.params
    again = Operation.objects.create(
        service=service,
        server=operation.server if operation.is_elsewhere else service.server,
        verb=operation.verb,
        params=params,
        password=operation.password,
        reason=operation.reason,
        requested_by=actor.label[:120],
        usernames_tried=[],
        # An account that the failed tries may have made is still ours to adopt.
        intent_at=operation.intent_at,
    )
    queue(again)
    audit(actor, "provisioning.operation_retried", again)
    return again


def note_doubt(operation: Operation) -> bool:
    """Mark the service and tell staff, once per operation. False when it was told or is known by now."""
    with transaction.atomic():
        service = lock(operation.service)
        operation = lock(operation)
        if operation.state != "unknown" or operation.params.get("told"):
            return False
        operation.params = {**operation.params, "told": True}
        operation.save(update_fields=["params"])
        service.attention = _("Unknown whether “%(verb)s” was done on the server.") % {
            "verb": operation.get_verb_display()
        }
        service.save(update_fields=["attention"])
        emit(OperationInDoubt(operation.pk))
    return True
