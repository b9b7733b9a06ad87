"""Asks the process that holds the official rules (`rules.py`), and starts it when it is not there."""

import atexit
import json
import os
import re
import select
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from .document import Document
from .profiles import EN16931, TOO_FINE, Finding, Profile

#: Seconds without a question after which the process ends and gives its memory back.
IDLE = 45
#: Seconds for one answer; the first takes one or two, since the rules are compiled.
PATIENCE = 90
#: Where a CII file names its guideline.
GUIDELINE = "/GuidelineSpecifiedDocumentContextParameter/ID"
_PLACES = re.compile(r"\[\d+\]")
_SCRIPT = Path(__file__).with_name("rules.py")
_lock = threading.Lock()
_running: dict[int, subprocess.Popen] = {}


class CheckerDown(Exception):
    """The rules could not be asked; nothing is known about the document."""


def check(document: Document, profile: Profile, xml: bytes) -> list[Finding]:
    """Every rule that the file breaks: the profile's demands, then the official ones. Raises CheckerDown."""
    missing = profile.missing(document)
    if any(finding.rule == TOO_FINE for finding in missing):
        return missing
    found = check_xml(profile.syntax, xml)
    if profile.syntax == "cii" and profile.specification != EN16931:
        # The rules for CII are Factur-X's, whose list of names of guidelines [BT-24] has the standard's own only. The file is
        # judged as it is; that it names the national guideline instead (BR-DE-21) is all that is not held against it.
        found = [finding for finding in found if not _PLACES.sub("", finding.place).endswith(GUIDELINE)]
    return [*missing, *found]


def check_xml(syntax: str, xml: bytes) -> list[Finding]:
    """Findings of schema and official rules. Raises CheckerDown."""
    question = json.dumps({"syntax": syntax, "xml": xml.decode()}) + "\n"
    with _lock:
        answer = _ask(question) or _ask(question)
    if answer is None or "error" in answer:
        stop()
        raise CheckerDown(answer["error"] if answer else "The process of the rules ended without an answer.")
    return [Finding(*row) for row in answer["findings"]]


def _ask(question: str) -> dict | None:
    """One try; None when the process had just ended."""
    process = _process()
    try:
        process.stdin.write(question.encode())
        process.stdin.flush()
        ready, _w, _x = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if ready else b""
    except OSError:
        line = b""
    if not line:
        stop()
        return None
    return json.loads(line)


def _process() -> subprocess.Popen:
    """This process's own; a forked child starts another."""
    mine = _running.get(os.getpid())
    if mine is None or mine.poll() is not None:
        stop()
        command = [sys.executable, "-P", str(_SCRIPT), str(IDLE)]
        mine = _running[os.getpid()] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/")
    return mine


def process_id() -> int:
    """Of the process that holds the rules; it is started when there is none."""
    return _process().pid


@atexit.register
def stop() -> None:
    """End it; the next question starts another."""
    process = _running.pop(os.getpid(), None)
    if process is not None:
        process.kill()
        process.wait()
        process.stdout.close()
        with suppress(OSError):  # what was not sent any more
            process.stdin.close()
