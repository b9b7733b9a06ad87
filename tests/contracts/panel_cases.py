"""What the contract tests must know about each panel: how to reach its sandbox, name its operations, meddle from outside."""

from dataclasses import dataclass

import requests

from hostbill.core.modules import DriverKind
from provisioning.panels import REGISTRY
from provisioning.panels.base import AccountRef, CreateAccount

KIND = DriverKind("panel", REGISTRY)
PASSWORD = "Tr7&<kZ\"p9'Qx"  # noqa: S105 - with the characters that break XML and quoting


@dataclass
class Case:
    """One driver against its sandbox."""

    driver: str
    sandbox: object
    name: str  # of the sandbox server
    create: str  # operation names there, for faults
    suspend: str
    terminate: str
    read: str

    @property
    def server(self):
        """Address and credentials of the sandbox server."""
        return getattr(self.sandbox, self.name)

    def control(self, path, body=None, method=None):
        """Call the sandbox's control endpoint."""
        return self.sandbox.control(self.name, path, body, method)

    def fault(self, match, kind, times=1, **more):
        """Order a fault."""
        self.control("faults", {"match": match, "kind": kind, "times": times, **more})

    def values(self, **changes):
        """Configuration values of the driver."""
        host, port = self.server.url.removeprefix("http://").split(":")
        found = {"hostname": host, "port": int(port), "use_tls": False, "tls_check": "system"}
        names = ("username", "token", "password", "secret_key")
        found |= {name: getattr(self.server, name) for name in names if hasattr(self.server, name)}
        return found | changes

    def panel(self, **changes):
        """The driver."""
        from django.utils.module_loading import import_string

        return import_string(KIND.path_of(self.driver))(self.values(**changes))

    def calls(self, operation):
        """Logged calls of an operation."""
        return self.control(f"calls?operation={operation}")

    def accounts(self):
        """Domains that really exist on the sandbox."""
        state = self.control("state")
        rows = state["accounts"] if self.name == "whm" else state["webspaces"]
        return sorted(row.get("domain") or row.get("name") for row in rows.values())

    def abuse_suspend(self, request: CreateAccount):
        """The panel's own administrator suspends the account."""
        if self.name == "whm":
            self.whm("suspendacct", user=request.username, reason="abuse: sends spam")
            return
        [row] = [row for row in self.control("state")["webspaces"].values() if row["name"] == request.domain]
        auth = (self.server.username, self.server.password)
        url = f"{self.server.url}/api/v2/domains/{row['id']}/status"
        assert requests.put(url, json={"status": "disabled"}, auth=auth, timeout=5).status_code == 200

    def whm(self, function, **params):
        """A raw WHM call."""
        login = {"Authorization": f"whm root:{self.server.token}"}
        params["api.version"] = "1"
        return requests.get(f"{self.server.url}/json-api/{function}", params=params, headers=login, timeout=5).json()

    def site_status(self, domain):
        """HTTP status of the customer's site."""
        return requests.get(f"{self.server.url}/site/{domain}", timeout=5).status_code


CASES = {
    "cpanel": {
        "name": "whm",
        "create": "^createacct$",
        "suspend": "^suspendacct$",
        "terminate": "^removeacct$",
        "read": "^(accountsummary|listaccts)$",
    },
    "plesk": {
        "name": "plesk",
        "create": "webspace.add",
        "suspend": "webspace.set",
        "terminate": "webspace.del",
        "read": "webspace.get",
    },
}


def account(username="alice7k2", domain="alice.example.com", **changes) -> CreateAccount:
    """A request for an account."""
    values = {"plan": "start", "password": PASSWORD, "email": "alice@example.com", "client_ref": "C-1",
              "external_id": f"0b7c3b7e-0000-4000-8000-{abs(hash((username, domain))) % 10**12:012d}"}  # fmt: skip
    return CreateAccount(username=username, domain=domain, **{**values, **changes})


def ref_of(request: CreateAccount) -> AccountRef:
    """The reference provisioning would keep."""
    return request.ref
