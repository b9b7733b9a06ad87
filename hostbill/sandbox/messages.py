"""What comes in and what goes out of a sandbox server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Request:
    """A parsed request. `query` and `form` are flat (last value wins); `pairs` keeps all pairs of both in order."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    client_ip: str
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    note: dict = field(default_factory=dict)  # free for the app: what it parsed once and needs again

    @property
    def params(self) -> dict[str, str]:
        """Query and form together; the form wins."""
        return {**self.query, **self.form}

    def json(self):
        """The body as JSON; ValueError when it is not, {} when empty."""
        return json.loads(self.body) if self.body.strip() else {}


@dataclass
class Answer:
    """What goes back. `outcome` is a short word for the log of calls ("ok", "refused: ...")."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    outcome: str = "ok"

    @classmethod
    def json(cls, data, status: int = 200, outcome: str = "ok", **headers: str) -> "Answer":
        """JSON answer; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(data).encode(), "application/json", named, outcome)

    @classmethod
    def html(cls, page: str, status: int = 200, outcome: str = "ok") -> "Answer":
        """HTML page."""
        return cls(status, page.encode(), "text/html; charset=utf-8", {}, outcome)

    @classmethod
    def xml(cls, document: bytes, status: int = 200, outcome: str = "ok") -> "Answer":
        """XML document."""
        return cls(status, document, "text/xml; charset=utf-8", {}, outcome)

    @classmethod
    def redirect(cls, url: str) -> "Answer":
        """302 to the address."""
        return cls(302, b"", headers={"Location": url})
