"""Which server a new account goes to. A slot is counted in the transaction that assigns the server."""

from hostbill.core import clock
from hostbill.core.events import emit
from hostbill.core.locks import lock, lock_all
from hostbill.core.models import Lane
from provisioning.events import ServersFull, SlotFreed
from provisioning.models import Server, ServerGroup, Service


def lock_servers(group_id: int | None, also: int | None = None) -> list[Server]:
    """Lock the group and its servers (and one more), before the service: see core.locks. Caller has a transaction."""
    group = lock(ServerGroup(pk=group_id)) if group_id is not None else None
    rows = Server.objects.filter(group_id=group_id) if group_id is not None else Server.objects.none()
    if also is not None:
        rows = rows | Server.objects.filter(pk=also)
    servers = lock_all(rows.order_by())
    for server in servers:
        if server.group_id == group_id:
            server.group = group
    return servers


def pick_server(servers: list[Server], fill: str, *, without: set[int] = frozenset()) -> Server | None:
    """The locked server the rule wants next; one that answers badly only when no other has room."""
    free = [server for server in servers if server.has_room and server.pk not in without]
    resting = _resting_lanes(free)
    free.sort(key=lambda server: (server.health == "problem" or server.lane in resting, *_order(server, fill)))
    return free[0] if free else None


def _order(server: Server, fill: str) -> tuple:
    """Fill first: as sorted. Least full: by share of the limit, in ten-thousandths; no limit counts as empty."""
    if fill == "fill_first":
        return (server.sort, server.pk)
    share = server.account_count * 10000 // server.max_accounts if server.max_accounts else 0
    return (share, server.account_count, server.sort, server.pk)


def _resting_lanes(servers: list[Server]) -> set[str]:
    """Lanes whose circuit is open: the server did not answer a moment ago."""
    names = [server.lane for server in servers]
    return set(Lane.objects.filter(name__in=names, open_until__gt=clock.now()).values_list("name", flat=True))


def reserve(service: Service, server: Server) -> None:
    """Give the locked service a slot on the locked server; does not save the service."""
    server.account_count += 1
    server.save(update_fields=["account_count"])
    service.server, service.holds_slot = server, True


def release(service: Service, server: Server) -> None:
    """Give the slot back and wake who waits for one; does not save the service."""
    if service.holds_slot:
        server.account_count = max(0, server.account_count - 1)
        server.full_since = None
        server.save(update_fields=["account_count", "full_since"])
        announce_room(server)
    service.holds_slot = False


def release_quietly(service: Service, server: Server) -> None:
    """Give the slot back without waking anybody: there is no room on this server."""
    if service.holds_slot:
        server.account_count = max(0, server.account_count - 1)
        server.save(update_fields=["account_count"])
    service.holds_slot = False


def announce_room(server: Server) -> None:
    """There is room again: whoever waits may go on, and the next shortage is news again."""
    ServerGroup.objects.filter(pk=server.group_id).update(full_alerted_at=None)
    emit(SlotFreed(server.pk))


def note_full(group_id: int) -> None:
    """Staff are told once per shortage. Caller holds the group's lock."""
    told = ServerGroup.objects.filter(pk=group_id, full_alerted_at__isnull=True).update(full_alerted_at=clock.now())
    if told:
        emit(ServersFull(group_id))


def mark_full(server: Server) -> None:
    """The panel says that nothing more fits, whatever our own limit is."""
    server.full_since = clock.now()
    server.save(update_fields=["full_since"])
