"""The WHM functions about accounts. Each takes the app and the parameters, returns a Result or raises Refused."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hostbill.sandbox import clock, passwords, usage
from hostbill.sandbox.whm import rules
from hostbill.sandbox.whm.packages import limit_bytes
from hostbill.sandbox.whm.rules import Refused

WEAK_BELOW = 50
MIB = 1024 * 1024


@dataclass
class Result:
    """Success: the data, the reason text and, for long jobs, the raw log."""

    data: dict = field(default_factory=dict)
    reason: str = "OK"
    raw: str = ""


def createacct(app, params: dict) -> Result:
    """Create an account. Needs username, domain; plan defaults to `default`; a missing password is made up and logged."""
    state, accounts = app.state, app.state["accounts"]
    username, domain = params.get("username", "").lower(), params.get("domain", "").strip().lower().rstrip(".")
    rules.check_username(username, {**accounts, **dict.fromkeys(app.at_work)})
    domain = domain or f"{username}.{state['hostname']}"
    _check_room(app)
    rules.check_domain(domain, accounts, {**state["zones"], **dict.fromkeys(app.at_work)}, force_dns=params.get("forcedns") == "1")
    plan = _package_name(app, params.get("plan") or params.get("pkgname") or "default")
    password = params.get("password") or params.get("pass") or secrets.token_urlsafe(12)
    _check_password(username, password)
    accounts[username] = _new_account(app, username, domain, plan, password, params)
    state["zones"][domain] = {"owner": username}
    shown = "HIDDEN" if params.get("showpass") == "n" else password
    raw = (
        f"+===================================+\n| New Account Info |\n| Domain: {domain}\n| Ip: {state['ip']} (n)\n"
        f"| UserName: {username}\n| PassWord: {shown}\n| CpanelMod: jupiter\n| Package: {plan}\n"
        "+===================================+\n...Done\n"
    )
    return Result(_created_data(app, plan), "Account Creation Ok", raw)


def _created_data(app, plan: str) -> dict:
    host = app.state["hostname"]
    return {
        "ip": app.state["ip"], "package": plan, "nameserver": f"ns1.{host}", "nameserver2": f"ns2.{host}", "nameserver3": "",
        "nameserver4": "", "nameserverentry": None, "nameserverentry2": None, "nameservera": None, "nameservera2": None,
    }  # fmt: skip


def _new_account(app, username: str, domain: str, plan: str, password: str, params: dict) -> dict:
    state = app.state
    state["next_uid"] += 1
    return {
        "user": username, "domain": domain, "plan": plan, "email": params.get("contactemail", "") or "*unknown*",
        "owner": params.get("owner") or app.user, "ip": state["ip"], "created": clock.now(state), "uid": str(state["next_uid"]),
        "suspended": 0, "suspendreason": "not suspended", "suspendtime": 0, "locked": 0, "password": passwords.hashed(password),
        "shell": "/usr/local/cpanel/bin/noshell", "quota": "", "bwlimit": "",
    }  # fmt: skip


def _check_room(app) -> None:
    limit = app.state["settings"]["max_accounts"]
    if limit and len(app.state["accounts"]) >= limit:
        raise Refused(
            f"Your license allows {limit} accounts and this server has reached the maximum number of accounts."
        )


def _check_password(username: str, password: str) -> None:
    if username in password:
        raise Refused("The password may not contain the username for security reasons.")
    if passwords.strength(password) < WEAK_BELOW:
        raise Refused(
            f"The password you selected cannot be used because it is too weak (needs a strength of {WEAK_BELOW})."
        )


def _package_name(app, name: str) -> str:
    if name not in app.state["packages"]:
        raise Refused(f"“{name}” is not a valid package: the package does not exist.")
    return name


def find(app, params: dict, *names: str) -> dict:
    """The account named by the first given parameter; Refused when missing."""
    username = next((params[name] for name in names or ("user",) if params.get(name)), "")
    if not username:
        raise Refused(f"You must specify a {(names or ('user',))[0]}.")
    account = app.state["accounts"].get(username)
    if account is None:
        raise Refused(f"The user “{username}” does not exist.")
    return account


def verify_new_username(app, params: dict) -> Result:
    """Would createacct take the name?"""
    rules.check_username(params.get("user", ""), app.state["accounts"])
    return Result()


def accountsummary(app, params: dict) -> Result:
    """One account by user or domain."""
    if params.get("user"):
        account = find(app, params)
    elif params.get("domain"):
        owner = rules.owner_of(params["domain"].lower(), app.state["accounts"])
        if owner is None:
            raise Refused(f"The domain “{params['domain']}” does not exist on this server.")
        account = app.state["accounts"][owner]
    else:
        raise Refused("You must specify a user or domain.")
    return Result({"acct": [summary(app, account)]})


def listaccts(app, params: dict) -> Result:
    """All accounts, or those matching search (a regular expression unless searchmethod=exact) on searchtype; `want` limits fields."""
    search, kind = params.get("search", ""), params.get("searchtype", "user")
    key = {"domain": "domain", "owner": "owner", "user": "user", "ip": "ip", "package": "plan"}.get(kind)
    if search and key is None:
        raise Refused(f"“{kind}” is not a valid search type.")
    rows = app.state["accounts"].values()
    if search and params.get("searchmethod") == "exact":
        rows = [row for row in rows if row[key] == search]
    elif search:
        try:
            pattern = re.compile(search)
        except re.error as error:
            raise Refused(f"Invalid regular expression: {error}") from error
        rows = [row for row in rows if pattern.search(row[key])]
    found = [summary(app, row) for row in rows]
    want = {name for name in params.get("want", "").split(",") if name}
    return Result({"acct": [{key: row[key] for key in row if key in want} for row in found] if want else found})


def suspendacct(app, params: dict) -> Result:
    """Suspend with a reason; disallowun=1 locks it. An already suspended account keeps its first reason and is refused."""
    account = find(app, params, "user", "username")
    if account["suspended"]:
        raise Refused(f"Account “{account['user']}” is already suspended.")
    account.update(
        suspended=1, suspendreason=params.get("reason") or "Unknown", suspendtime=clock.now(app.state),
        locked=1 if params.get("disallowun") == "1" else 0,
    )  # fmt: skip
    return Result({}, "OK", f"Changing Shell to /bin/false...Done\nSuspended {account['user']}\n")


def unsuspendacct(app, params: dict) -> Result:
    """Lift the suspension; on an active account it succeeds and does nothing."""
    account = find(app, params, "user", "username")
    if account["locked"] and app.user != "root":
        raise Refused("You do not have permission to unsuspend this account: it is locked.")
    account.update(suspended=0, suspendreason="not suspended", suspendtime=0, locked=0)
    return Result({}, "OK", f"Unsuspending {account['user']}\nDone\n")


def removeacct(app, params: dict) -> Result:
    """Remove for good; the DNS zone stays with keepdns=1."""
    account = find(app, params, "username", "user")
    state = app.state
    del state["accounts"][account["user"]]
    if params.get("keepdns") != "1":
        state["zones"].pop(account["domain"], None)
    state["sessions"] = {key: value for key, value in state["sessions"].items() if value["user"] != account["user"]}
    state["removed"].append({"user": account["user"], "domain": account["domain"], "at": clock.now(state)})
    return Result(
        {}, "USER account removed", f"Removing User...Done\nRemoving DNS Entries...Done\n{account['user']} removed\n"
    )


def changepackage(app, params: dict) -> Result:
    """Move to another package."""
    account = find(app, params)
    account.update(plan=_package_name(app, params.get("pkg", "")), quota="", bwlimit="")
    return Result({}, "OK", "Changing account package...Done\n")


def editquota(app, params: dict) -> Result:
    """Another disk limit than the package's, in MB."""
    find(app, params)["quota"] = params.get("quota", "unlimited")
    return Result({}, "Set quota for user.")


