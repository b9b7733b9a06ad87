"""The WHM functions about the server: packages, usage, counts, sessions, rights."""

import secrets

from hostbill.sandbox import clock, usage
from hostbill.sandbox.whm.accounts import Result, find, limits
from hostbill.sandbox.whm.rules import Refused, owner_of

SESSION_IDLE = 15 * 60  # seconds


def listpkgs(app, params: dict) -> Result:
    """All packages."""
    return Result({"pkg": [{"name": name, **values} for name, values in app.state["packages"].items()]})


def showbw(app, params: dict) -> Result:
    """Traffic of the month per account, in bytes; removed accounts are listed with deleted=1."""
    now, rows = clock.now(app.state), []
    for account in app.state["accounts"].values():
        used, (_, limit) = usage.traffic_bytes(account["user"], account["created"], now), limits(app, account)
        rows.append({
            "user": account["user"], "maindomain": account["domain"], "owner": account["owner"], "reseller": 0, "deleted": 0,
            "totalbytes": used, "limit": limit or "unlimited", "bwlimited": int(bool(limit and used >= limit)),
            "bwused": [{"domain": account["domain"], "protocol": "http", "usage": str(used)}],
        })  # fmt: skip
    for gone in app.state["removed"]:
        rows.append(
            {
                "user": gone["user"],
                "maindomain": gone["domain"],
                "deleted": 1,
                "totalbytes": 0,
                "limit": "unlimited",
                "bwused": [],
            }
        )
    if params.get("search"):
        rows = [row for row in rows if row["user"] == params["search"].strip("^$")]
    today = clock.moment(app.state)
    return Result({"acct": rows, "month": str(today.month), "year": str(today.year), "reseller": app.user,
                   "totalused": sum(row["totalbytes"] for row in rows)})  # fmt: skip


def get_disk_usage(app, params: dict) -> Result:
    """Disk use of all accounts in KiB blocks; blocks_limit null = unlimited."""
    now, rows = clock.now(app.state), []
    for account in app.state["accounts"].values():
        disk, _ = limits(app, account)
        used = usage.disk_bytes(account["user"], account["created"], now, disk)
        rows.append({
            "user": account["user"], "blocks_used": str(used // 1024), "blocks_limit": str(disk // 1024) if disk else None,
            "inodes_used": usage.file_count(account["user"], account["created"], now), "inodes_limit": None,
        })  # fmt: skip
    return Result({"accounts": rows})


def domainuserdata(app, params: dict) -> Result:
    """Who serves a domain, with its web settings; Refused when nobody here does."""
    domain = params.get("domain", "").lower()
    owner = owner_of(domain, app.state["accounts"])
    if owner is None:
        raise Refused(f"The domain “{domain}” does not exist in the userdata.")
    account = app.state["accounts"][owner]
    return Result({"userdata": {
        "user": owner, "servername": domain, "serveralias": f"www.{domain} mail.{domain}", "ip": account["ip"], "group": owner,
        "documentroot": f"/home/{owner}/public_html", "homedir": f"/home/{owner}", "port": "80", "owner": account["owner"],
    }})  # fmt: skip


def getdomainowner(app, params: dict) -> Result:
    """Who serves a domain; user null when nobody does."""
    return Result({"user": owner_of(params.get("domain", "").lower(), app.state["accounts"])})


def create_user_session(app, params: dict) -> Result:
    """A login link for the account, good for 15 idle minutes; refused for suspended accounts."""
    account = find(app, params)
    service = params.get("service", "")
    if service not in ("cpaneld", "webmaild", "whostmgrd"):
        raise Refused("The service must be one of: cpaneld, whostmgrd, webmaild.")
    if account["suspended"]:
        raise Refused(f"The account “{account['user']}” is suspended.")
    token, session = f"/cpsess{secrets.randbelow(10**10):010d}", f"{account['user']}:{secrets.token_urlsafe(24)}"
    expires = clock.now(app.state) + SESSION_IDLE
    app.state["sessions"][session] = {"user": account["user"], "token": token, "expires": expires, "service": service}
    return Result(
        {"url": f"{app.public_url}{token}/login/?session={session.replace(':', '%3a')}", "session": session,
         "cp_security_token": token, "expires": str(expires), "service": service},
        "Created session",
    )  # fmt: skip


def get_current_users_count(app, params: dict) -> Result:
    """Number of accounts."""
    return Result({"users": len(app.state["accounts"])})


def get_maximum_users(app, params: dict) -> Result:
    """Number of accounts the licence allows, 0 = unlimited."""
    return Result({"users": app.state["settings"]["max_accounts"]})


def version(app, params: dict) -> Result:
    """Version of the panel."""
    return Result({"version": app.state["settings"]["version"]})


def myprivs(app, params: dict) -> Result:
    """The rights of the caller's token."""
    granted = app.privileges()
    return Result({"privileges": [dict.fromkeys(sorted(granted), 1)]})


def gethostname(app, params: dict) -> Result:
    """The server's name."""
    return Result({"hostname": app.state["hostname"]})


def systemloadavg(app, params: dict) -> Result:
    """Load averages."""
    return Result({"one": "0.42", "five": "0.38", "fifteen": "0.35"})
