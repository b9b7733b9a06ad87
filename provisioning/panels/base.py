"""What every panel driver does. Provisioning knows these classes and nothing of any panel.

Methods raise (hostbill.core.errors):
- `OutcomeUnknown`: the call was sent and its result is not known. Look before sending again.
- `DriverError`: refused, or never sent. `permanent` says whether repeating can help, `stop_lane` that this server should not be
  called again until staff looked. `code` is one of CODES.

Methods named after an intent (suspend, resume, terminate, change_plan) succeed quietly when that is how things already are.
"""

from dataclasses import dataclass, field
from datetime import datetime

from hostbill.core.errors import DriverError

CODES = {
    "unreachable": "no connection, nothing was sent",
    "server_error": "a reading call got a 5xx answer",
    "bad_answer": "a reading call got something unreadable",
    "bad_address": "something answers there, but not this panel's API",
    "busy": "the panel asks to come back later",
    "auth": "token, key or password refused, or our address is blocked (stops the lane)",
    "permission": "the token lacks a right; the message names it",
    "licence": "the panel's licence is not valid (stops the lane)",
    "username_taken": "another account has this user name",
    "domain_taken": "the domain is served, parked or has a DNS zone there for somebody else",
    "bad_username": "the panel does not accept this user name",
    "plan_missing": "the panel has no package of this name",
    "server_full": "the licence or the server allows no further account",
    "weak_password": "the panel wants a stronger password",
    "missing": "the account does not exist",
    "domain_mismatch": "the account of this name serves another domain: nothing was touched",
    "suspended_elsewhere": "suspended by somebody else, so not lifted",
    "suspended": "not possible while suspended",
    "not_applied": "the panel said yes, but reading back shows no change",
    "invalid": "the request makes no sense (empty domain, ...)",
    "refused": "any other refusal; the message is the panel's",
}

REASON_MARK = "HostBill: "  # begins every suspension reason we give to a panel, so that we know our own


@dataclass(frozen=True)
class AccountRef:
    """Names of an account. `external_id` is our own UUID, given to panels that can keep one."""

    username: str
    domain: str
    remote_id: str = ""
    external_id: str = ""


@dataclass(frozen=True)
class CreateAccount:
    """An account to make. `created_after`: real time (not the moved clock) of the first attempt; an account of the same user
    name and domain made after it is ours and gets adopted. None = never adopt."""

    username: str
    password: str = field(repr=False)
    domain: str
    plan: str
    email: str
    client_ref: str = ""
    created_after: datetime | None = None
    external_id: str = ""
    client_name: str = ""

    @property
    def ref(self) -> AccountRef:
        """The names of the account to be."""
        return AccountRef(self.username, self.domain, external_id=self.external_id)


@dataclass(frozen=True)
class RemoteAccount:
    """An account as the panel has it. `suspend_reason` is what was given to suspend(), or the panel's text if not ours."""

    remote_id: str
    username: str
    domain: str
    plan: str
    suspended: bool
    suspend_reason: str = ""
    created_at: datetime | None = None
    suspended_by_us: bool = False
    external_id: str = ""


@dataclass(frozen=True)
class Usage:
    """Bytes; a limit of None is unlimited. Bandwidth is that of the panel's current month."""

    disk_used: int
    disk_limit: int | None
    bandwidth_used: int
    bandwidth_limit: int | None


@dataclass(frozen=True)
class TestResult:
    """Outcome of a connection test. `max_accounts` None = unlimited; `missing_rights` in the panel's own words."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    version: str
    missing_rights: list[str] = field(default_factory=list)
    max_accounts: int | None = None
    account_count: int = 0


class Panel:
    """Base of the drivers, built from the values of a ModuleConfig. One instance may be used by one thread."""

    label = ""
    capabilities: frozenset[str] = frozenset()  # of: login_link, webmail_login, usage, change_plan, set_password, list
    Config: type  # Django form asking for the values
    secret_fields: tuple[str, ...] = ()

    def __init__(self, values: dict):
        self.values = values

    def test(self) -> TestResult:
        """Can we log in, and may we do all we need?"""
        raise NotImplementedError

    def look_up(self, ref: AccountRef) -> RemoteAccount | None:
        """The account with this user name AND domain (and external id, where kept); None = surely not there."""
        raise NotImplementedError

    def create(self, request: CreateAccount) -> RemoteAccount:
        """Make the account, or adopt the one an earlier attempt made. Takes up to minutes."""
        raise NotImplementedError

    def suspend(self, ref: AccountRef, reason: str) -> None:
        """Take the account offline. An account suspended by somebody else stays as it is and counts as done."""
        raise NotImplementedError

    def resume(self, ref: AccountRef, *, force: bool = False) -> None:
        """Bring it back. A suspension that is not ours is refused (suspended_elsewhere) unless forced."""
        raise NotImplementedError

    def terminate(self, ref: AccountRef) -> None:
        """Delete the account for good. A missing account counts as done; another domain is refused (domain_mismatch)."""
        raise NotImplementedError

    def change_plan(self, ref: AccountRef, plan: str) -> None:
        """Move the account to another package."""
        raise NotImplementedError

    def set_limits(self, ref: AccountRef, limits: dict[str, int]) -> None:
        """Other limits than the plan's: "disk_mb" and "bandwidth_mb"; those left out are the plan's again."""
        raise DriverError(f"{self.label} takes its limits from the plan only", permanent=True, code="refused")

    def set_password(self, ref: AccountRef, password: str) -> None:
        """New password for the panel (and FTP)."""
        raise NotImplementedError

    def usage(self, refs: list[AccountRef] | None = None) -> dict[str, Usage]:
        """Usage by user name: of all accounts, or of those given (missing ones are left out)."""
        raise NotImplementedError

    def login_link(self, ref: AccountRef, service: str = "panel", client_ip: str = "") -> str:
        """A short-lived address that logs the customer in; service "panel" or "webmail". Never store it."""
        raise NotImplementedError

    def list_accounts(self) -> list[RemoteAccount]:
        """All accounts of the server (or of our reseller)."""
        raise NotImplementedError

    def list_plans(self) -> list[str]:
        """Names of the packages accounts can have."""
        raise NotImplementedError

    def check_username(self, username: str) -> bool:
        """Would the panel take this name now? (It may be gone a moment later.)"""
        raise NotImplementedError
