"""The HTTP side: a page to read mail, a JSON list for tests, the control endpoint.

The list is what the recipients find in their mailboxes. As Gmail and Cyrus ("duplicate delivery suppression") do, a message
with the Message-ID of one that a recipient has already is not shown to that recipient again; `copies` of the message in the list
says how many deliveries there were.
"""

import threading
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from hostbill.sandbox.mail import message, pages
from hostbill.sandbox.server import Answer, Request, SandboxApp

SMTP_FAULTS = frozenset({"4xx", "5xx", "drop"})
STEP_FAULTS = {
    "connect": frozenset({"refuse"}),
    "rcpt": frozenset({"4xx", "5xx", "delay"}),
    "begin": frozenset({"drop", "delay"}),
    "data": frozenset({"drop", "drop_before", "drop_after", "delay", "delay_before"}),
}
CSP = "default-src 'none'; img-src data: http: https:; style-src 'self' 'unsafe-inline'; frame-src 'self'; form-action 'self'"


class MailApp(SandboxApp):
    """`state["messages"]` lists the messages, oldest first; the raw text of each is in a file of its own."""

    name = "mail"
    extra_fault_kinds = SMTP_FAULTS

    def __init__(self, state_dir: Path):
        super().__init__(state_dir)
        self.folder = Path(state_dir) / "messages"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file_lock = threading.Lock()

    def initial_state(self) -> dict:
        return {"messages": [], "last": 0}

    def operation(self, request: Request) -> str:
        return ""

    def fault(self, operation: str):
        """The fault ordered for a step of the SMTP talk: "connect" (refuse), "rcpt ADDRESS" (4xx, 5xx, delay), "begin ADDRESS ..."
        (drop, delay: before the text may come), and after the final dot "data ADDRESS ... SUBJECT" (drop, drop_before: the
        message is lost; drop_after: it is kept and the line goes dead; delay: it is kept and the answer late; delay_before:
        the same, unless the sender is gone meanwhile)."""
        return self.faults.take(operation, STEP_FAULTS[operation.split()[0]])

    def deliver(self, sender: str, recipients: list[str], raw: bytes) -> int:
        """Keep a message for the recipients who do not have it yet; its number, or that of the one they have."""
        at, summary = datetime.now(UTC).isoformat(), message.summary(raw)
        with self.store.lock:
            kept = self._twins(summary["message_id"], recipients)
            for row in kept:
                row["copies"] = row.get("copies", 1) + 1
            having = {address.lower() for row in kept for address in row["recipients"]}
            wanting = [address for address in recipients if address.lower() not in having]
            number = self._keep(sender, wanting, raw, {"at": at, **summary}) if wanting else kept[0]["id"]
        self.store.touch()
        return number

    def _twins(self, message_id: str, recipients: list[str]) -> list[dict]:
        """The messages with this id that one of the recipients has."""
        wanted = {address.lower() for address in recipients}
        return [
            row
            for row in self.state["messages"]
            if message_id
            and row.get("message_id") == message_id
            and wanted & {address.lower() for address in row["recipients"]}
        ]

    def _keep(self, sender: str, recipients: list[str], raw: bytes, facts: dict) -> int:
        self.state["last"] += 1
        number = self.state["last"]
        (self.folder / f"{number}.eml").write_bytes(raw)
        self.state["messages"].append({"id": number, "sender": sender, "recipients": recipients, "copies": 1, **facts})
        return number

    def answer(self, request: Request) -> Answer:
        parts = request.path.strip("/").split("/")
        if parts == [""]:
            answer = pages.listing(self.wanted(request.query), request.query)
        elif parts == ["messages.json"]:
            answer = Answer.json(self.wanted(request.query)[::-1])
        elif parts == ["messages"]:
            answer = self._delete_all(request)
        elif parts[0] == "messages" and len(parts) in (2, 3, 4):
            answer = self._one(request, *parts[1:])
        elif parts == ["style.css"]:
            answer = Answer(200, pages.STYLE.read_bytes(), "text/css; charset=utf-8")
        else:
            answer = pages.not_found()
        answer.headers.setdefault("Content-Security-Policy", CSP)
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    def wanted(self, query: dict) -> list[dict]:
        """Newest first, by `to` and `subject` (parts of the text, any case) and `since` (ISO time, or a number: ids above)."""
        to, subject, since = query.get("to", "").lower(), query.get("subject", "").lower(), query.get("since", "")
        rows = self.state["messages"][::-1]
        if since.isdigit():
            rows = [row for row in rows if row["id"] > int(since)]
        elif since:
            moment = datetime.fromisoformat(since.replace(" ", "+").replace("Z", "+00:00"))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            rows = [row for row in rows if datetime.fromisoformat(row["at"]) >= moment]
        rows = [row for row in rows if any(to in each.lower() for each in row["recipients"])] if to else rows
        return [row for row in rows if subject in row["subject"].lower()]

    def _delete_all(self, request: Request) -> Answer:
        if request.method not in ("DELETE", "POST"):
            return Answer.redirect("/")
        for row in self.state["messages"]:
            (self.folder / f"{row['id']}.eml").unlink(missing_ok=True)
        self.state["messages"] = []
        return Answer.json({"ok": True}) if request.method == "DELETE" else Answer(303, headers={"Location": "/"})

    def _one(self, request: Request, name: str, part: str = "", place: str = "") -> Answer:
        number, as_json = name.removesuffix(".json"), name.endswith(".json")
        row = next((row for row in self.state["messages"] if str(row["id"]) == number), None)
        if row is None:
            return pages.not_found()
        raw = (self.folder / f"{number}.eml").read_bytes()
        if part == "raw":
            return Answer(200, raw, "text/plain; charset=utf-8")
        parsed = message.parse(raw)
        if as_json:
            return Answer.json({**row, **parsed})
        if part == "html":
            frame = Answer.html(pages.with_pictures(parsed["html"], parsed["attachments"], number))
            frame.headers["Content-Security-Policy"] = CSP + "; sandbox allow-popups allow-popups-to-escape-sandbox"
            return frame
        if part == "attachments":
            return self._attachment(raw, place)
        return pages.one(row, parsed)

    @staticmethod
    def _attachment(raw: bytes, place: str) -> Answer:
        found = message.attachment(raw, int(place)) if place.isdigit() else None
        if found is None:
            return pages.not_found()
        name, type_, content = found
        safe = (
            type_
            if type_.startswith("image/") and "svg" not in type_ or type_ == "application/pdf"
            else "application/octet-stream"
        )
        return Answer(200, content, safe, {"Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}"})
