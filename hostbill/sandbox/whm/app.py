"""Routes of the WHM stand-in: token check, the two answer shapes (API 1 and API 0), pages."""

import hmac
import time
from pathlib import Path

from hostbill.sandbox import clock, passwords
from hostbill.sandbox.server import Answer, Request, SandboxApp
from hostbill.sandbox.whm import accounts, pages, server_functions
from hostbill.sandbox.whm.accounts import Result
from hostbill.sandbox.whm.packages import initial_packages
from hostbill.sandbox.whm.rules import Refused

# function -> (implementation, right a token needs; "" = none)
FUNCTIONS = {
    "createacct": (accounts.createacct, "create-acct"),
    "verify_new_username": (accounts.verify_new_username, ""),
    "accountsummary": (accounts.accountsummary, "list-accts"),
    "listaccts": (accounts.listaccts, "list-accts"),
    "suspendacct": (accounts.suspendacct, "suspend-acct"),
    "unsuspendacct": (accounts.unsuspendacct, "suspend-acct"),
    "removeacct": (accounts.removeacct, "kill-acct"),
    "changepackage": (accounts.changepackage, "upgrade-account"),
    "editquota": (accounts.editquota, "quota"),
    "limitbw": (accounts.limitbw, "limit-bandwidth"),
    "modifyacct": (accounts.modifyacct, "edit-account"),
    "passwd": (accounts.passwd, "passwd"),
    "listpkgs": (server_functions.listpkgs, "list-pkgs"),
    "showbw": (server_functions.showbw, "show-bandwidth"),
    "get_disk_usage": (server_functions.get_disk_usage, "list-accts"),
    "domainuserdata": (server_functions.domainuserdata, ""),
    "getdomainowner": (server_functions.getdomainowner, ""),
    "create_user_session": (server_functions.create_user_session, "create-user-session"),
    "get_current_users_count": (server_functions.get_current_users_count, ""),
    "get_maximum_users": (server_functions.get_maximum_users, ""),
    "version": (server_functions.version, ""),
    "myprivs": (server_functions.myprivs, ""),
    "gethostname": (server_functions.gethostname, ""),
    "systemloadavg": (server_functions.systemloadavg, ""),
}
READING = frozenset(
    "accountsummary listaccts listpkgs showbw get_disk_usage version myprivs gethostname systemloadavg applist".split()
)
RIGHTS = frozenset(right for _, right in FUNCTIONS.values() if right)
DENIED = {"cpanelresult": {"apiversion": "2", "error": "Access denied", "type": "text",
                           "data": {"reason": "Access denied", "result": "0"}}}  # fmt: skip


