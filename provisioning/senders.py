"""Panel calls: one outgoing row per round of an operation, on the lane of its server."""

import time
from datetime import timedelta

from hostbill.core import clock, http, modules
from hostbill.core.errors import DriverError, OutcomeUnknown
from hostbill.core.fetch import fetch, relate
from hostbill.core.outgoing import OutgoingKind, register
from provisioning.actions.operation import KIND, begin, end_attempt, may_be_at_work, note_try
from provisioning.actions.placement import release_quietly
from provisioning.actions.server import note_refused_access, note_unreachable, note_well
from provisioning.actions.settlement import Hand, move_on, settle_done, settle_failed
from provisioning.models import Operation, Server
from provisioning.panels.base import AccountRef, CreateAccount, Panel
from provisioning.queries.account import account_ref

SKIPPED = {"skipped": True}
CLOCK_SLACK = timedelta(minutes=5)
#: Refusals that an earlier call of ours may be the reason of; how many seconds until it is looked up again.
TAKEN, LOOK_AGAIN = frozenset({"username_taken", "domain_taken"}), 20
#: After so many tries that reached nobody, a new account goes to another server.
MOVE_AFTER = 2


@register
class OperationSender(OutgoingKind):
    """Sends an operation to its panel; a lost answer is looked up before anything is sent again."""

    kind = KIND

    def send(self, row):
        """One call. The driver says quietly "done" when things already are as wanted."""
        return _talk(row, "send", _SEND)

    def look_up(self, row):
        """Did an earlier call work? Reads the account and compares with the intent."""
        return _talk(row, "look_up", _LOOK)

    def settle(self, row, answer, error):
        """One transaction of core's."""
        if error is not None:
            settle_failed(row.object_id, row.key, error)
        elif not answer.get("skipped"):
            settle_done(row.object_id, row.key, answer)

    def on_retry(self, row, error):
        """Show what happened; after several tries that reached nobody, a new account moves on."""
        hand = Hand(row.object_id)
        if hand.operation.key != row.key or not hand.operation.is_open:
            return
        wait = getattr(error, "retry_after", None) or self.backoff[min(row.attempts, len(self.backoff)) - 1]
        note_try(hand.operation, error, clock.now() + timedelta(seconds=wait))
        if getattr(error, "stop_lane", False) and hand.server:
            note_refused_access(hand.server, error.message)
        elif getattr(error, "code", "") == "unreachable":
            note_unreachable(hand.server, error.message)
            _move_if_down(hand, row)


def _move_if_down(hand: Hand, row) -> None:
    """A create of which surely nothing arrived may go to the next server; in doubt it stays."""
    operation, service = hand.operation, hand.service
    if operation.verb != "create" or row.attempts < MOVE_AFTER or hand.server is None:
        return
    if operation.attempts.filter(outcome="unknown").exists():
        return
    down = hand.server
    others = [server for server in hand.servers if server.has_room and server.health != "problem"]
    if others:
        release_quietly(service, down)
        move_on(hand, {down.pk})


def _talk(row, step: str, functions: dict) -> dict | None:
    """Call the panel and keep the conversation, however it ends. No transaction is open."""
    begun = begin(row.object_id, row.key, step)
    if begun is None:
        return SKIPPED
    operation, attempt = begun
    began = time.monotonic()
    outcome, message, exchanges = "unknown", "", []
    try:
        server = fetch(Server, operation.server_id, "module_config")
        with http.record() as exchanges:
            answer = functions[operation.verb](modules.load(server.module_config), operation)
        outcome = "absent" if answer is None else "done"
        note_well(server)
        return answer
    except OutcomeUnknown as error:
        message = error.message
        raise
    except DriverError as error:
        outcome, message = ("rejected" if error.permanent else "retry"), f"{error.message} [{error.code}]"
        raise
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        raise
    finally:
        took = round((time.monotonic() - began) * 1000)
        end_attempt(attempt, outcome=outcome, message=message, exchange=exchanges, ms=took)


def _remote(account) -> dict:
    return {
        "remote_id": account.remote_id,
        "plan": account.plan,
        "suspended": account.suspended,
        "reason": account.suspend_reason,
    }


def _create(panel: Panel, operation: Operation) -> dict:
    service = operation.service
    email = relate(service, "client").email
    request = CreateAccount(
        username=service.username,
        password=service.password,
        domain=service.domain,
        plan=operation.params.get("plan") or service.plan,
        email=email,
        client_ref=service.client.number,
        created_after=operation.intent_at,
        external_id=str(service.external_id),
        client_name=service.client.name,
    )
    try:
        return _remote(panel.create(request))
    except DriverError as error:
        if error.code in TAKEN and may_be_at_work(operation):
            words = f"{error.message} – perhaps by an earlier call of ours that is still at work"
            raise DriverError(words, permanent=False, code="busy", retry_after=LOOK_AGAIN, technical=error.technical) from error
        raise


