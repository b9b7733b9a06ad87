"""service-plan, ip, server, session and secret_key packets."""

import base64
import binascii
import ipaddress
import secrets
import uuid
import xml.etree.ElementTree as ET

from hostbill.sandbox import clock
from hostbill.sandbox.plesk import errors, objects, xml
from hostbill.sandbox.plesk.errors import PleskError
from hostbill.sandbox.plesk.filters import each

PROTOCOLS = ["1.6.3.0", "1.6.3.5", "1.6.4.0", "1.6.5.0", "1.6.6.0", "1.6.7.0", "1.6.8.0", "1.6.9.0", "1.6.9.1"]
SESSION_IDLE = 30 * 60  # seconds
PLAN_FILTERS = {"id": "id", "name": "name", "guid": "guid", "external-id": "external-id"}


def plan_get(app, operation: ET.Element) -> list[ET.Element]:
    """service-plan get."""

    def show(plan: dict) -> ET.Element:
        result = xml.ok(id=plan["id"], name=plan["name"], guid=plan["guid"])
        xml.add(result, {"external-id": plan["external-id"]})
        limits = ET.SubElement(result, "limits")
        for name, value in plan["limits"].items():
            limits.append(xml.node("limit", name=name, value=value))
        return result

    return each(app.state["plans"], operation, PLAN_FILTERS, show)


def plan_add(app, operation: ET.Element) -> list[ET.Element]:
    """service-plan add."""
    name = xml.text(operation, "name")
    if not name:
        raise PleskError(errors.INVALID, "The plan name is empty.")
    if any(plan["name"] == name for plan in app.state["plans"].values()):
        raise PleskError(errors.DATA_EXISTS, f"A plan named {name} already exists.")
    limits = {"disk_space": -1, "max_traffic": -1}
    limits |= {xml.text(row, "name"): int(xml.text(row, "value", "-1")) for row in operation.findall("limits/limit")}
    plan = {"id": app.next_id(), "name": name, "guid": str(uuid.uuid4()), "external-id": xml.text(operation, "external-id"),
            "limits": limits}  # fmt: skip
    app.state["plans"][str(plan["id"])] = plan
    return [xml.ok(id=plan["id"], guid=plan["guid"])]


def plan_del(app, operation: ET.Element) -> list[ET.Element]:
    """service-plan del."""

    def remove(plan: dict) -> ET.Element:
        del app.state["plans"][str(plan["id"])]
        return xml.ok(id=plan["id"])

    return each(app.state["plans"], operation, PLAN_FILTERS, remove)


def ip_get(app, operation: ET.Element) -> list[ET.Element]:
    """ip get."""
    result = xml.ok()
    addresses = ET.SubElement(result, "addresses")
    for address, kind in app.state["ips"].items():
        addresses.append(xml.node("ip_info", ip_address=address, netmask="255.255.255.0", type=kind, interface="eth0"))
    return [result]


def server_get(app, operation: ET.Element) -> list[ET.Element]:
    """server get: gen_info, key, stat, prefs, admin, session_setup."""
    result = xml.ok()
    result.extend(SERVER_DATA[child.tag](app) for child in operation if child.tag in SERVER_DATA)
    return [result]


def _key(app) -> ET.Element:
    settings = app.state["settings"]
    values = {"plesk_key_id": "PLSK.00000000.0000", "lim_date": settings["lim_date"], "lim_cl": settings["lim_cl"],
              "lim_dom": settings["lim_dom"], "lim_wu": -1, "lim_mn": -1, "lim_mysql": -1}  # fmt: skip
    return xml.node("key", *(xml.node("property", name=name, value=value) for name, value in values.items()))


def _stat(app) -> ET.Element:
    state = app.state
    domains, clients = len(state["webspaces"]), len(state["customers"])
    active = sum(not objects.is_suspended(app, row) for row in state["webspaces"].values())
    return xml.node(
        "stat",
        xml.node("objects", clients=clients, domains=domains, databases=domains, database_users=domains, mail_boxes=0,
                 mail_redirects=0, mail_lists=0, web_users=0, active_domains=active, problem_clients=0, problem_domains=0),
        xml.node("version", internal_name="psa", plesk_name="psa", plesk_version=state["settings"]["version"], plesk_build="0000",
                 plesk_os="Debian", plesk_os_version="12.0", os_release="6.1.0"),
        xml.node("other", cpu="sandbox", uptime=1000, inside_firewall="false"),
        xml.node("load_avg", l1=42, l5=38, l15=35),
    )  # fmt: skip


