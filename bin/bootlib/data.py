"""The data folder: secrets made once, ports kept between starts, and the lock that makes a second start harmless."""

import fcntl
import json
import os
import secrets
import shutil
import socket
from pathlib import Path

from bootlib.console import Trouble

MARKER = ".hostbill-data"


class Data:
    """A data folder (default `var/`), readable by its owner only."""

    def __init__(self, root: Path):
        self.root = root.resolve()
        self.logs = self.root / "log"
        self.up_json = self.root / "up.json"
        self._lock_file = None

    def create(self) -> None:
        """Makes the folder. Raises Trouble when it is somebody else's or cannot be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o700)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            (self.root / MARKER).touch()
        except OSError as error:
            raise Trouble(
                f"Cannot write to {self.root}: {error.strerror}. Choose another folder with --data."
            ) from error

    def lock(self) -> bool:
        """Takes the folder for this process until it ends; False when another process has it."""
        handle = open(self.root / "up.lock", "a+")  # kept open: closing it gives up the lock
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return False
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._lock_file = handle
        return True

    def owner(self) -> int | None:
        """Pid of the process that holds the lock; None when nobody does."""
        path = self.root / "up.lock"
        if not path.exists():
            return None
        with path.open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return int(handle.read().strip() or 0) or None
        return None

    def unlock(self) -> None:
        """Gives the folder free."""
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None

    def erase(self) -> None:
        """Deletes the folder. Refuses one that `bin/up` did not make."""
        if not self.root.exists():
            return
        if not (self.root / MARKER).exists():
            raise Trouble(f"{self.root} was not made by bin/up, so it is not deleted.")
        shutil.rmtree(self.root)

    def secret(self, name: str, make=lambda: secrets.token_urlsafe(32)) -> str:
        """A secret made on first use and kept in secrets.json (0600)."""
        return self._kept("secrets.json", name, make)

    def port(self, name: str) -> int:
        """A free port on loopback; the same as last time where that is still free."""
        kept = self.read_json("ports.json")
        if not is_free(kept.get(name, 0)):
            kept[name] = free_port()
            self.write_json("ports.json", kept)
        return kept[name]

    def read_json(self, name: str) -> dict:
        """Content of a JSON file of the folder; empty when missing or broken."""
        try:
            return json.loads((self.root / name).read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def write_json(self, name: str, content: dict) -> Path:
        """Writes a JSON file of the folder, mode 0600, replaced as a whole."""
        path, part = self.root / name, self.root / f"{name}.part"
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            json.dump(content, handle, indent=2)
            handle.write("\n")
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(part, path)
        return path

    def _kept(self, file: str, name: str, make) -> str:
        kept = self.read_json(file)
        if name not in kept:
            kept[name] = make()
            self.write_json(file, kept)
        return kept[name]


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now."""
    if not port:
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on, below the range from which outgoing connections take theirs."""
    for _ in range(200):
        port = 15000 + secrets.randbelow(15000)
        if is_free(port):
            return port
    raise Trouble("No free port found between 15000 and 30000 on 127.0.0.1.")
