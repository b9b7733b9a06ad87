"""Races between real processes at one database: each does one act of `race_acts`, all let go at the same moment."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def race(*acts: tuple) -> list[str]:
    """(name, arguments) each; returns what each of them said. A process that dies is a failure with its words."""
    address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    places = {"DATABASE_URL": address, "PYTHONPATH": str(ROOT), "RACE_CLOCK": settings.SANDBOX_CLOCK_FILE}
    environment = os.environ | places | {"DJANGO_SETTINGS_MODULE": "hostbill.settings"}
    script = Path(__file__).with_name("race_acts.py")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    runs = [
        subprocess.Popen([sys.executable, str(script), *map(str, act)], env=environment, cwd=ROOT, **pipes) for act in acts
    ]
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        run.stdin.write("go\n")
        run.stdin.flush()
    said = [run.communicate(timeout=120)[0].strip() for run in runs]
    assert [run.returncode for run in runs] == [0] * len(runs), said
    return said
