"""cPanel accounts by the WHM API."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core import http
from hostbill.core.errors import DriverError
from provisioning.panels.address import AddressForm
from provisioning.panels.base import (
    REASON_MARK,
    AccountRef,
    CreateAccount,
    Panel,
    RemoteAccount,
    TestResult,
    Usage,
)
from provisioning.panels.cpanel.client import WhmClient, only_list

RIGHTS = ("create-acct", "kill-acct", "suspend-acct", "upgrade-account", "passwd", "list-accts", "list-pkgs", "show-bandwidth",
          "create-user-session")  # fmt: skip
SERVICES = {"panel": "cpaneld", "webmail": "webmaild"}
CLOCK_SLACK = timedelta(minutes=5)  # the server's clock may lag ours
WANTED = "user,domain,plan,suspended,suspendreason,is_locked,unix_startdate"


class CPanelConfig(AddressForm):
    """Where WHM is and the token to use."""

    default_port = 2087

    username = forms.CharField(label=_("WHM user"), initial="root", max_length=64, help_text=_("root or a reseller"))
    token = forms.CharField(
        label=_("API token"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("WHM: Development, Manage API Tokens. Leave empty to keep the stored one."),
    )


class CPanel(Panel):
    """cPanel & WHM, as root or as a reseller."""

    label = "cPanel & WHM"
    capabilities = frozenset({"login_link", "webmail_login", "usage", "change_plan", "set_password", "list"})
    Config = CPanelConfig
    secret_fields = ("token",)

    def __init__(self, values: dict):
        super().__init__(values)
        self.whm = WhmClient(values)

    def test(self) -> TestResult:
        """version and myprivs, then the licence's numbers."""
        version = str(self.whm.read("version").get("version", ""))
        granted = _privileges(self.whm.read("myprivs"))
        missing = [] if "all" in granted else [right for right in RIGHTS if right not in granted]
        limit = _count(self.whm.read("get_maximum_users"))
        return TestResult(version, missing, limit or None, _count(self.whm.read("get_current_users_count")))

    def look_up(self, ref: AccountRef) -> RemoteAccount | None:
        """accountsummary by user; another domain under that name is not our account."""
        found = self._find(ref.username)
        return found if found and _same_domain(found, ref) else None

    def create(self, request: CreateAccount) -> RemoteAccount:
        """createacct; on "taken" look whether an earlier attempt of ours took it."""
        if not (request.username and request.domain and request.plan and request.password):
            raise DriverError("User name, domain, plan and password are all needed", permanent=True, code="invalid")
        try:
            self.whm.change(
                "createacct", username=request.username, domain=request.domain, plan=request.plan, password=request.password,
                contactemail=request.email, showpass="n", forcedns="0", hide=(request.password,),
            )  # fmt: skip
        except DriverError as error:
            if error.code not in ("username_taken", "domain_taken"):
                raise
            return self._adopt(request, error)
        return RemoteAccount(request.username, request.username, request.domain, request.plan, suspended=False)

    def _adopt(self, request: CreateAccount, error: DriverError) -> RemoteAccount:
        """The account an earlier attempt made, with the password set again; else the error, pointing at what is in the way."""
        found = self._find(request.username)
        if found and _same_domain(found, request.ref) and _made_after(found, request.created_after):
            self.set_password(request.ref, request.password)
            return found
        code = error.code if found is None else "username_taken"
        raise DriverError(error.message, permanent=True, code=code) from error

    def suspend(self, ref: AccountRef, reason: str) -> None:
        """suspendacct, read back."""
        if self._existing(ref).suspended:
            return
        try:
            self.whm.change("suspendacct", user=ref.username, reason=REASON_MARK + reason)
        except DriverError as error:
            if error.code != "already":
                raise
        self._confirm(self._existing(ref).suspended, "suspendacct")

    def resume(self, ref: AccountRef, *, force: bool = False) -> None:
        """unsuspendacct, read back."""
        account = self._existing(ref)
        if not account.suspended:
            return
        if not account.suspended_by_us and not force:
            raise DriverError(
                f"Suspended by somebody else: {account.suspend_reason}", permanent=True, code="suspended_elsewhere"
            )
        try:
            self.whm.change("unsuspendacct", user=ref.username)
        except DriverError as error:
            if error.code != "already":
                raise
        self._confirm(not self._existing(ref).suspended, "unsuspendacct")

    def terminate(self, ref: AccountRef) -> None:
        """removeacct after checking whose account it is; a reported failure is read back."""
        account = self._find(ref.username)
        if account is None:
            return
        _require_domain(account, ref)
        try:
            self.whm.change("removeacct", username=ref.username, user=ref.username)
        except DriverError as error:
            if error.stop_lane or self._find(ref.username) is not None:
                raise

    def change_plan(self, ref: AccountRef, plan: str) -> None:
        """changepackage, read back."""
        if self._existing(ref).plan == plan:
            return
        self.whm.change("changepackage", user=ref.username, pkg=plan)
        self._confirm(self._existing(ref).plan == plan, "changepackage")

    def set_limits(self, ref: AccountRef, limits: dict[str, int]) -> None:
        """editquota and limitbw, in MB. Without any the package is set anew, which brings its own back."""
        account = self._existing(ref)
        if not limits:
            self.whm.change("changepackage", user=ref.username, pkg=account.plan)
            return
        if "disk_mb" in limits:
            self.whm.change("editquota", user=ref.username, quota=str(limits["disk_mb"]))
        if "bandwidth_mb" in limits:
            self.whm.change("limitbw", user=ref.username, bwlimit=str(limits["bandwidth_mb"]))

    def set_password(self, ref: AccountRef, password: str) -> None:
        """passwd; changes mail, FTP and MySQL passwords of the account too."""
        self._existing(ref)
        self.whm.change("passwd", user=ref.username, password=password, hide=(password,))

    def usage(self, refs: list[AccountRef] | None = None) -> dict[str, Usage]:
        """get_disk_usage (KiB blocks) and showbw (bytes) of the whole server in two calls."""
        traffic = {
            row.get("user"): row
            for row in only_list(self.whm.read("showbw"), "acct")
            if not _number(row.get("deleted"))
        }
        wanted = None if refs is None else {ref.username for ref in refs}
        found = {}
        for row in only_list(self.whm.read("get_disk_usage", cache_mode="on"), "accounts"):
            name = row.get("user")
            if wanted is not None and name not in wanted:
                continue
            blocks, month = _number(row.get("blocks_limit")), traffic.get(name, {})
            found[name] = Usage(
                disk_used=(_number(row.get("blocks_used")) or 0) * 1024,
                disk_limit=blocks * 1024 if blocks else None,
                bandwidth_used=_number(month.get("totalbytes")) or 0,
                bandwidth_limit=_number(month.get("limit")) or None,
            )
        return found

    def login_link(self, ref: AccountRef, service: str = "panel", client_ip: str = "") -> str:
        """create_user_session. The link is as good as the password, so this exchange is kept out of the record."""
        self._existing(ref)
        with http.record():
            data = self.whm.read("create_user_session", user=ref.username, service=SERVICES[service])
        if not data.get("url"):
            raise DriverError("WHM made no login link", permanent=False, code="bad_answer")
        return data["url"]

    def list_accounts(self) -> list[RemoteAccount]:
        """listaccts."""
        return [_account(row) for row in only_list(self.whm.read("listaccts", want=WANTED), "acct")]

    def list_plans(self) -> list[str]:
        """listpkgs."""
        return [row["name"] for row in only_list(self.whm.read("listpkgs", want="all"), "pkg")]

    def check_username(self, username: str) -> bool:
        """verify_new_username."""
        try:
            self.whm.read("verify_new_username", user=username)
        except DriverError as error:
            if error.code in ("username_taken", "bad_username", "refused"):
                return False
            raise
        return True

    def _find(self, username: str) -> RemoteAccount | None:
        try:
            rows = only_list(self.whm.read("accountsummary", user=username), "acct")
        except DriverError as error:
            if error.code == "missing":
                return None
            raise
        return next((_account(row) for row in rows if row.get("user") == username), None)

    def _existing(self, ref: AccountRef) -> RemoteAccount:
        """The account, or DriverError missing / domain_mismatch: no call is ever made on somebody else's account."""
        account = self._find(ref.username)
        if account is None:
            raise DriverError(f"There is no account {ref.username} on the server", permanent=True, code="missing")
        _require_domain(account, ref)
        return account

    @staticmethod
    def _confirm(changed: bool, function: str) -> None:
        if not changed:
            raise DriverError(f"{function} reported success but changed nothing", permanent=False, code="not_applied")


