"""REST v2: clients, domains, their status, command line calls, server facts, keys."""

import base64
import re

from hostbill.sandbox import clock as panel_clock
from hostbill.sandbox import usage
from hostbill.sandbox.plesk import errors, objects
from hostbill.sandbox.plesk.errors import PleskError
from hostbill.sandbox.plesk.webspace import disk_used
from hostbill.sandbox.server import Answer, Request

CLIENT_FIELDS = {"name": "pname", "login": "login", "password": "passwd", "email": "email", "company": "cname",
                 "external_id": "external-id", "description": "description", "locale": "locale", "phone": "phone"}  # fmt: skip
STATUS_WORDS = {"active": 0, "suspended": 2, "disabled": 16}
HTTP_OF = {errors.MISSING: 404, errors.DATA_EXISTS: 409, errors.PERMISSION: 403}


def answer(app, request: Request) -> Answer:
    """Answer one call. Errors are {code, message} with a 4xx status."""
    if not _allowed(app, request):
        return Answer.json({"code": 401, "message": "Unauthorized"}, 401, "access denied", WWW_Authenticate="Basic")
    try:
        data = request.json()
        for method, pattern, work in ROUTES:
            match = re.fullmatch(pattern, request.path.removeprefix("/api/v2").rstrip("/"))
            if match and method == request.method:
                status, body = work(app, data, request, *match.groups())
                return Answer.json(body, status)
        return Answer.json({"code": 404, "message": "Not found"}, 404, "refused: no such address")
    except PleskError as refused:
        status = HTTP_OF.get(refused.code, 400)
        return Answer.json(
            {"code": refused.code, "message": refused.text}, status, f"refused: {refused.code} {refused.text}"
        )
    except (ValueError, KeyError, TypeError) as error:
        return Answer.json({"code": 400, "message": f"Bad request: {error}"}, 400, "refused: bad request")


def operation(request: Request) -> str:
    """Name for faults and log: "rest.POST /domains"; ids are left as they are."""
    return f"rest.{request.method} {request.path.removeprefix('/api/v2')}"


def _allowed(app, request: Request) -> bool:
    key = request.headers.get("X-API-Key")
    if key:
        return app.key_is_good(key, request.client_ip)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        login, _, password = base64.b64decode(given).decode().partition(":")
    except ValueError:
        return False
    return scheme.lower() == "basic" and app.login_is_good(login, password)


def _find(table: dict, key: str) -> dict:
    if key not in table:
        raise PleskError(errors.MISSING, f"Object with id {key} does not exist")
    return table[key]


def _client(row: dict) -> dict:
    return {"id": row["id"], "guid": row["guid"], "name": row.get("pname", ""), "login": row["login"], "email": row.get("email", ""),
            "company": row.get("cname", ""), "external_id": row.get("external-id", ""), "status": row["status"], "type": "customer",
            "description": row.get("description", "")}  # fmt: skip


def _domain(app, row: dict) -> dict:
    return {"id": row["id"], "guid": row["guid"], "name": row["name"], "ascii_name": row["name"], "hosting_type": "virtual",
            "www_root": f"/var/www/vhosts/{row['name']}/httpdocs", "base_domain_id": 0, "external_id": row["external-id"],
            "created": panel_clock.datetime.fromtimestamp(row["created"], panel_clock.UTC).strftime("%Y-%m-%d")}  # fmt: skip


def clients(app, data, request):
    """GET /clients"""
    return 200, [_client(row) for row in app.state["customers"].values()]


def client_add(app, data, request):
    """POST /clients"""
    info = {
        CLIENT_FIELDS[name]: str(value) for name, value in data.items() if name in CLIENT_FIELDS and value is not None
    }
    row = objects.add_customer(app, info)
    return 201, {"id": row["id"], "guid": row["guid"]}


def client_get(app, data, request, key):
    """GET /clients/ID"""
    return 200, _client(_find(app.state["customers"], key))


def client_put(app, data, request, key):
    """PUT /clients/ID"""
    row = _find(app.state["customers"], key)
    objects.set_customer(
        app, row, {CLIENT_FIELDS[name]: str(value) for name, value in data.items() if name in CLIENT_FIELDS}
    )
    return 200, {"id": row["id"], "guid": row["guid"]}


def client_delete(app, data, request, key):
    """DELETE /clients/ID"""
    objects.del_customer(app, _find(app.state["customers"], key))
    return 200, {}


def client_switch(app, data, request, key, verb):
    """PUT /clients/ID/suspend and /activate"""
    _find(app.state["customers"], key)["status"] = 16 if verb == "suspend" else 0
    return 200, {}


def client_domains(app, data, request, key):
    """GET /clients/ID/domains"""
    owner = _find(app.state["customers"], key)
    return 200, [_domain(app, row) for row in app.state["webspaces"].values() if row["owner-id"] == owner["id"]]


def client_statistics(app, data, request, key):
    """GET /clients/ID/statistics"""
    owner = _find(app.state["customers"], key)
    rows = [row for row in app.state["webspaces"].values() if row["owner-id"] == owner["id"]]
    now = panel_clock.now(app.state)
    traffic = sum(usage.traffic_bytes(row["name"], row["created"], now) for row in rows)
    return 200, {
        "active_domains": len(rows),
        "subdomains": 0,
        "disk_space": sum(disk_used(app, row) for row in rows),
        "traffic": traffic,
    }


