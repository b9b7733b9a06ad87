"""Servers, and how the installation is."""

from hostbill.core.models import Delivery, JobRun, Outgoing
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.words import module_words
from provisioning.models import Server, Service


@action("GetServers", "Servers", needs="provisioning.server.view", optional="serviceId addonId fetchStatus",
        missing="The state of the last test, not asked anew; no load")  # fmt: skip
def get_servers(call: Call) -> dict:
    """All servers, or those on which a service may be."""
    rows = Server.objects.visible_to(call.actor).select_related("module_config", "group")
    if subscription := call.values.whole("serviceId") or call.values.whole("addonId"):
        service = Service.objects.visible_to(call.actor).filter(subscription=subscription).first()
        if service is None:
            raise Refused("Service not found")
        rows = rows.filter(group=service.server.group_id) if service.server else rows.none()
    shown = call.values.flag("fetchStatus")
    return {"servers": [_server(row, shown) for row in rows.order_by("pk")], "fetchStatus": shown}


def _server(row: Server, with_status: bool) -> dict:
    most = row.max_accounts or 0
    found = {
        "id": row.pk,
        "name": row.name,
        "hostname": row.hostname,
        "ipaddress": row.ip_address or "",
        "disabled": not row.is_active,
        "activeServices": row.account_count,
        "maxAllowedServices": most,
        "percentUsed": round(row.account_count * 100 / most) if most else 0,
        "module": module_words(row.module_config.driver),
    }
    status = {"http": row.health == "well", "load": "", "uptime": ""}
    return found | ({"status": status} if with_status else {})


@action("GetHealthStatus", "Servers", needs="core.queue.view", optional="fetchStatus",
        missing="The checks are HostBill's own")  # fmt: skip
def get_health_status(call: Call) -> dict:
    """What is well and what is not."""
    checks: dict = {"success": [], "warning": [], "danger": []}
    for name, title, count in _counted():
        words = f"{title}: {count}"
        checks["warning" if count else "success"].append(_check(name, title, words))
    for server in Server.objects.visible_to(call.actor):
        kind = "danger" if server.stopped_since else "warning" if server.health == "problem" else "success"
        words = ", ".join(str(word) for word in server.state_words[1:] if word)
        checks[kind].append(_check(f"server{server.pk}", f"Server {server.name}", words))
    return {"checks": checks}


def _counted() -> list[tuple]:
    """What should never be more than none."""
    return [
        ("outgoing", "Calls to the outside that failed", Outgoing.objects.filter(state=Outgoing.State.FAILED).count()),
        ("events", "Events that nobody could take", Delivery.objects.filter(state=Delivery.State.DEAD).count()),
        ("jobs", "Runs of jobs that failed", JobRun.objects.filter(state=JobRun.State.FAILED).count()),
    ]


def _check(name: str, title: str, words: str) -> dict:
    return {"name": name, "type": "System", "severity": {"level": ""}, "title": title, "body": words}
