"""webspace packets: add, get, set, del, switch-subscription, get_traffic, descriptors."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from hostbill.sandbox import clock, passwords, usage
from hostbill.sandbox.plesk import errors, objects, xml
from hostbill.sandbox.plesk.errors import PleskError
from hostbill.sandbox.plesk.filters import each

FILTERS = {"id": "id", "name": "name", "guid": "guid", "external-id": "external-id", "owner-id": "owner-id",
           "owner-login": "owner-login", "owner-guid": "owner-guid"}  # fmt: skip
FRESH = 60  # seconds until the panel has counted a new subscription for the first time
DISK_PARTS = "httpdocs httpsdocs subdomains web_users anonftp logs dbases mailboxes webapps maillists domaindumps configs chroot".split()


def _owner(app, setup: ET.Element) -> dict | None:
    """The customer named in gen_setup; None = the administrator."""
    for tag, key in (
        ("owner-id", "id"),
        ("owner-login", "login"),
        ("owner-guid", "guid"),
        ("owner-external-id", "external-id"),
    ):
        value = xml.text(setup, tag)
        if not value or (tag, value) in (("owner-id", "1"), ("owner-login", "admin")):
            continue
        for customer in app.state["customers"].values():
            if str(customer.get(key)) == value:
                return customer
        raise PleskError(errors.OWNER_MISSING, f"The owner {value} does not exist.")
    return None


def _plan(app, operation: ET.Element) -> dict | None:
    for tag in ("plan-id", "plan-name", "plan-guid", "plan-external-id"):
        value = xml.text(operation, tag)
        if value:
            return objects.plan_by(app, tag.removeprefix("plan-"), value)
    return None


def add(app, operation: ET.Element) -> list[ET.Element]:
    """webspace add."""
    setup = operation.find("gen_setup")
    hosting = operation.find("hosting/vrt_hst")
    values = {child.tag: (child.text or "").strip() for child in setup if child.tag != "ip_address"}
    values["ip_address"] = xml.text(setup, "ip_address")
    values.setdefault("htype", "vrt_hst" if hosting is not None else "none")
    if values["htype"] == "vrt_hst" and hosting is None:
        raise PleskError(errors.INVALID, "The hosting block is missing.")
    webspace = objects.add_webspace(app, values, xml.properties(hosting), _plan(app, operation), _owner(app, setup))
    return [xml.ok(id=webspace["id"], guid=webspace["guid"])]


def _rows(app) -> dict:
    """Subscriptions with what the filters need of their owner."""
    customers = app.state["customers"]
    for row in app.state["webspaces"].values():
        owner = customers.get(str(row["owner-id"]), {"login": "admin", "guid": ""})
        row["owner-login"], row["owner-guid"] = owner["login"], owner["guid"]
    return app.state["webspaces"]


def get(app, operation: ET.Element) -> list[ET.Element]:
    """webspace get."""
    datasets = xml.wanted(operation)

    def show(row: dict) -> ET.Element:
        result = xml.ok(id=row["id"])
        data = ET.SubElement(result, "data")
        data.extend(DATASETS[name](app, row) for name in datasets if name in DATASETS)
        return result

    return each(_rows(app), operation, FILTERS, show)


def disk_used(app, row: dict) -> int:
    """Bytes on disk; 0 until the panel counted for the first time."""
    now, limit = clock.now(app.state), row["limits"]["disk_space"]
    if now - row["created"] < FRESH:
        return 0
    return usage.disk_bytes(row["name"], row["created"], now, limit if limit > 0 else None)


def _gen_info(app, row: dict) -> ET.Element:
    owner = app.state["customers"].get(str(row["owner-id"]))
    status = row["status"] | (objects.SUSPENDED_BY_ADMIN if owner and owner["status"] else 0)
    created = datetime.fromtimestamp(row["created"], UTC).strftime("%Y-%m-%d")
    return xml.add(ET.Element("gen_info"), {
        "cr_date": created, "name": row["name"], "ascii-name": row["name"], "status": status,
        "real_size": disk_used(app, row), "owner-id": row["owner-id"], "dns_ip_address": row["ip_address"] or None, "htype": row["htype"],
        "guid": row["guid"], "vendor-guid": app.state["guid"], "external-id": row["external-id"],
        "sb-site-uuid": "", "description": row["description"], "admin-description": row.get("admin-description", ""),
    })  # fmt: skip


def _hosting(app, row: dict) -> ET.Element:
    hosting = ET.Element("hosting")
    if row["htype"] == "vrt_hst":
        block = ET.SubElement(hosting, "vrt_hst")
        for name in ("ftp_login", "www_root"):
            value = row["ftp_login"] if name == "ftp_login" else f"/var/www/vhosts/{row['name']}/httpdocs"
            block.append(xml.node("property", name=name, value=value))
        xml.add(block, {"ip_address": row["ip_address"]})
    return hosting


def _limits(app, row: dict) -> ET.Element:
    limits = xml.add(ET.Element("limits"), {"overuse": "block"})
    for name, value in row["limits"].items():
        limits.append(xml.node("limit", name=name, value=value))
    return limits


def _disk_usage(app, row: dict) -> ET.Element:
    used = disk_used(app, row)
    parts = dict.fromkeys(DISK_PARTS, 0) | {"httpdocs": used * 7 // 10, "dbases": used * 2 // 10}
    parts["mailboxes"] = used - parts["httpdocs"] - parts["dbases"]
    return xml.add(ET.Element("disk_usage"), parts)


def _stat(app, row: dict) -> ET.Element:
    traffic = usage.traffic_bytes(row["name"], row["created"], clock.now(app.state))
    return xml.add(
        ET.Element("stat"),
        {"traffic": traffic, "traffic_prevday": traffic // 30, "subdom": 0, "wu": 0, "box": 1, "db": 1},
    )


def _resource_usage(app, row: dict) -> ET.Element:
    block = ET.Element("resource-usage")
    traffic = usage.traffic_bytes(row["name"], row["created"], clock.now(app.state))
    for name, value in (("disk_space", disk_used(app, row)), ("max_traffic", traffic), ("max_site", 1), ("max_db", 1)):
        block.append(xml.node("resource", name=name, value=value))
    return block


def _subscriptions(app, row: dict) -> ET.Element:
    block = ET.Element("subscriptions")
    subscription = xml.add(ET.SubElement(block, "subscription"), {"locked": "false", "synchronized": "true"})
    if row["plan"]:
        subscription.append(xml.add(ET.Element("plan"), {"plan-guid": row["plan"]}))
    return block


DATASETS = {
    "gen_info": _gen_info, "hosting": _hosting, "limits": _limits, "disk_usage": _disk_usage, "stat": _stat,
    "resource-usage": _resource_usage, "subscriptions": _subscriptions,
    "prefs": lambda app, row: xml.node("prefs", www="true", stat_ttl=3),
    "permissions": lambda app, row: xml.node("permissions", xml.node("permission", name="manage_dns", value="true")),
    "php-settings": lambda app, row: xml.node("php-settings", xml.node("setting", name="open_basedir", value="{WEBSPACEROOT}")),
}  # fmt: skip


def set_(app, operation: ET.Element) -> list[ET.Element]:
    """webspace set: status, owner, name, external-id, descriptions, ftp login and password, limits."""
    setup, hosting = operation.find("values/gen_setup"), operation.find("values/hosting/vrt_hst")

    def change(row: dict) -> ET.Element:
        for child in setup if setup is not None else []:
            value = (child.text or "").strip()
            if child.tag == "status":
                row["status"] = int(value)
            elif child.tag in ("name", "external-id", "description", "admin-description", "ip_address"):
                row[child.tag] = value
        if setup is not None and (owner := _owner(app, setup)):
            row["owner-id"] = owner["id"]
        changes = xml.properties(hosting)
        if "ftp_password" in changes:
            objects.check_password(changes["ftp_password"])
            row["ftp_password"] = passwords.hashed(changes["ftp_password"])
        row["ftp_login"] = changes.get("ftp_login", row["ftp_login"])
        for limit in operation.findall("values/limits/limit"):
            row["limits"][xml.text(limit, "name")] = int(xml.text(limit, "value", "-1"))
        return xml.ok(id=row["id"])

    return each(_rows(app), operation, FILTERS, change)


def delete(app, operation: ET.Element) -> list[ET.Element]:
    """webspace del."""

    def remove(row: dict) -> ET.Element:
        objects.del_webspace(app, row)
        return xml.ok(id=row["id"])

    return each(_rows(app), operation, FILTERS, remove)


def switch_subscription(app, operation: ET.Element) -> list[ET.Element]:
    """webspace switch-subscription."""
    plan = None if operation.find("no-plan") is not None else _plan(app, operation)
    if plan is None and operation.find("no-plan") is None:
        raise PleskError(errors.MISSING, "The plan is not specified.")

    def switch(row: dict) -> ET.Element:
        objects.switch_plan(app, row, plan)
        return xml.ok(id=row["id"])

    return each(_rows(app), operation, FILTERS, switch)


def get_traffic(app, operation: ET.Element) -> list[ET.Element]:
    """webspace get_traffic: the month so far as one row."""

    def show(row: dict) -> ET.Element:
        used = usage.traffic_bytes(row["name"], row["created"], clock.now(app.state))
        result = xml.ok(id=row["id"])
        today = clock.moment(app.state).strftime("%Y-%m-%d")
        result.append(xml.node("traffic", date=today, http_in=used // 10, http_out=used - used // 10))
        return result

    return each(_rows(app), operation, FILTERS, show)


def _descriptor(names: dict[str, str]):
    def describe(app, operation: ET.Element) -> list[ET.Element]:
        result = xml.ok()
        block = ET.SubElement(result, "descriptor")
        for name, type_ in names.items():
            block.append(xml.node("property", name=name, type=type_, writable="true", label=name))
        return [result]

    return describe


OPERATIONS = {
    "add": add, "get": get, "set": set_, "del": delete, "switch-subscription": switch_subscription, "get_traffic": get_traffic,
    "get-limit-descriptor": _descriptor({"disk_space": "int", "max_traffic": "int", "max_site": "int", "max_db": "int"}),
    "get-permission-descriptor": _descriptor({"manage_dns": "bool", "manage_sh_access": "bool"}),
    "get-physical-hosting-descriptor": _descriptor({"ftp_login": "string", "ftp_password": "string", "ssl": "boolean"}),
}  # fmt: skip
