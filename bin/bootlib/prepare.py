"""Runs several management commands in one Python process, because starting Django takes longer than most of them.

`python bin/bootlib/prepare.py migrate translations "collectstatic --clear" ...` with the product's environment.
`translations` is ours: it compiles locale/*/LC_MESSAGES/*.po.
"""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

import django  # noqa: E402
from babel.messages.mofile import write_mo  # noqa: E402
from babel.messages.pofile import read_po  # noqa: E402
from django.core.management import call_command  # noqa: E402


def main(commands: list[str]) -> None:
    """Runs each command line; the first failure ends the process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hostbill.settings")
    django.setup()
    for line in commands:
        print(f"manage.py {line}", flush=True)
        if line == "translations":
            compile_translations(Path(sys.path[0]) / "locale")
        else:
            call_command(*line.split())


def compile_translations(folder: Path) -> None:
    """What `compilemessages` does, without gettext installed on the machine."""
    for source in folder.rglob("*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as catalogue, target.open("wb") as compiled:
            write_mo(compiled, read_po(catalogue))


if __name__ == "__main__":
    main(sys.argv[1:])
