"""A whole HostBill, started by `bin/up` as a hosting company would, with its processes, its sandbox and its data."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

from tests.conftest import call, free_port

ROOT = Path(__file__).resolve().parents[2]
#: What the test run's own servers are called by; this installation has servers of its own.
OURS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST")
START_SECONDS = 240


class Stack:
    """One running installation."""

    def __init__(self, folder: Path, *flags: str):
        self.folder, self.port = folder, free_port()
        kept = {k: v for k, v in os.environ.items() if k not in OURS and not k.startswith("HOSTBILL_")}
        quick = {"HOSTBILL_LEASE_SECONDS": "8", "HOSTBILL_TICK_SECONDS": "4"}  # dead workers are noticed sooner
        self.environment = {**kept, **quick, "HOSTBILL_VAR": str(folder)}
        self.log = open(folder.with_suffix(".log"), "w")  # noqa: SIM115 - open as long as the process
        command = [sys.executable, "bin/up", "--data", str(folder), "--port", str(self.port), *flags]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=subprocess.STDOUT
        )
        self._wait()

    @classmethod
    def at(cls, folder: Path):
        """One that runs already and is left running: for writing a journey, and for taking pictures."""
        running = cls.__new__(cls)
        running.folder, running.process = folder, None
        kept = {k: v for k, v in os.environ.items() if k not in OURS and not k.startswith("HOSTBILL_")}
        running.environment = {**kept, "HOSTBILL_VAR": str(folder)}
        return running

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (self.folder / "up.json").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"bin/up did not start:\n{Path(self.log.name).read_text()[-3000:]}")
            time.sleep(0.2)

    @property
    def up(self) -> SimpleNamespace:
        """What `bin/up` tells: url, staff, clients, sandbox, processes."""
        return SimpleNamespace(**json.loads((self.folder / "up.json").read_text()))

    @property
    def url(self) -> str:
        """The shop's address."""
        return self.up.url

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run manage.py against this installation."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if check and done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}"[-4000:])
        return done.stdout

    def control(self, name: str, path: str, body=None, method=None):
        """A sandbox server's control."""
        return call(f"{self.up.sandbox[name]['url']}/_control/{path}", body, method)

    def mails(self, to: str) -> list[dict]:
        """What the mail sink holds for an address, oldest first."""
        found = call(f"{self.up.sandbox['mail']['url']}/messages.json?to={to}")
        rows = found["messages"] if isinstance(found, dict) else found
        return sorted(rows, key=lambda row: row["id"])

    def accounts(self) -> dict:
        """The accounts on the WHM sandbox."""
        return self.control("whm", "state")["accounts"]

    def books(self) -> None:
        """The ledger is whole, or the test fails naming the rows."""
        self.manage("check_books")

    def shell(self, code: str) -> str:
        """Run Python against this installation's database; returns what it printed."""
        return self.manage("shell", "-v", "0", "-c", code).strip()

    def query(self, expression: str):
        """A value computed with the installation's models in scope."""
        return json.loads(self.shell(f"import json; print(json.dumps({expression}, default=str))"))

    def kill(self, name: str) -> None:
        """kill -9 one process of the installation; its supervisor starts it again."""
        os.kill(self.up.processes[name], signal.SIGKILL)

    def healthy(self, seconds: int = 60) -> bool:
        """Wait until /healthz says that all is well."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return True
            except OSError:
                pass
            time.sleep(0.3)
        return False

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def eventually(probe, seconds: float = 30):
    """Wait until the probe returns something true, and return it."""
    deadline = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < deadline, f"still {value!r} after {seconds} s"
        time.sleep(0.2)
