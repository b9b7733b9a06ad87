"""What `bin/tour` does: starts an installation with the demo, walks through it with a browser, stops it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from benchlib.launch import OTHERS, start, stop
from bootlib.console import Trouble, say
from bootlib.python_env import PYTHON, ROOT

WALK = "from tests.journeys.pictures import main; main()"


def main() -> int:
    """Returns 0 when all pictures were taken."""
    kept = {key: value for key, value in os.environ.items() if key not in OTHERS and not key.startswith("HOSTBILL_")}
    folder, up = Path(tempfile.mkdtemp(prefix="hostbill-tour-")), None
    try:
        up = start(folder / "data", kept)
        walk = [str(PYTHON), "manage.py", "shell", "-v", "0", "-c", WALK]
        return subprocess.run(walk, cwd=ROOT, env=kept | {"HOSTBILL_VAR": str(folder / "data")}).returncode
    except Trouble as trouble:
        say(f"\nbin/tour: {trouble}")
        return 1
    finally:
        stop(up)
        shutil.rmtree(folder, ignore_errors=True)
