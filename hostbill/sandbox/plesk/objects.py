"""Customers, subscriptions and plans: the rules shared by XML and REST. All functions work on the app's state."""

import re
import uuid

from hostbill.sandbox import clock, passwords
from hostbill.sandbox.plesk import errors
from hostbill.sandbox.plesk.errors import PleskError

WEAK_BELOW = 40
UNLIMITED = (-1, -1)
PLAN_SIZES = {  # name -> GiB of disk and of traffic a month
    "start": (5, 50),
    "grow": (20, 200),
    "scale": (100, -1),
    "default": UNLIMITED,
    "Default Domain": UNLIMITED,
    "Unlimited": UNLIMITED,
}
SUSPENDED_BY_ADMIN = 16
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z][a-z0-9-]*[a-z0-9]")
_LOGIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,59}")
_FTP_LOGIN = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
RESERVED = frozenset("root admin psaadm mysql ftp mail apache nginx bind daemon nobody postgres".split())


def initial_plans() -> dict[str, dict]:
    """Service plans of a new server; limits in bytes, -1 = unlimited."""
    gib, plans = 1024**3, {}
    for index, (name, (disk, traffic)) in enumerate(PLAN_SIZES.items(), start=1):
        plans[str(index)] = {
            "id": index, "name": name, "guid": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.plan.sandbox")), "external-id": "",
            "limits": {"disk_space": disk * gib if disk > 0 else -1, "max_traffic": traffic * gib if traffic > 0 else -1},
        }  # fmt: skip
    return plans


def check_password(password: str) -> None:
    """Refuse a weak one."""
    if passwords.strength(password) < WEAK_BELOW:
        raise PleskError(
            errors.INVALID, "The password is too weak: it does not match the server's minimum password strength."
        )


def add_customer(app, info: dict) -> dict:
    """Create a customer from gen_info names. Needs pname, login, passwd."""
    state, login = app.state, info.get("login", "")
    for name in ("pname", "login", "passwd"):
        if not info.get(name):
            raise PleskError(errors.INVALID, f"The value of {name} is empty.")
    if not _LOGIN.fullmatch(login) or login in RESERVED:
        raise PleskError(errors.INVALID, f"The login name {login} is not allowed.")
    if login in app.at_work or any(row["login"] == login for row in state["customers"].values()):
        raise PleskError(errors.DATA_EXISTS, f"User account {login} already exists.")
    _check_external_id(state["customers"], info.get("external-id", ""))
    _check_limit(app, "lim_cl", len(state["customers"]))
    check_password(info["passwd"])
    customer = {
        **{name: value for name, value in info.items() if name != "passwd"},
        "id": app.next_id(), "guid": str(uuid.uuid4()), "status": int(info.get("status") or 0), "created": clock.now(state),
        "password": passwords.hashed(info["passwd"]),
    }  # fmt: skip
    state["customers"][str(customer["id"])] = customer
    return customer


def set_customer(app, customer: dict, info: dict) -> None:
    """Change some values."""
    values = dict(info)
    if "passwd" in values:
        check_password(values["passwd"])
        customer["password"] = passwords.hashed(values.pop("passwd"))
    if "login" in values and any(
        row["login"] == values["login"] and row is not customer for row in app.state["customers"].values()
    ):
        raise PleskError(errors.DATA_EXISTS, f"User account {values['login']} already exists.")
    if values.get("external-id", customer.get("external-id", "")) != customer.get("external-id", ""):
        _check_external_id(app.state["customers"], values["external-id"])
    if "status" in values:
        values["status"] = int(values["status"])
    customer.update(values)


def del_customer(app, customer: dict) -> None:
    """Delete with all subscriptions."""
    for webspace in [row for row in app.state["webspaces"].values() if row["owner-id"] == customer["id"]]:
        del_webspace(app, webspace)
    del app.state["customers"][str(customer["id"])]


