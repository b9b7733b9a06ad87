"""`bin/test`: installs what the tests need, starts servers of their own and runs pytest."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bootlib import frontend, python_env
from bootlib.children import Supervisor
from bootlib.console import Trouble, run_logged, say, step
from bootlib.data import Data
from bootlib.python_env import PYTHON, ROOT
from bootlib.servers import start_servers
from bootlib.stack import Stack
from bootlib.up import Interrupted, ignore_signals, listen_to_signals, manage

CHROMIUM = "chromium"
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Returns pytest's exit code; arguments go to pytest."""
    folder = ROOT / "var" / "test"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data = Data(Path(tempfile.mkdtemp(prefix="run-", dir=folder)))
        data.create()
        try:
            return run(data, arguments)
        finally:
            ignore_signals()
            shutil.rmtree(data.root, ignore_errors=True)
    except Trouble as trouble:
        say(f"\nbin/test: {trouble}")
        return 1
    except Interrupted:
        return INTERRUPTED


def run(data: Data, arguments: list[str]) -> int:
    """Everything from nothing to pytest's summary, which is the last thing shown."""
    listen_to_signals()
    keep_bytecode()
    log = ROOT / "var" / "test" / "setup.log"
    log.unlink(missing_ok=True)
    python_env.ensure(python_env.DEVELOPMENT, log)
    frontend.ensure(log)
    chromium = ensure_chromium(log)
    supervisor = Supervisor(data.logs, {"HOSTBILL_VAR": str(data.root)})
    try:
        database_url, redis_url = start_servers(data, supervisor, durable=False)
        stack = Stack(data, data.port("web"), database_url, redis_url)
        with step("Collecting static files"):
            manage(stack, ["translations", "collectstatic --noinput --verbosity 0"], log)
        return run_pytest(stack, chromium, arguments)
    finally:
        ignore_signals()
        supervisor.stop()


def keep_bytecode() -> None:
    """Everything is compiled once for all processes of this run and the next ones, also where Python is told to write no bytecode:
    the journeys start dozens, and compiling is half of what a start costs. It lies beside the tree, never in it."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / "var" / "test" / "bytecode")


def run_pytest(stack: Stack, chromium: str, arguments: list[str]) -> int:
    """Runs pytest on all cores with its output on our own."""
    environment = {**stack.environment, "HOSTBILL_CHROMIUM": chromium, "HOSTBILL_TESTING": "1"}
    parallel = [] if any(part.startswith(("-n", "--numprocesses", "--pdb")) for part in arguments) else ["-n", "auto"]
    say()
    command = [str(PYTHON), "-m", "pytest", *parallel, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


def ensure_chromium(log: Path) -> str:
    """Path of Debian's chromium; installs it where that is possible."""
    given = os.environ.get("HOSTBILL_CHROMIUM") or shutil.which(CHROMIUM)
    if given:
        return given
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing chromium"):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            failed = "Chromium could not be installed. Type: apt install chromium"
            run_logged(["apt-get", "update", "-q"], log, failed=failed, env=environment)
            install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", CHROMIUM]
            run_logged(install, log, failed=failed, env=environment)
    found = shutil.which(CHROMIUM)
    if not found:
        raise Trouble("The browser tests need Chromium. Type: sudo apt install chromium")
    return found