class Whm(SandboxApp):
    """One WHM server with one user and one token."""

    name = "whm"

    def __init__(self, state_dir: Path, *, token: str, user: str = "root", max_accounts: int = 0, public_url: str = ""):
        self.token, self.user, self.max_accounts, self.public_url = token, user, max_accounts, public_url
        super().__init__(state_dir)

    def started(self) -> None:
        """Login links lead here unless told otherwise."""
        self.public_url = self.public_url.rstrip("/") or self.url

    def initial_state(self) -> dict:
        """A new server: packages, no accounts. settings.privileges null = every right; lock_after 0 = callers are never locked."""
        return {
            "hostname": "whm.sandbox.test", "ip": "192.0.2.10", "next_uid": 1000, "clock_offset": 0, "accounts": {}, "zones": {},
            "removed": [], "sessions": {}, "packages": initial_packages(), "failures": {},
            "settings": {"max_accounts": self.max_accounts, "version": "11.130.0.16", "privileges": None, "lock_after": 0},
        }  # fmt: skip

    def operation(self, request: Request) -> str:
        """The function's name."""
        return request.path.removeprefix("/json-api/").strip("/") if request.path.startswith("/json-api/") else ""

    def answer(self, request: Request) -> Answer:
        """API or page."""
        if not request.path.startswith("/json-api/"):
            return pages.answer(self, request)
        refusal = self._check_token(request)
        return refusal or self._call(self.operation(request), request.params)

    def taken_by(self, request: Request) -> frozenset[str]:
        """User name and domain of a new account."""
        return frozenset(request.params.get(name, "").lower() for name in ("username", "domain")) - {""}

    def privileges(self) -> frozenset[str]:
        """Rights of the token."""
        granted = self.state["settings"]["privileges"]
        return RIGHTS | {"all"} if granted is None else frozenset(granted)

    def control(self, name: str, data: dict) -> dict | None:
        """clock {now}, settings {max_accounts, privileges, version, lock_after}, package {name, values|null}, zone {domain},
        check_password {user, password}."""
        match name:
            case "clock":
                return clock.set_now(self.state, data.get("now", ""))
            case "settings":
                self.state["settings"].update(data)
                return self.state["settings"]
            case "zone":
                self.state["zones"][data["domain"]] = {"owner": ""}
                return {"ok": True}
            case "package":
                self.state["packages"].pop(data["name"], None)
                if data.get("values") is not None:
                    self.state["packages"][data["name"]] = {**initial_packages()["start"], **data["values"]}
                return {"packages": sorted(self.state["packages"])}
            case "check_password":
                account = self.state["accounts"].get(data["user"], {})
                return {"ok": account.get("password") == passwords.hashed(data["password"])}
        return None

    def _check_token(self, request: Request) -> Answer | None:
        """None when the header is right; else the refusal. Counts failures like the brute-force guard does."""
        failures, lock_after = self.state["failures"], self.state["settings"]["lock_after"]
        if lock_after and failures.get(request.client_ip, 0) >= lock_after:
            return Answer.json(DENIED, 401, "locked out")
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        wanted = f"{self.user}:{self.token}"
        if scheme.lower() == "whm" and hmac.compare_digest(given.strip().encode(), wanted.encode()):
            return None
        failures[request.client_ip] = failures.get(request.client_ip, 0) + 1
        return Answer.json(DENIED, 403, "access denied")

    def _call(self, function: str, params: dict) -> Answer:
        shape = _api_1 if params.get("api.version") == "1" else _api_0
        try:
            result = self._run(function, params)
        except Refused as refused:
            return shape(function, False, Result(reason=str(refused)))
        return shape(function, True, result)

    def _run(self, function: str, params: dict) -> Result:
        if function == "applist":
            return Result({"app": sorted([*FUNCTIONS, "applist"])})
        if function not in FUNCTIONS:
            raise Refused(f"Unknown app requested for this version of the API: {function}")
        work, right = FUNCTIONS[function]
        granted = self.privileges()
        if right and not granted & {right, "all"}:
            raise Refused(f"Permission denied: the token lacks the right “{right}” for “{function}”.")
        return work(self, params)


def _api_1(function: str, ok: bool, result: Result) -> Answer:
    metadata = {"version": 1, "command": function, "result": int(ok), "reason": result.reason}
    if result.raw:
        metadata["output"] = {"raw": result.raw}
    body = {"metadata": metadata}
    if ok and (result.data or function in READING):
        body["data"] = result.data
    return Answer.json(body, outcome="ok" if ok else f"refused: {result.reason}")


def _api_0(function: str, ok: bool, result: Result) -> Answer:
    """The old shape: flat for reading functions, a list `result` for the others."""
    outcome = "ok" if ok else f"refused: {result.reason}"
    head = {"status": int(ok), "statusmsg": result.reason if result.reason != "OK" else "Ok"}
    if function in READING:
        data = {("package" if key == "pkg" else key): value for key, value in result.data.items()}
        return Answer.json({**head, **data}, outcome=outcome)
    row = {**head, "options": result.data}
    if result.raw:
        row["rawout"] = result.raw
    return Answer.json({"result": [row], "generated_at": int(time.time())}, outcome=outcome)