SERVER_DATA = {
    "gen_info": lambda app: xml.node(
        "gen_info", server_name=app.state["hostname"], server_guid=app.state["guid"], mode="standard"
    ),
    "key": _key,
    "stat": _stat,
    "prefs": lambda app: xml.node("prefs", stat_ttl=3, traffic_accounting="both", restart_apache_interval=0),
    "admin": lambda app: xml.node(
        "admin", admin_cname="", admin_pname="Administrator", admin_email="admin@plesk.sandbox.test"
    ),
    "session_setup": lambda app: xml.node("session_setup", login_timeout=30),
    "components": lambda app: xml.node(
        "components", xml.node("component", name="psa", version=app.state["settings"]["version"])
    ),
    "services_state": lambda app: xml.node(
        "services_state", xml.node("srv", id="web", title="Web server", state="running")
    ),
    "shells": lambda app: xml.node("shells", xml.node("shell", name="/bin/false", path="/bin/false")),
    "interfaces": lambda app: xml.node("interfaces", interface="eth0"),
    "site-isolation-config": lambda app: xml.node(
        "site-isolation-config", xml.node("property", name="php", value="any")
    ),
    "updates": lambda app: xml.node("updates", release="18.0", install_updates_automatically="true"),
}


def php_handlers(app, operation: ET.Element) -> list[ET.Element]:
    """php-handler get: one handler."""
    result = xml.ok(id="fpm-82", type="fpm", version="8.2", custom="false", shared="false")
    return [xml.add(result, {"display-name": "PHP 8.2 FPM", "full-version": "8.2.20", "handler-status": "enabled"})]


def get_protos(app, operation: ET.Element) -> list[ET.Element]:
    """server get_protos."""
    result = xml.ok()
    xml.add(ET.SubElement(result, "protos"), {"proto": PROTOCOLS})
    return [result]


def create_session(app, operation: ET.Element) -> list[ET.Element]:
    """server create_session: for the administrator, a customer's login or a subscription's system user; bound to user_ip."""
    login = xml.text(operation, "login")
    try:
        address = base64.b64decode(xml.text(operation, "data/user_ip"), validate=True).decode("ascii")
        ipaddress.ip_address(address)
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise PleskError(errors.INVALID, "user_ip must be an IP address in base64.") from error
    known = login == "admin" or any(row["login"] == login for row in app.state["customers"].values())
    if not known:
        raise PleskError(errors.MISSING, f"User {login} does not exist.")
    session = secrets.token_hex(16)
    expires = clock.now(app.state) + SESSION_IDLE
    app.state["sessions"][session] = {
        "login": login,
        "ip": address,
        "expires": expires,
        "started": clock.now(app.state),
    }
    return [xml.ok(id=session)]


def session_get(app, operation: ET.Element) -> list[ET.Element]:
    """session get: all open sessions."""
    result = xml.ok()
    for key, row in app.state["sessions"].items():
        started = clock.datetime.fromtimestamp(row["started"], clock.UTC).isoformat()
        result.append(xml.add(ET.Element("session"), {
            "id": key, "type": "Client", "ip-address": row["ip"], "login": row["login"], "login-time": started, "idle": "0:00:01",
        }))  # fmt: skip
    return [result]


def session_terminate(app, operation: ET.Element) -> list[ET.Element]:
    """session terminate."""
    if app.state["sessions"].pop(xml.text(operation, "session-id"), None) is None:
        raise PleskError(errors.MISSING, "Session does not exist.")
    return [xml.ok()]


def key_create(app, operation: ET.Element) -> list[ET.Element]:
    """secret_key create: bound to the given address, else the caller's."""
    address = xml.text(operation, "ip_address") or app.caller
    row = app.new_key(address, xml.text(operation, "description"))
    return [xml.ok(key=row)]


def key_get_info(app, operation: ET.Element) -> list[ET.Element]:
    """secret_key get_info."""

    def show(row: dict) -> ET.Element:
        result = xml.ok()
        result.append(
            xml.node("key_info", key=row["key"], ip_address=row["ip"], description=row["description"], login="admin")
        )
        return result

    return each(app.state["keys"], operation, {"key": "key"}, show)


def key_delete(app, operation: ET.Element) -> list[ET.Element]:
    """secret_key delete."""

    def remove(row: dict) -> ET.Element:
        del app.state["keys"][row["key"]]
        return xml.ok()

    return each(app.state["keys"], operation, {"key": "key"}, remove)


PLANS = {"get": plan_get, "add": plan_add, "del": plan_del}
PHP_HANDLERS = {"get": php_handlers}
IPS = {"get": ip_get}
SERVER = {"get": server_get, "get_protos": get_protos, "create_session": create_session}
SESSIONS = {"get": session_get, "terminate": session_terminate}
KEYS = {"create": key_create, "get_info": key_get_info, "delete": key_delete}