def add_webspace(app, setup: dict, ftp: dict, plan: dict | None, owner: dict | None) -> dict:
    """Create a subscription. setup: name, htype, ip_address, status, external-id; ftp: properties of vrt_hst."""
    state, name = app.state, setup.get("name", "").lower().rstrip(".")
    if not _DOMAIN.fullmatch(name):
        raise PleskError(errors.INVALID, f"Invalid domain name {name}.")
    if name in app.at_work or any(row["name"] == name for row in state["webspaces"].values()):
        raise PleskError(errors.DATA_EXISTS, f"Incorrect name {name}. This domain name is already used on the server.")
    _check_external_id(state["webspaces"], setup.get("external-id", ""))
    _check_limit(app, "lim_dom", len(state["webspaces"]))
    _check_address(app, setup)
    _check_ftp(app, ftp, required=setup.get("htype") == "vrt_hst")
    webspace = {
        "id": app.next_id(), "guid": str(uuid.uuid4()), "name": name, "owner-id": owner["id"] if owner else 1,
        "status": int(setup.get("status") or 0), "htype": setup.get("htype", "none"), "ip_address": setup.get("ip_address", ""),
        "external-id": setup.get("external-id", ""), "description": setup.get("description", ""), "plan": plan["guid"] if plan else "",
        "ftp_login": ftp.get("ftp_login", ""), "ftp_password": passwords.hashed(ftp.get("ftp_password", "")),
        "limits": dict(plan["limits"]) if plan else {"disk_space": -1, "max_traffic": -1}, "created": clock.now(state),
    }  # fmt: skip
    state["webspaces"][str(webspace["id"])] = webspace
    return webspace


def del_webspace(app, webspace: dict) -> None:
    """Delete a subscription with everything in it."""
    del app.state["webspaces"][str(webspace["id"])]


def switch_plan(app, webspace: dict, plan: dict | None) -> None:
    """Move the subscription to a plan (None = custom) and take its limits."""
    webspace["plan"] = plan["guid"] if plan else ""
    if plan:
        webspace["limits"] = dict(plan["limits"])


def is_suspended(app, webspace: dict) -> bool:
    """True when the subscription, or the customer who owns it, is off."""
    owner = app.state["customers"].get(str(webspace["owner-id"]))
    return bool(webspace["status"] or (owner and owner["status"]))


def plan_by(app, key: str, value: str) -> dict:
    """A plan by id, name, guid or external-id. PleskError 1013."""
    for plan in app.state["plans"].values():
        if str(plan[key]) == value:
            return plan
    raise PleskError(errors.MISSING, f"Service plan {value} does not exist.")


def _check_external_id(table: dict, external_id: str) -> None:
    if external_id and any(row.get("external-id") == external_id for row in table.values()):
        raise PleskError(errors.DATA_EXISTS, f"External ID {external_id} is already used.")


def _check_limit(app, name: str, count: int) -> None:
    limit = app.state["settings"][name]
    if limit >= 0 and count >= limit:
        raise PleskError(errors.LIMIT, f"The limit of the licence key on this kind of object ({limit}) is reached.")


def _check_address(app, setup: dict) -> None:
    address = setup.get("ip_address", "")
    if not address and setup.get("htype") in ("vrt_hst", None):
        raise PleskError(errors.IP_MISSING, "The IP address is not specified.")
    if address and address not in app.state["ips"]:
        raise PleskError(errors.IP_MISSING, f"The IP address {address} does not exist or is not in the owner's pool.")


def _check_ftp(app, ftp: dict, *, required: bool) -> None:
    login = ftp.get("ftp_login", "")
    if not login and not required:
        return
    if not _FTP_LOGIN.fullmatch(login) or login in RESERVED:
        raise PleskError(errors.INVALID, f"The system user name '{login}' is not allowed.")
    if any(row["ftp_login"] == login for row in app.state["webspaces"].values()):
        raise PleskError(errors.DATA_EXISTS, f"The system user {login} already exists.")
    check_password(ftp.get("ftp_password", ""))
