"""Servers and groups: made and changed by staff, tested, found full or refusing."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock, modules, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.models import ModuleConfig
from provisioning.actions.placement import announce_room, lock_servers
from provisioning.events import ServerStopped
from provisioning.models import Server, ServerGroup, Service
from provisioning.panels.base import TestResult


def create_group(*, actor, **fields) -> ServerGroup:
    """A new group of servers."""
    with transaction.atomic():
        group = ServerGroup.objects.create(**fields)
        audit(actor, "provisioning.group_created", group)
    return group


def update_group(group: ServerGroup, *, actor, **fields) -> ServerGroup:
    """Change name or fill rule."""
    with transaction.atomic():
        group = lock(group)
        _assign(group, fields)
        audit(actor, "provisioning.group_changed", group)
        group.save()
    return group


def create_server(*, driver: str, connection: dict, actor, first_group: str = "", **fields) -> Server:
    """A server with its panel connection (values of the driver's Config form); `first_group` names a group made for it."""
    with transaction.atomic():
        if first_group:
            fields["group"] = ServerGroup.objects.filter(name=first_group).first() or create_group(name=first_group, actor=actor)
        label = _free_label(fields["name"])
        module = modules.store_values(ModuleConfig(kind="panel", driver=driver, label=label), connection)
        server = Server.objects.create(module_config=module, **fields)
        audit(actor, "provisioning.server_created", server)
        announce_room(server)
    return server


def _free_label(name: str) -> str:
    """Labels of module configurations are unique per kind."""
    taken = set(ModuleConfig.objects.filter(kind="panel").values_list("label", flat=True))
    label, number = name[:110], 2
    while label in taken:
        label, number = f"{name[:110]} {number}", number + 1
    return label


def _hold(server: Server) -> Server:
    """The server's row, locked after its group's, as placing does."""
    return next(row for row in lock_servers(server.group_id, also=server.pk) if row.pk == server.pk)


def update_server(server: Server, *, actor, connection: dict | None = None, **fields) -> Server:
    """Change facts; a changed connection lets a stopped lane go again. More room wakes who waits."""
    with transaction.atomic():
        server = _hold(server)
        had_room = server.has_room
        _assign(server, fields)
        if connection is not None:
            modules.store_values(server.module_config, connection)
            server.stopped_since = None
            outgoing.reopen_lane(server.lane)
        audit(actor, "provisioning.server_changed", server)
        server.save()
        if server.has_room and not had_room:
            announce_room(server)
    return server


def _assign(row, fields: dict) -> None:
    for name, value in fields.items():
        setattr(row, name, value)


def delete_server(server: Server, *, actor) -> None:
    """Only a server that never had an account; AppError "in_use"."""
    with transaction.atomic():
        server = lock(server)
        if Service.objects.filter(server=server).exists() or server.operations.exists():
            raise AppError(_("Services belong to this server, so it stays. Close it for new accounts instead."), code="in_use")
        audit(actor, "provisioning.server_deleted", server)
        module = server.module_config
        server.delete()
        module.delete()


def reopen_server(server: Server, *, actor) -> Server:
    """Staff mended the access: calls go again."""
    with transaction.atomic():
        server = _hold(server)
        server.stopped_since, server.full_since = None, None
        server.save(update_fields=["stopped_since", "full_since"])
        outgoing.reopen_lane(server.lane)
        audit(actor, "provisioning.server_reopened", server)
        announce_room(server)
    return server


def test_server(server: Server, *, actor=SYSTEM) -> TestResult:
    """Ask the panel (network, no transaction), then store what it said. Raises DriverError or OutcomeUnknown."""
    try:
        result = modules.test_connection(server.module_config)
    except (DriverError, OutcomeUnknown) as error:
        with transaction.atomic():
            server = lock(server)
            if getattr(error, "stop_lane", False):
                note_refused_access(server, error.message)
            else:
                note_unreachable(server, error.message)
        raise
    _store_test(server, result)
    return result


def _store_test(server: Server, result: TestResult) -> None:
    with transaction.atomic():
        server = _hold(server)
        was_stopped = server.stopped_since is not None
        server.record_ok(result.version)
        server.missing_rights = list(result.missing_rights)
        if result.missing_rights:
            server.record_problem(_("Missing rights: %(rights)s") % {"rights": ", ".join(result.missing_rights)})
        room = result.max_accounts is None or result.account_count < result.max_accounts
        freed = bool(server.full_since) and room
        if room:
            server.full_since = None
        elif server.full_since is None:
            server.full_since = clock.now()
        server.save()
        if was_stopped:
            outgoing.reopen_lane(server.lane)
        if freed or was_stopped:
            announce_room(server)


def note_refused_access(server: Server, message: str) -> None:
    """Our credentials were refused: core stopped the lane, staff are told once. The caller holds the server's lock."""
    server.record_problem(message)
    if server.stopped_since is None:
        server.stopped_since = clock.now()
        audit(SYSTEM, "provisioning.server_stopped", server, reason=message)
        emit(ServerStopped(server.pk))
    server.save()


def note_well(server: Server) -> None:
    """A call went well. While all is well this is written once a minute, because every order passes here."""
    fresh = server.last_ok_at is not None and server.last_ok_at > clock.now() - timedelta(minutes=1)
    if fresh and server.health == "well" and server.stopped_since is None:
        return
    with transaction.atomic():
        server = lock(server)
        server.record_ok()
        server.save(update_fields=["health", "last_ok_at", "last_error", "stopped_since", "version"])


def note_unreachable(server: Server | None, message: str) -> None:
    """A call reached nobody. The caller holds the server's lock."""
    if server is not None:
        server.record_problem(message)
        server.save()