def limitbw(app, params: dict) -> Result:
    """Another limit of the month's traffic than the package's, in MB."""
    find(app, params)["bwlimit"] = params.get("bwlimit", "unlimited")
    return Result({}, "Bandwidth limit has been set")


def modifyacct(app, params: dict) -> Result:
    """Change name, domain, contact or limits of one account."""
    account, accounts = find(app, params), app.state["accounts"]
    new_user, domain = params.get("newuser", ""), (params.get("domain") or params.get("DNS") or "").lower()
    if domain and domain != account["domain"]:
        rules.check_domain(domain, accounts, app.state["zones"], force_dns=False)
        app.state["zones"].pop(account["domain"], None)
        app.state["zones"][domain] = {"owner": account["user"]}
        account["domain"] = domain
    if new_user and new_user != account["user"]:
        others = {name: row for name, row in accounts.items() if name != account["user"]}
        rules.check_username(new_user, others)
        accounts[new_user] = accounts.pop(account["user"])
        account["user"] = new_user
    for name, key in (
        ("contactemail", "email"),
        ("quota", "quota"),
        ("QUOTA", "quota"),
        ("bwlimit", "bwlimit"),
        ("owner", "owner"),
    ):
        if name in params:
            account[key] = params[name]
    if params.get("plan"):
        account["plan"] = _package_name(app, params["plan"])
    return Result({}, "Account Modified")


