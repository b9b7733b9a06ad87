"""The HTTP side shared by all sandbox servers: parsing, faults, the control endpoint, the log of calls.

A server is a `SandboxApp`: it names the operation of a request and answers it. Everything else happens here:

    class Whm(SandboxApp):
        name = "whm"
        def initial_state(self): return {"accounts": {}}
        def operation(self, request): return request.path.rsplit("/", 1)[-1]
        def answer(self, request): return Answer.json({"ok": True})

    main: run(Whm(state_dir), host, port)

The control endpoint is hostbill.sandbox.control.
"""

import argparse
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import traceback
from collections import deque
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from hostbill.sandbox import control
from hostbill.sandbox.faults import Fault, Faults
from hostbill.sandbox.messages import Answer, Request
from hostbill.sandbox.store import Store

MAX_BODY = 8 * 1024 * 1024  # bytes
CALLS_KEPT = 20000
BROKEN_PAGE = b"<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"


class SandboxApp:
    """Base of the sandbox servers. `store.state` belongs to the app; `answer()` runs under the store's lock if `one_at_a_time`."""

    name = "sandbox"
    extra_fault_kinds: frozenset[str] = frozenset()
    one_at_a_time = True
    url = ""  # own base address, known once the socket is bound
    #: Names that calls with a dead caller are going to take ("late"); others are refused them.
    at_work: frozenset[str] = frozenset()

    def __init__(self, state_dir: Path):
        self.store = Store(Path(state_dir) / f"{self.name}.json", self.initial_state)
        self.faults = Faults(self.extra_fault_kinds)
        self.calls: deque[dict] = deque(maxlen=CALLS_KEPT)

    @property
    def state(self) -> dict:
        """The live state; hold `store.lock` outside of answer()."""
        return self.store.state

    def initial_state(self) -> dict:
        """State of a new server."""
        return {}

    def operation(self, request: Request) -> str:
        """Name of what is asked, for faults and the log ("createacct", "webspace.add"). "" = page, neither faulted nor logged."""
        raise NotImplementedError

    def answer(self, request: Request) -> Answer:
        """Do the work and answer."""
        raise NotImplementedError

    def logged_params(self, request: Request) -> dict:
        """What the log of calls keeps of the request; the control endpoint is for tests, so secrets may stay out or in."""
        return request.params

    def taken_by(self, request: Request) -> frozenset[str]:
        """The names (logins, domains) that the request is going to take."""
        return frozenset()

    def control(self, name: str, data: dict) -> dict | None:
        """POST /_control/NAME of the app's own; None = no such thing. Runs under the lock; state is saved afterwards."""
        return None

    def started(self) -> None:
        """Called once when the address is known, before serving."""

    def perform(self, request: Request) -> Answer:
        """answer(), locked and saved."""
        if not self.one_at_a_time:
            return self.answer(request)
        with self.store.lock:
            answer = self.answer(request)
        if request.method not in ("GET", "HEAD") or request.query:
            self.store.touch()
        return answer


