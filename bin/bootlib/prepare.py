"""Runs several management commands in one Python process, because starting Django takes longer than most of them.

`python bin/bootlib/prepare.py migrate translations "collectstatic --clear" ...` with the product's environment.
`translations` is ours: it compiles locale/*/LC_MESSAGES/*.po.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0:1] = [str(ROOT), str(ROOT / "bin")]

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402

from bootlib.catalogues import compile_catalogues  # noqa: E402


def main(commands: list[str]) -> None:
    """Runs each command line; the first failure ends the process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hostbill.settings")
    django.setup()
    for line in commands:
        print(f"manage.py {line}", flush=True)
        if line == "translations":
            compile_catalogues()
        else:
            call_command(*line.split())


if __name__ == "__main__":
    main(sys.argv[1:])