def passwd(app, params: dict) -> Result:
    """New password for the account, its mail and its databases."""
    account = find(app, params)
    password = params.get("password") or params.get("pass") or ""
    _check_password(account["user"], password)
    account["password"] = passwords.hashed(password)
    return Result({"app": ["system", "ftp", "mail", "mySQL"]}, f"Password changed for user “{account['user']}”")


def limits(app, account: dict) -> tuple[int | None, int | None]:
    """Disk and bandwidth limit in bytes, None = unlimited; the account's own beat the package's."""
    package = app.state["packages"].get(account["plan"], {})
    return (
        limit_bytes(account["quota"] or package.get("QUOTA", "unlimited")),
        limit_bytes(account["bwlimit"] or package.get("BWLIMIT", "unlimited")),
    )


def summary(app, account: dict) -> dict:
    """An account as accountsummary and listaccts show it."""
    now, (disk, _) = clock.now(app.state), limits(app, account)
    package = app.state["packages"].get(account["plan"], {})
    started = datetime.fromtimestamp(account["created"], UTC)
    used = usage.disk_bytes(account["user"], account["created"], now, disk)
    return {
        "user": account["user"], "domain": account["domain"], "ip": account["ip"], "ipv6": [], "plan": account["plan"],
        "owner": account["owner"], "email": account["email"], "suspended": account["suspended"],
        "suspendreason": account["suspendreason"], "suspendtime": account["suspendtime"], "is_locked": account["locked"],
        "diskused": f"{used // MIB}M", "disklimit": f"{disk // MIB}M" if disk else "unlimited",
        "inodesused": usage.file_count(account["user"], account["created"], now), "inodeslimit": "unlimited",
        "startdate": started.strftime("%y %b %d %H:%M"), "unix_startdate": account["created"], "uid": account["uid"],
        "partition": "home", "shell": account["shell"], "theme": "jupiter", "backup": 1, "legacy_backup": 0, "mailbox_format": "maildir",
        "maxpop": package.get("MAXPOP", "unlimited"), "maxsql": package.get("MAXSQL", "unlimited"),
        "maxftp": package.get("MAXFTP", "unlimited"), "maxsub": package.get("MAXSUB", "unlimited"),
        "maxaddons": package.get("MAXADDON", "*unknown*"), "maxparked": package.get("MAXPARK", "*unknown*"),
        "maxlst": package.get("MAXLST", "unlimited"), "outgoing_mail_suspended": 0, "outgoing_mail_hold": 0, "temporary": 0,
    }  # fmt: skip
