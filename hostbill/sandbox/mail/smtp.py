"""The SMTP side: as much of RFC 5321 as mail libraries use, one thread per connection."""

import base64
import re
import socket
import socketserver
import time
from collections.abc import Callable

from hostbill.sandbox.mail.message import summary

MAX_SIZE = 30 * 1024 * 1024  # bytes
ADDRESS = re.compile(r"^(?:FROM|TO):\s*<([^>]*)>", re.IGNORECASE)


class Session(socketserver.StreamRequestHandler):
    """One connection. The server carries `deliver(sender, recipients, raw)` and `fault(operation)`."""

    timeout = 60

    def handle(self) -> None:
        try:
            self._talk()
        except (OSError, TimeoutError):
            pass

    def _talk(self) -> None:
        if self.server.fault("connect"):
            return self._reset()
        self.sender, self.recipients = None, []
        self.say("220 sandbox ESMTP")
        while line := self.rfile.readline(4096):
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            command = getattr(self, "smtp_" + verb.lower(), None)
            if command is None:
                self.say("502 5.5.2 command not known")
            elif command(rest.strip()) is False:
                return None
        return None

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _reset(self) -> None:
        self.connection.close()

    def smtp_helo(self, name: str) -> None:
        self.say("250 sandbox")

    def smtp_ehlo(self, name: str) -> None:
        self.say(
            f"250-sandbox\r\n250-SIZE {MAX_SIZE}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN"
        )

    def smtp_auth(self, rest: str) -> None:
        """Everyone is let in."""
        method, _, initial = rest.partition(" ")
        if method.upper() == "LOGIN":
            for prompt in (b"Username:", b"Password:")[1 if initial else 0 :]:
                self.say("334 " + base64.b64encode(prompt).decode())
                self.rfile.readline(4096)
        elif not initial:
            self.say("334 ")
            self.rfile.readline(4096)
        self.say("235 2.7.0 accepted")

    def smtp_mail(self, rest: str) -> None:
        match = ADDRESS.match(rest)
        self.sender, self.recipients = match.group(1) if match else None, []
        self.say("250 2.1.0 ok" if match else "501 5.5.4 syntax: MAIL FROM:<address>")

    def smtp_rcpt(self, rest: str) -> None:
        match = ADDRESS.match(rest)
        if self.sender is None or not match:
            return self.say("503 5.5.1 MAIL first" if self.sender is None else "501 5.5.4 syntax: RCPT TO:<address>")
        fault = self.server.fault(f"rcpt {match.group(1)}")
        if fault and fault.kind == "delay":
            time.sleep(fault.seconds)
        elif fault:
            return self.say(_fault_reply(fault))
        self.recipients.append(match.group(1))
        return self.say("250 2.1.5 ok")

    def smtp_data(self, rest: str):
        if not self.recipients:
            return self.say("503 5.5.1 RCPT first")
        fault = self.server.fault(f"begin {' '.join(self.recipients)}")
        if fault and fault.kind == "delay":
            time.sleep(fault.seconds)
        elif fault:
            return False
        self.say("354 end with <CRLF>.<CRLF>")
        raw = self._read_message()
        if raw is None:
            return False
        fault = self.server.fault(f"data {' '.join(self.recipients)} {summary(raw)['subject']}")
        if fault and fault.kind in ("drop", "drop_before"):
            return False
        if fault and fault.kind == "delay_before" and not self._still_there_after(fault.seconds):
            return False
        number = self.server.deliver(self.sender, self.recipients, raw)
        self.sender, self.recipients = None, []
        if fault and fault.kind == "drop_after":
            return False
        if fault and fault.kind == "delay":
            time.sleep(fault.seconds)
        return self.say(f"250 2.0.0 kept as {number}")

    def _still_there_after(self, seconds: float) -> bool:
        """Whether the sender still waits for our answer."""
        time.sleep(seconds)
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _read_message(self) -> bytes | None:
        lines: list[bytes] = []
        while line := self.rfile.readline(MAX_SIZE):
            if line in (b".\r\n", b".\n"):
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
        return None

    def smtp_rset(self, rest: str) -> None:
        self.sender, self.recipients = None, []
        self.say("250 2.0.0 ok")

    def smtp_noop(self, rest: str) -> None:
        self.say("250 2.0.0 ok")

    def smtp_quit(self, rest: str) -> bool:
        self.say("221 2.0.0 bye")
        return False


def _fault_reply(fault) -> str:
    return (
        "550 5.7.1 refused by order of the test" if fault.kind == "5xx" else "451 4.3.0 not now, by order of the test"
    )


class SmtpServer(socketserver.ThreadingTCPServer):
    """Listens at once; serve_forever() in a thread."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, deliver: Callable, fault: Callable):
        self.deliver, self.fault = deliver, fault
        super().__init__((host, port), Session)

    def handle_error(self, request, client_address) -> None:
        """Callers hang up; that is no news."""
