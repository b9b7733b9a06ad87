#!/usr/bin/env python3
"""Django's command line for HostBill. Where `bin/up` runs, it uses that installation's Python and environment by itself."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def use_own_python() -> None:
    """Go on in .venv/ when this Python has no Django."""
    own = ROOT / ".venv" / "bin" / "python"
    if find_spec("django") is None and own.exists() and Path(sys.executable) != own:
        os.execv(own, [str(own), *sys.argv])  # noqa: S606 - our own interpreter, fixed path


def use_environment_of_up() -> None:
    """What `bin/up` gave its processes, unless the caller set a database of their own."""
    kept = Path(os.environ.get("HOSTBILL_VAR", ROOT / "var")) / "environment.json"
    if "DATABASE_URL" not in os.environ and kept.exists():
        for name, value in json.loads(kept.read_text()).items():
            os.environ.setdefault(name, value)


if __name__ == "__main__":
    use_own_python()
    use_environment_of_up()
    os.environ.setdefault("HOSTBILL_LOG_LEVEL", "ERROR")  # a person reads the output of commands
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hostbill.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