def _account(row: dict) -> RemoteAccount:
    suspended = bool(_number(row.get("suspended")))
    reason = str(row.get("suspendreason") or "") if suspended else ""
    locked = bool(_number(row.get("is_locked")))
    started = _number(row.get("unix_startdate"))
    return RemoteAccount(
        remote_id=row["user"],
        username=row["user"],
        domain=str(row.get("domain") or "").lower(),
        plan=str(row.get("plan") or ""),
        suspended=suspended,
        suspend_reason=reason.removeprefix(REASON_MARK),
        suspended_by_us=reason.startswith(REASON_MARK) and not locked,
        created_at=datetime.fromtimestamp(started, UTC) if started else None,
    )


def _same_domain(account: RemoteAccount, ref: AccountRef) -> bool:
    return account.domain == ref.domain.lower()


def _require_domain(account: RemoteAccount, ref: AccountRef) -> None:
    if not _same_domain(account, ref):
        raise DriverError(
            f"{ref.username} serves {account.domain}, not {ref.domain}: nothing was changed",
            permanent=True,
            code="domain_mismatch",
        )


def _made_after(account: RemoteAccount, moment: datetime | None) -> bool:
    return bool(moment and account.created_at and account.created_at >= moment - CLOCK_SLACK)


def _number(value) -> int | None:
    """WHM writes numbers as strings, "unlimited" and null; those two are None."""
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return None


def _count(data: dict) -> int:
    """The one number of get_current_users_count and get_maximum_users, whatever its name."""
    return next((number for number in map(_number, data.values()) if number is not None), 0)


def _privileges(data: dict) -> set[str]:
    """Names of granted rights; the answer is a map or a list of one map."""
    granted = data.get("privileges", {})
    maps = granted if isinstance(granted, list) else [granted]
    return {name for row in maps if isinstance(row, dict) for name, value in row.items() if _number(value)}
