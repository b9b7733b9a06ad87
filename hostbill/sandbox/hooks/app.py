"""Keeps every webhook that is posted to it, whatever the path, newest last; `/` shows them.

Faults: the common ones, and "gone" (410), "refused" (422), "redirect" (302 to /elsewhere), "big" (a megabyte of answer). The
operation is the path without its slashes, so that a fault can be for one endpoint.
Control: GET /_control/state has `got`: [{path, headers, body, status}]."""

from html import escape

from hostbill.sandbox.messages import Answer, Request
from hostbill.sandbox.pages import page
from hostbill.sandbox.server import SandboxApp

KEPT, SHOWN = 500, 50
STATUS = {"gone": 410, "refused": 422, "redirect": 302, "big": 200}


class Hooks(SandboxApp):
    """One receiver."""

    name = "hooks"
    extra_fault_kinds = frozenset(STATUS)

    def initial_state(self) -> dict:
        """Nothing came yet."""
        return {"got": []}

    def operation(self, request: Request) -> str:
        """The path, of what is posted."""
        return request.path.strip("/") or "root" if request.method == "POST" else ""

    def answer(self, request: Request) -> Answer:
        """Keep it; or show what came."""
        if request.method != "POST":
            return Answer.html(page("Webhooks", self._list(), brand="Receiver of webhooks", colour="#334155"))
        fault = self.faults.take(self.operation(request), only=self.extra_fault_kinds)
        kind = fault.kind if fault else ""
        self._keep(request, STATUS.get(kind, 200))
        if kind == "redirect":
            return Answer(302, b"moved", headers={"Location": "/elsewhere"}, outcome=kind)
        if kind == "big":
            return Answer(200, b"x" * 1_000_000, outcome=kind)
        return Answer(STATUS.get(kind, 200), b"refused" if kind else b"thank you", outcome=kind or "ok")

    def _keep(self, request: Request, status: int) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        got = {"path": request.path, "headers": headers, "body": request.body.decode("utf-8", "replace"), "status": status}
        self.state["got"] = [*self.state["got"], got][-KEPT:]

    def _list(self) -> str:
        rows = "".join(
            f'<section class="card"><h2>{escape(one["path"])} · {one["status"]} · {escape(one["headers"].get("webhook-id", ""))}</h2>'
            f'<div style="overflow-wrap:anywhere">{escape(one["body"])}</div></section>'
            for one in reversed(self.state["got"][-SHOWN:])
        )
        return f"<h1>What came</h1><p class=sub>Newest first</p>{rows or '<p>Nothing yet.</p>'}"