class Handler(BaseHTTPRequestHandler):
    """Reads one request at a time from a kept-alive connection and lets the app answer it."""

    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60  # seconds an idle connection is kept
    app: SandboxApp  # set by make_server

    def log_message(self, *args) -> None:
        """Quiet."""

    def _serve(self) -> None:
        request = self._parse()
        if request is None:
            return
        if request.path.startswith("/_control/"):
            self._send(control.answer(self.app, request))
            return
        operation = self.app.operation(request)
        if not operation:
            self._send(self._guarded(request))
            return
        self._serve_operation(request, operation)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve

    def _serve_operation(self, request: Request, operation: str) -> None:
        fault = self.app.faults.take(operation)
        entry = {
            "operation": operation,
            "method": request.method,
            "path": request.path,
            "params": self.app.logged_params(request),
            "at": datetime.now(UTC).isoformat(),
            "fault": fault.kind if fault else "",
            "outcome": "running",
        }
        self.app.calls.append(entry)
        began = time.monotonic()
        if fault and fault.kind == "delay_before":
            time.sleep(fault.seconds)
        if fault and fault.kind == "late":
            self._work_alone(request, fault.seconds)
        answer = self._guarded(request) if fault is None or fault.does_work else Answer(outcome="no work: fault")
        entry.update(outcome=answer.outcome, status=answer.status, ms=round((time.monotonic() - began) * 1000, 1))
        if fault:
            self._spoil(fault, answer)
        else:
            self._send(answer)

    def _work_alone(self, request: Request, seconds: float) -> None:
        """The caller is gone, the work goes on: nothing of it is to be seen yet."""
        self._hang_up(reset=False)
        names = self.app.taken_by(request)
        self.app.at_work |= names
        time.sleep(seconds)
        self.app.at_work -= names

    def _guarded(self, request: Request) -> Answer:
        try:
            return self.app.perform(request)
        except Exception:  # a bug of the sandbox must be seen, not hang the caller
            traceback.print_exc()
            return Answer(500, b"sandbox bug, see its log", outcome="sandbox bug")

    def _parse(self) -> Request | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._send(Answer(400, b"needs a sane Content-Length"))
            return None
        body = self.rfile.read(int(length))
        parts = urlsplit(self.path)
        query = parse_qsl(parts.query, keep_blank_values=True)
        form: list[tuple[str, str]] = []
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return Request(
            self.command,
            unquote(parts.path),
            self.headers,
            body,
            self.client_address[0],
            dict(query),
            dict(form),
            query + form,
        )

    def _send(self, answer: Answer, *, promise: int | None = None) -> None:
        """Write the answer; `promise` overrides Content-Length (for a truncated body)."""
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body) if promise is None else promise))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
        except OSError:  # the caller is gone
            self.close_connection = True

    def _spoil(self, fault: Fault, answer: Answer) -> None:
        kind = fault.kind
        if kind == "delay":
            time.sleep(fault.seconds)
            self._send(answer)
        elif kind == "delay_before":
            self._send(answer)
        elif kind in ("500", "500_after"):
            self._send(Answer.html(BROKEN_PAGE.decode(), 500))
        elif kind == "503":
            busy = Answer.html(BROKEN_PAGE.decode(), 503)
            busy.headers["Retry-After"] = str(max(1, round(fault.seconds)))
            self._send(busy)
        elif kind in ("html", "html_before"):
            self._send(Answer.html(BROKEN_PAGE.decode()))
        elif kind == "empty":
            self._send(Answer())
        elif kind == "truncate":
            self._truncate(answer)
        else:
            self._hang_up(reset=kind == "refuse")

    def _truncate(self, answer: Answer) -> None:
        whole = len(answer.body)
        half = Answer(answer.status, answer.body[: whole // 2], answer.content_type, answer.headers)
        self.close_connection = True
        self._send(half, promise=whole)
        self._hang_up(reset=False)

    def _hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        try:
            if reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            else:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    """Threaded server whose callers hanging up is no news."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address) -> None:
        """Callers hang up all the time here; anything else is printed."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def make_server(app: SandboxApp, host: str, port: int, cert: str = "", key: str = "") -> Server:
    """Bind; port 0 takes a free one. `app.url` is set. TLS when a certificate file (PEM) is given."""
    server = Server((host, port), type(f"{app.name.title()}Handler", (Handler,), {"app": app}))
    scheme = "http"
    if cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key or None)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    app.url = f"{scheme}://{host}:{server.server_address[1]}"
    app.started()
    return server


def parser(name: str, port: int) -> argparse.ArgumentParser:
    """The command line all sandbox servers share: --host --port --state --cert --key."""
    arguments = argparse.ArgumentParser(prog=f"python -m hostbill.sandbox.{name}")
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=port, help="0 takes a free one and prints it")
    arguments.add_argument("--state", type=Path, required=True, metavar="DIR", help="directory the state is kept in")
    arguments.add_argument("--cert", default="", help="PEM file: serve TLS")
    arguments.add_argument("--key", default="", help="PEM file of the key, when not in --cert")
    return arguments


def run(app: SandboxApp, host: str, port: int, cert: str = "", key: str = "") -> None:
    """Serve until SIGTERM or Ctrl-C, then save. Prints one line with the address when ready."""
    server = make_server(app, host, port, cert, key)

    def stop(*_):
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"{app.name} sandbox on {app.url}", flush=True)
    server.serve_forever(poll_interval=0.2)
    server.server_close()
    app.store.flush()
