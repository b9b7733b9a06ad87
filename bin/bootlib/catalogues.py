"""Compiles locale/*/LC_MESSAGES/*.po, without gettext installed on the machine (what `compilemessages` needs)."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[2] / "locale"


def compile_catalogues(folder: Path = LOCALE) -> int:
    """Write the .mo beside each .po that is newer; returns how many. A half-written file is never seen."""
    done = 0
    for source in folder.rglob("*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = target.with_suffix(f".{os.getpid()}")
        with source.open("rb") as catalogue, fresh.open("wb") as compiled:
            write_mo(compiled, read_po(catalogue))
        fresh.replace(target)
        done += 1
    return done
