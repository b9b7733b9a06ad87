"""The server's accounts against our books. Differences become rows; nothing on a server is changed by looking."""

from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.locks import lock
from provisioning.models import Drift, Server, Service
from provisioning.panels.base import RemoteAccount

#: Which differences of its service a confirmed operation ends.
ENDS = {
    "suspend": ["state"],
    "resume": ["state"],
    "change_plan": ["plan"],
    "create": ["missing"],
    "terminate": ["unpaid", "state", "plan", "domain"],
}


def compare_server(server: Server, accounts: list[RemoteAccount]) -> dict[str, int]:
    """Record what differs, close what is mended, correct the server's count. Returns numbers by kind."""
    with transaction.atomic():
        server = lock(server)
        ours = {service.username: service for service in _ours(server)}
        theirs = {account.username: account for account in accounts}
        found = _differences(ours, theirs, set(server.former_accounts.standing().values_list("username", flat=True)))
        _store(server, found)
        _recount(server, ours, theirs)
    counts = {"accounts": len(theirs)}
    for row in found:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
    return counts


def _ours(server: Server):
    """Confirmed ones; what is being set up or changed right now is neither missing nor wrong."""
    busy = server.operations.open().values("service_id")
    return server.services.existing().exclude(pk__in=busy).select_related("subscription__product")


def _differences(ours: dict, theirs: dict, former: set[str]) -> list[dict]:
    """`former`: user names of accounts that moves left behind; that they are there is known."""
    rows = []
    for username, service in ours.items():
        account = theirs.get(username)
        if account is None:
            rows.append(_row("missing", username, service, _("An account"), _("no such account")))
        elif account.domain != service.domain:
            rows.append(_row("domain", username, service, service.domain, account.domain))
        else:
            rows += _inner_differences(username, service, account)
    for username, account in theirs.items():
        if username not in ours and username not in former:
            rows += _extra(username, account)
    return rows


def _inner_differences(username: str, service: Service, account: RemoteAccount) -> list[dict]:
    rows = []
    if account.suspended != (service.state == "suspended"):
        theirs = _("suspended: %(reason)s") % {"reason": account.suspend_reason} if account.suspended else _("online")
        rows.append(_row("state", username, service, service.get_state_display(), theirs))
    if service.plan and account.plan and account.plan != service.plan:
        rows.append(_row("plan", username, service, service.plan, account.plan))
    return rows


def _extra(username: str, account: RemoteAccount) -> list[dict]:
    """On the server and not in our list: ours but ended, being changed right now, or a stranger."""
    service = Service.objects.filter(username=username, domain=account.domain).order_by("-pk").first()
    if service is None:
        return [_row("stranger", username, None, "", account.plan, account.domain)]
    if service.state == "terminated":
        return [_row("unpaid", username, service, service.get_state_display(), account.plan)]
    return []


def _row(kind, username, service, ours, theirs, domain="") -> dict:
    return {
        "kind": kind,
        "username": username,
        "service": service,
        "ours": str(ours)[:120],
        "theirs": str(theirs)[:200],
        "domain": domain or (service.domain if service else ""),
    }


def _store(server: Server, found: list[dict]) -> None:
    standing = {(row.username, row.kind): row for row in server.drifts.standing()}
    for row in found:
        known = standing.pop((row["username"], row["kind"]), None)
        if known is None:
            Drift.objects.create(server=server, found_at=clock.now(), **row)
        else:
            _note_again(known, row)
    Drift.objects.filter(pk__in=[row.pk for row in standing.values()]).update(resolved_at=clock.now())


def _note_again(drift: Drift, row: dict) -> None:
    """It is still so: what was mended did not last, and what the server says may have changed."""
    drift.ours, drift.theirs, drift.mended_at = row["ours"], row["theirs"], None
    drift.save(update_fields=["ours", "theirs", "mended_at"])


def end_drifts(service: Service, verb: str) -> None:
    """A confirmed operation ended what differed. The caller has a transaction."""
    kinds = ENDS.get(verb)
    if kinds:
        service.drifts.standing().filter(kind__in=kinds).update(resolved_at=clock.now())


def _recount(server: Server, ours: dict, theirs: dict) -> None:
    """Accounts really there, plus the slots of services that are about to get theirs."""
    reserved = server.services.filter(holds_slot=True).exclude(username__in=list(theirs)).count()
    if server.account_count != len(theirs) + reserved:
        server.account_count = len(theirs) + reserved
        server.save(update_fields=["account_count"])