def _look_for_created(panel: Panel, operation: Operation) -> dict | None:
    """User name and domain agree, and it bears our id or was made after our wish: ours. Its password is set again,
    since the answer that would have confirmed it was lost."""
    service = operation.service
    ref = account_ref(service)
    account = panel.look_up(ref)
    if account is None:
        return None
    known = account.external_id == ref.external_id
    if not known and not (account.created_at and account.created_at >= operation.intent_at - CLOCK_SLACK):
        raise DriverError("An older account has this user name and domain", permanent=True, code="domain_taken")
    panel.set_password(AccountRef(ref.username, ref.domain, account.remote_id, ref.external_id), service.password)
    return _remote(account) | {"note": "The answer was lost; the account was found and its password set again."}


def _suspend(panel: Panel, operation: Operation) -> dict:
    panel.suspend(account_ref(operation.service), operation.reason)
    return {}


def _resume(panel: Panel, operation: Operation) -> dict:
    panel.resume(account_ref(operation.service), force=bool(operation.params.get("force")))
    return {}


def _terminate(panel: Panel, operation: Operation) -> dict:
    """The driver refuses when the account of this name serves another domain, and counts a missing one as gone."""
    ref = account_ref(operation.service)
    note = "" if panel.look_up(ref) else "There was no such account on the server any more."
    panel.terminate(ref)
    return {"note": note}


def _change_plan(panel: Panel, operation: Operation) -> dict:
    """The plan first: on most panels it resets what was set beside it."""
    ref, limits = account_ref(operation.service), operation.params.get("limits")
    panel.change_plan(ref, operation.params["plan"])
    if limits or operation.service.limits:
        panel.set_limits(ref, limits or {})
    return {}


def _set_password(panel: Panel, operation: Operation) -> dict:
    panel.set_password(account_ref(operation.service), operation.password)
    return {}


def _sync(panel: Panel, operation: Operation) -> dict:
    account = panel.look_up(account_ref(operation.service))
    if account is None:
        raise DriverError("There is no such account on the server", permanent=True, code="missing")
    return _remote(account)


def _relocate(panel: Panel, operation: Operation) -> dict:
    """Reading only: the account as the other server has it, known there by user name and domain (an id of ours came along or
    not), and the plans it could have there."""
    service, username = operation.service, operation.params["username"]
    account = panel.look_up(AccountRef(username, service.domain))
    if account is None:
        words = f"{operation.server.hostname} has no account {username} for {service.domain}"
        raise DriverError(words, permanent=True, code="missing")
    return _remote(account) | {"bears_id": account.external_id == str(service.external_id), "plans": panel.list_plans()}


def _former_ref(operation: Operation) -> AccountRef:
    names = operation.params
    external_id = str(operation.service.external_id) if names["bears_id"] else ""
    return AccountRef(names["username"], names["domain"], names["remote_id"], external_id)


def _remove_old(panel: Panel, operation: Operation) -> dict:
    panel.terminate(_former_ref(operation))
    return {}


def _look_old_removed(panel: Panel, operation: Operation) -> dict | None:
    return None if panel.look_up(_former_ref(operation)) else {}


def _found(panel: Panel, operation: Operation):
    """The account, or DriverError "missing"."""
    account = panel.look_up(account_ref(operation.service))
    if account is None:
        raise DriverError("The account is not on the server", permanent=True, code="missing")
    return account


def _look_suspended(panel, operation):
    return {} if _found(panel, operation).suspended else None


def _look_resumed(panel, operation):
    return None if _found(panel, operation).suspended else {}


def _look_terminated(panel, operation):
    """Gone, or not: the driver then checks the domain once more before it deletes anything."""
    return None if panel.look_up(account_ref(operation.service)) else {}


def _look_plan(panel, operation):
    """Limits cannot be told from the plan's own, and setting them again does no harm."""
    if operation.params.get("limits") or operation.service.limits:
        return None
    return {} if _found(panel, operation).plan == operation.params["plan"] else None


def _nothing_to_see(panel, operation):
    """A password cannot be read, and setting the same one again does no harm; reading changes nothing at all."""
    return None


_SEND = {
    "create": _create,
    "suspend": _suspend,
    "resume": _resume,
    "terminate": _terminate,
    "change_plan": _change_plan,
    "set_password": _set_password,
    "sync": _sync,
    "relocate": _relocate,
    "remove_old": _remove_old,
}
_LOOK = {
    "create": _look_for_created,
    "suspend": _look_suspended,
    "resume": _look_resumed,
    "terminate": _look_terminated,
    "change_plan": _look_plan,
    "set_password": _nothing_to_see,
    "sync": _nothing_to_see,
    "relocate": _nothing_to_see,
    "remove_old": _look_old_removed,
}
