"""A service goes over to an account that a technician moved to another server: looked up there first, then switched.

Panels move accounts with tools of their own (WHM's transfer tool, Plesk Migrator), which their APIs do not give to a billing
system. So nothing is copied here: our record follows what was moved, and the old account stays until somebody deletes it."""

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.locks import lock
from provisioning.actions.operation import request_operation
from provisioning.actions.placement import lock_servers
from provisioning.models import Drift, FormerAccount, Operation, Server, Service


def relocate_service(service: Service, *, server: Server, username: str, tell: bool, reason: str, actor) -> Operation:
    """Ask the other server for the account; the switch follows only when it is there with this user name and the service's
    domain. `tell`: the client gets a mail when addresses change.

    AppError: "no_account", "busy", "same_server", "stopped", "full", "taken"."""
    with transaction.atomic():
        servers = lock_servers(server.group_id, also=service.server_id)
        service = lock(service)
        if not service.has_account:
            raise AppError(_("There is no account on a server yet."), code="no_account")
        target = next(row for row in servers if row.pk == server.pk)
        _check_target(service, target, username)
        params = {"username": username, "tell": tell}
        return request_operation(service, "relocate", actor=actor, params=params, reason=reason[:200], server=target)


def _check_target(service: Service, target: Server, username: str) -> None:
    if target.pk == service.server_id:
        raise AppError(_("It is on this server already."), code="same_server", field="server")
    if target.stopped_since:
        raise AppError(
            _("%(server)s refuses our login, so nobody can look there. Mend it first.") % {"server": target},
            code="stopped", field="server",
        )  # fmt: skip
    if Service.objects.filter(server=target, username=username).exclude(state="terminated").exists():
        raise AppError(_("This account belongs to another service."), code="taken", field="username")
    if not (_is_counted(target, username) or _takes_one(target)):
        raise AppError(_("There is no room on %(server)s.") % {"server": target}, code="full", field="server")


def _is_counted(server: Server, username: str) -> bool:
    """The nightly comparison has seen the moved account there, so its count holds it already."""
    return server.drifts.standing().filter(kind="stranger", username=username).exists()


def _takes_one(server: Server) -> bool:
    """Room for one more; whether the server takes new accounts by itself does not matter to a move by hand."""
    return server.max_accounts is None or server.account_count < server.max_accounts


def go_over(service: Service, operation: Operation, servers: list[Server], answer: dict, plans: list[str]) -> None:
    """The account is there: the service is on the other server from now on. Caller holds servers, service and operation.

    `plans` are the other group's; a plan that is not among them cannot be asked for there, so the account's own is kept."""
    target = next(row for row in servers if row.pk == operation.server_id)
    username = operation.params["username"]
    _leave_behind(service)
    if not _is_counted(target, username):
        target.account_count += 1
        target.save(update_fields=["account_count"])
    _close_differences(service, target, username)
    if answer["plan"] and answer["plan"] != service.wanted_plan and service.wanted_plan not in plans:
        service.plan_override = answer["plan"][:120]
    service.server, service.group_id, service.holds_slot = target, target.group_id, True
    service.username, service.remote_id = username, str(answer["remote_id"])[:120]
    service.plan, service.bears_id = str(answer["plan"] or service.plan)[:120], bool(answer["bears_id"])
    service.attention = _difference(service, answer)
    service.save()


def _leave_behind(service: Service) -> None:
    """The old account keeps its place in its server's count: it is still there."""
    FormerAccount.objects.get_or_create(
        server_id=service.server_id,
        username=service.username,
        removed_at=None,
        defaults={
            "service": service,
            "domain": service.domain,
            "remote_id": service.remote_id,
            "bears_id": service.bears_id,
            "left_at": clock.now(),
        },
    )


def _close_differences(service: Service, target: Server, username: str) -> None:
    """What differed on the old server concerns nobody; the stranger on the new one is known now. Moved back, the account that
    was left behind is in use again."""
    now = clock.now()
    service.drifts.standing().update(resolved_at=now)
    Drift.objects.standing().filter(server=target, username=username, kind="stranger").update(resolved_at=now)
    FormerAccount.objects.standing().filter(server=target, username=username).update(removed_at=now, updated_at=now)


def _difference(service: Service, answer: dict) -> str:
    if answer["suspended"] and service.state == "live":
        return _("Suspended on the server, but not by us: %(reason)s") % {"reason": answer.get("reason", "")}
    return ""


def suspend_there(operation: Operation) -> Operation | None:
    """After a move of a suspended service whose account runs on the new server: suspend it there, once."""
    with transaction.atomic():
        service = lock(operation.service)
        if not operation.params.get("suspend_there") or service.state != "suspended" or service.open_operation:
            return None
        return request_operation(service, "suspend", reason=service.suspend_reason)


def remove_former(former: FormerAccount, *, actor) -> Operation:
    """Delete on its server what a move left behind. A missing account counts as gone; one that serves another domain is not
    touched. AppError: "gone", "busy", "in_use"."""
    with transaction.atomic():
        lock_servers(None, also=former.server_id)
        service = lock(former.service)
        former = lock(former)
        if former.removed_at:
            raise AppError(_("It is gone already."), code="gone")
        in_use = Service.objects.filter(server_id=former.server_id, username=former.username).exclude(state="terminated")
        if in_use.exists():
            raise AppError(_("This account is in use."), code="in_use")
        params = {"former": former.pk, "username": former.username, "domain": former.domain, "bears_id": former.bears_id}
        return request_operation(
            service, "remove_old", actor=actor, params=params | {"remote_id": former.remote_id}, server=former.server
        )