def domains(app, data, request):
    """GET /domains (?name=)"""
    name = request.query.get("name")
    return 200, [_domain(app, row) for row in app.state["webspaces"].values() if not name or row["name"] == name]


def domain_add(app, data, request):
    """POST /domains: a subscription."""
    owner = _find(app.state["customers"], str(data["owner_client"]["id"])) if data.get("owner_client") else None
    plan = objects.plan_by(app, "name", data["plan"]["name"]) if data.get("plan") else None
    addresses = data.get("ip_addresses") or data.get("ipv4") or [next(iter(app.state["ips"]))]
    setup = {"name": data["name"], "htype": "vrt_hst" if data.get("hosting_type", "virtual") == "virtual" else "none",
             "ip_address": addresses[0], "external-id": data.get("external_id") or ""}  # fmt: skip
    row = objects.add_webspace(app, setup, data.get("hosting_settings") or {}, plan, owner)
    return 201, {"id": row["id"], "guid": row["guid"]}


def domain_get(app, data, request, key):
    """GET /domains/ID"""
    return 200, _domain(app, _find(app.state["webspaces"], key))


def domain_delete(app, data, request, key):
    """DELETE /domains/ID"""
    objects.del_webspace(app, _find(app.state["webspaces"], key))
    return 200, {}


def domain_status(app, data, request, key):
    """GET /domains/ID/status"""
    status = _find(app.state["webspaces"], key)["status"]
    return 200, {"status": "active" if not status else "disabled" if status & 16 else "suspended"}


def domain_set_status(app, data, request, key):
    """PUT /domains/ID/status {status}"""
    if data.get("status") not in STATUS_WORDS:
        raise PleskError(errors.INVALID, "status must be active, suspended or disabled")
    _find(app.state["webspaces"], key)["status"] = STATUS_WORDS[data["status"]]
    return 200, {}


def cli_call(app, data, request, utility):
    """POST /cli/UTILITY/call: subscription --webspace-on/off, --switch-subscription, --remove, --info; customer --remove, --info."""
    params = [str(item) for item in data.get("params", [])]
    code, stdout, stderr = _run_cli(app, utility, params)
    return 200, {"code": code, "stdout": stdout, "stderr": stderr}


def _run_cli(app, utility: str, params: list[str]) -> tuple[int, str, str]:
    command, name = (params + ["", ""])[:2]
    table, key = (app.state["webspaces"], "name") if utility == "subscription" else (app.state["customers"], "login")
    row = next((row for row in table.values() if row[key] == name), None)
    if utility not in ("subscription", "customer"):
        return 1, "", f"Unknown utility {utility}\n"
    if row is None:
        return 1, "", f"Unable to find {utility} {name}\n"
    match utility, command:
        case "subscription", "--webspace-off" | "--webspace-on":
            row["status"] = objects.SUSPENDED_BY_ADMIN if command.endswith("off") else 0
        case "subscription", "--switch-subscription":
            try:
                plan = objects.plan_by(app, "name", params[params.index("-service_plan") + 1])
            except (PleskError, ValueError, IndexError) as error:
                return 1, "", f"{error}\n"
            objects.switch_plan(app, row, plan)
        case "subscription", "--remove" | "-r":
            objects.del_webspace(app, row)
        case "customer", "--remove" | "-r":
            objects.del_customer(app, row)
        case _, "--info" | "-i":
            return 0, f"{key}: {name}\n", ""
        case _:
            return 1, "", f"Unknown command {command}\n"
    return 0, "SUCCESS: The operation completed.\n", ""


def server(app, data, request):
    """GET /server"""
    return 200, {
        "platform": "Unix",
        "hostname": app.state["hostname"],
        "guid": app.state["guid"],
        "panel_version": app.state["settings"]["version"],
        "panel_update_version": "1",
        "extension_version": "2.8.2",
    }


def server_ips(app, data, request):
    """GET /server/ips"""
    return 200, [
        {"ipv4": address, "netmask": "255.255.255.0", "interface": "eth0", "type": kind}
        for address, kind in app.state["ips"].items()
    ]


def key_add(app, data, request):
    """POST /auth/keys"""
    address = data.get("ip") or next(iter(data.get("ips") or []), request.client_ip)
    return 201, {"key": app.new_key(address, data.get("description", ""))}


def key_delete(app, data, request, key):
    """DELETE /auth/keys/KEY"""
    del app.state["keys"][_find(app.state["keys"], key)["key"]]
    return 200, {}


ROUTES = [
    ("GET", r"/clients", clients), ("POST", r"/clients", client_add), ("GET", r"/clients/(\d+)", client_get),
    ("PUT", r"/clients/(\d+)", client_put), ("DELETE", r"/clients/(\d+)", client_delete),
    ("PUT", r"/clients/(\d+)/(suspend|activate)", client_switch), ("GET", r"/clients/(\d+)/domains", client_domains),
    ("GET", r"/clients/(\d+)/statistics", client_statistics), ("GET", r"/domains", domains), ("POST", r"/domains", domain_add),
    ("GET", r"/domains/(\d+)", domain_get), ("DELETE", r"/domains/(\d+)", domain_delete),
    ("GET", r"/domains/(\d+)/status", domain_status), ("PUT", r"/domains/(\d+)/status", domain_set_status),
    ("POST", r"/cli/([a-z_]+)/call", cli_call), ("GET", r"/server", server), ("GET", r"/server/ips", server_ips),
    ("POST", r"/auth/keys", key_add), ("DELETE", r"/auth/keys/([0-9a-f-]+)", key_delete),
]  # fmt: skip
