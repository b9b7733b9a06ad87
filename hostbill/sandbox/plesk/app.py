"""Routes of the Plesk stand-in: who may, which API, pages."""

import hmac
import secrets
import uuid
from pathlib import Path

from hostbill.sandbox import clock, passwords
from hostbill.sandbox.plesk import errors, objects, packets, pages, rest
from hostbill.sandbox.plesk.errors import PleskError, SystemError_
from hostbill.sandbox.server import Answer, Request, SandboxApp

AGENT = ("/enterprise/control/agent.php", "/enterprise/control/agent.php/")


class Plesk(SandboxApp):
    """One Plesk server with one administrator and any number of secret keys."""

    name = "plesk"
    caller = ""  # address of the caller being served

    def __init__(self, state_dir: Path, *, login: str, password: str, secret_key: str = "", max_domains: int = -1):
        self.login, self.password, self.secret_key, self.max_domains = login, password, secret_key, max_domains
        super().__init__(state_dir)

    def initial_state(self) -> dict:
        """A new server: plans, two addresses, no customers. Limits -1 = unlimited."""
        return {
            "hostname": "plesk.sandbox.test", "guid": str(uuid.uuid4()), "next_id": 100, "clock_offset": 0, "customers": {},
            "webspaces": {}, "plans": objects.initial_plans(), "ips": {"192.0.2.20": "shared", "192.0.2.21": "exclusive"},
            "sessions": {}, "keys": {},
            "settings": {"lim_cl": -1, "lim_dom": self.max_domains, "lim_date": "20991231", "version": "18.0.66"},
        }  # fmt: skip

    def next_id(self) -> int:
        """A new object id."""
        self.state["next_id"] += 1
        return self.state["next_id"]

    def new_key(self, address: str, description: str) -> str:
        """Make a secret key good from that address only."""
        key = str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
        self.state["keys"][key] = {"key": key, "ip": address, "description": description}
        return key

    def key_is_good(self, key: str, address: str) -> bool:
        """Is it the key of the command line, or a made one used from its address?"""
        if self.secret_key and hmac.compare_digest(key.encode(), self.secret_key.encode()):
            return True
        return self.state["keys"].get(key, {}).get("ip") == address

    def login_is_good(self, login: str, password: str) -> bool:
        """Is it the administrator?"""
        return hmac.compare_digest(f"{login}\0{password}".encode(), f"{self.login}\0{self.password}".encode())

    def operation(self, request: Request) -> str:
        """ "webspace.add", several joined by commas; "rest.METHOD path"; "agent" when the packet cannot be read."""
        if request.path.startswith("/api/v2"):
            return rest.operation(request)
        if request.path not in AGENT:
            return ""
        try:
            request.note["packet"] = packets.parse(request.body)
        except SystemError_ as error:
            request.note["error"] = error
            return "agent"
        return ",".join(packets.names(request.note["packet"])) or "agent"

    def taken_by(self, request: Request) -> frozenset[str]:
        """Logins and domains of what is added."""
        packet = request.note.get("packet")
        names = [] if packet is None else [*packet.iterfind("*/add//login"), *packet.iterfind("*/add/gen_setup/name")]
        return frozenset((name.text or "").strip().lower() for name in names)

    def logged_params(self, request: Request) -> dict:
        """The body as sent."""
        return {**request.query, "body": request.body.decode("utf-8", "replace")}

    def answer(self, request: Request) -> Answer:
        """One of the APIs, or a page."""
        if request.path.startswith("/api/v2"):
            return rest.answer(self, request)
        if request.path not in AGENT:
            return pages.answer(self, request)
        self.caller = request.client_ip
        try:
            self._check_caller(request)
            if "error" in request.note:
                raise request.note["error"]
            reply = packets.answer(self, request.note["packet"])
        except PleskError as error:
            reply = packets.system_error(error)
        return Answer.xml(packets.to_bytes(reply), outcome=packets.outcome(reply))

    def _check_caller(self, request: Request) -> None:
        key = request.headers.get("KEY")
        if key is not None:
            if not self.key_is_good(key, request.client_ip):
                raise SystemError_(errors.BAD_KEY, "The secret key is invalid or was used from another address.")
            return
        login, password = request.headers.get("HTTP_AUTH_LOGIN", ""), request.headers.get("HTTP_AUTH_PASSWD", "")
        if not self.login_is_good(login, password):
            raise SystemError_(errors.WRONG_PASSWORD, "You have entered an incorrect username or password.")

    def control(self, name: str, data: dict) -> dict | None:
        """clock {now}, settings {lim_cl, lim_dom, version}, check_password {user, password}."""
        match name:
            case "clock":
                return clock.set_now(self.state, data.get("now", ""))
            case "settings":
                self.state["settings"].update(data)
                return self.state["settings"]
            case "check_password":
                given = passwords.hashed(data["password"])
                rows = [row for row in self.state["customers"].values() if row["login"] == data["user"]]
                spaces = [row for row in self.state["webspaces"].values() if row["ftp_login"] == data["user"]]
                good = [row["password"] == given for row in rows] + [row["ftp_password"] == given for row in spaces]
                return {"ok": bool(good) and all(good)}
        return None
