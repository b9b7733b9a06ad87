"""One POST to an address that was checked before: for webhooks, whose URLs are chosen by others.

It goes to the given IP address itself, follows no redirect, uses no proxy, and ends after a time and a size whatever the other
side does."""

import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass

import certifi

from hostbill.core.http import USER_AGENT
from hostbill.core.webhooks.targets import Target
from hostbill.core.webhooks.troubles import Trouble

#: Of those that a name has, so many are tried.
MOST_ADDRESSES = 3


@dataclass
class Answer:
    """What came back: at most ``limit`` bytes of it, as text. ``ms``: how long all of it took."""

    status: int
    text: str
    ms: int
    address: str


class _Line(http.client.HTTPConnection):
    """A connection to one IP address, in the name of the host."""

    def __init__(self, host: str, port: int, address: str, timeout: float, is_secure: bool):
        self.default_port = http.client.HTTPS_PORT if is_secure else http.client.HTTP_PORT
        super().__init__(host, port, timeout=timeout)
        self.address, self.is_secure, self.was_asked = address, is_secure, False

    def connect(self) -> None:
        """As the base does, but not by name."""
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.is_secure:
            context = ssl.create_default_context(cafile=certifi.where())
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock.do_handshake()

    def cut(self) -> None:
        """From another thread: whatever is being waited for ends now."""
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def post(target: Target, addresses: list[str], body: bytes, headers: dict, *, connect: float, seconds: float, limit: int) -> Answer:
    """Send and return the answer, whatever its status. ``connect``: seconds for each address; ``seconds``: for one whole call.

    Raises Trouble when there was no answer; its ``technical`` is the raw reason."""
    trouble = None
    for address in addresses[:MOST_ADDRESSES]:
        line = _Line(target.host, target.port, address, connect, target.scheme == "https")
        watch = threading.Timer(seconds, line.cut)
        watch.daemon = True
        watch.start()
        began = time.monotonic()
        try:
            line.connect()
            return _exchange(line, target, body, headers, began, seconds, limit)
        except (OSError, http.client.HTTPException, ValueError) as error:
            trouble = _told(error, sent=line.was_asked, late=time.monotonic() - began >= seconds - 0.2)
            if line.was_asked:
                break
        finally:
            watch.cancel()
            line.close()
    raise trouble


def _exchange(line: _Line, target: Target, body: bytes, headers: dict, began: float, seconds: float, limit: int) -> Answer:
    line.sock.settimeout(seconds)
    line.was_asked = True
    line.request("POST", target.path, body, {"User-Agent": USER_AGENT, "Connection": "close", **headers})
    response = line.getresponse()
    raw = response.read(limit)
    text = raw.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return Answer(response.status, text, round((time.monotonic() - began) * 1000), line.address)


def _told(error: Exception, *, sent: bool, late: bool) -> Trouble:
    """Which trouble that is."""
    if isinstance(error, ssl.SSLCertVerificationError):
        code = "certificate"
    elif late or sent and isinstance(error, TimeoutError):
        code = "timeout"
    else:
        code = "dropped" if sent else "connection_refused"
    return Trouble(code, f"{type(error).__name__}: {error}"[:300])
