"""What the person at the keyboard sees: one line per step with its seconds, one plain line when something is wrong."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from bootlib.lifeline import bind_to_parent

LABEL_WIDTH = 44
TAIL_LINES = 12


class Trouble(Exception):
    """Something is missing or broken; the text is one plain line that says what to do."""


def say(text: str = "") -> None:
    """Prints a line at once, also into a pipe. A closed pipe is no reason to stop the servers."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        pass


@contextmanager
def step(label: str):
    """Shows `label`, then the seconds it took (or "failed")."""
    started = time.monotonic()
    interactive = sys.stdout.isatty()
    if interactive:
        print(f"  {label}".ljust(LABEL_WIDTH), end="", flush=True)
    try:
        yield
    except BaseException:
        say("failed" if interactive else f"  {label}".ljust(LABEL_WIDTH) + "failed")
        raise
    seconds = f"{time.monotonic() - started:5.1f} s"
    say(seconds if interactive else f"  {label}".ljust(LABEL_WIDTH) + seconds)


def run_logged(
    command: list, log: Path, *, failed: str, before_exec: Callable[[], None] = lambda: None, **kwargs
) -> None:
    """Runs a command with its output in `log`; raises Trouble(`failed`) after showing the last lines of it."""
    parent = os.getpid()

    def prepare() -> None:
        before_exec()
        bind_to_parent(parent, signal.SIGKILL)

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        position = output.seek(0, 2)
        result = subprocess.run(
            [str(part) for part in command], stdout=output, stderr=output, preexec_fn=prepare, **kwargs
        )
    if result.returncode:
        with log.open("rb") as written:
            written.seek(position)
            show_tail(written.read().decode(errors="replace"))
        raise Trouble(f"{failed} (whole output in {log})")


def show_tail(text: str) -> None:
    """The last lines of a failed command's output, indented."""
    say()
    for line in text.strip().splitlines()[-TAIL_LINES:]:
        say(f"    {line}")
