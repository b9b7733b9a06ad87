"""Child processes that die with their parent, and the supervisor that restarts those which die alone."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bootlib.console import Trouble, say
from bootlib.lifeline import bind_to_parent

LONGEST_PAUSE = 30  # seconds between two restarts of a child that keeps dying
STEADY = 60  # seconds after which a child counts as healthy again
LARGEST_LOG = 10 * 1024 * 1024  # bytes; a larger log is set aside at the next start


@dataclass
class Spec:
    """How to start, recognise and stop one process. `ready` is asked until it is true; None means at once."""

    name: str
    command: list
    environment: dict[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    ready_seconds: float = 60
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGTERM  # what the child gets when the supervisor is killed
    stop_seconds: float = 10
    outlives_others: bool = False  # stopped when all others are: the others still need it to end well
    before_exec: Callable[[], None] | None = None
    cwd: Path | None = None


def spawn(spec: Spec, log: Path, marks: dict[str, str]) -> subprocess.Popen:
    """Starts a process in a session of its own, with its output appended to `log`, bound to our life.

    `marks` are added to its environment, by which a later start knows it as ours.
    """
    parent = os.getpid()

    def before_exec() -> None:
        os.umask(0o077)
        if spec.before_exec:
            spec.before_exec()
        bind_to_parent(parent, spec.death_signal)

    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in spec.command],
            env={**(spec.environment or os.environ), **marks},
            cwd=spec.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=before_exec,
        )


@dataclass
class Child:
    """A supervised process."""

    spec: Spec
    process: subprocess.Popen
    started: float
    pause: float = 1
    restart_at: float | None = None


class Supervisor:
    """Starts processes in order, restarts the ones that die, stops all in reverse order."""

    def __init__(self, logs: Path, marks: dict[str, str]):
        self.logs = logs
        self.marks = marks
        self.changed: Callable[[], None] = lambda: None  # called after a restart, when pids have changed
        self.children: dict[str, Child] = {}

    def start(self, *specs: Spec) -> None:
        """Starts processes and waits until all are ready. Raises Trouble with the place of the log."""
        for spec in specs:
            process = spawn(spec, self.log(spec.name), self.marks)
            self.children[spec.name] = Child(spec, process, time.monotonic())
        for spec in specs:
            self._wait_ready(spec, self.children[spec.name].process)

    def log(self, name: str) -> Path:
        """Where the output of a process goes."""
        return self.logs / f"{name}.log"

    def pids(self) -> dict[str, int]:
        """Name to pid of every process."""
        return {name: child.process.pid for name, child in self.children.items()}

    def watch(self) -> None:
        """Restarts what dies, for ever. Ends only by an exception (a signal)."""
        while True:
            for child in self.children.values():
                self._look_after(child)
            time.sleep(0.25)

    def stop(self) -> None:
        """Stops all processes, database and broker last; kills what does not listen."""
        for stage in (False, True):
            group = [child for child in self.children.values() if child.spec.outlives_others is stage]
            for child in group:
                ask_to_stop(child.process, child.spec.stop_signal)
            for child in group:
                make_sure(child.process, child.spec.stop_seconds)
        self.children.clear()

    def _wait_ready(self, spec: Spec, process: subprocess.Popen) -> None:
        deadline = time.monotonic() + spec.ready_seconds
        while spec.ready and not spec.ready():
            if process.poll() is not None:
                raise Trouble(f"{spec.name} stopped at once (exit {process.returncode}); see {self.log(spec.name)}")
            if time.monotonic() > deadline:
                raise Trouble(f"{spec.name} did not answer in {spec.ready_seconds:.0f} s; see {self.log(spec.name)}")
            time.sleep(0.05)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                self._restart(child, now)
            return
        code = child.process.poll()
        if code is None:
            return
        if now - child.started > STEADY:
            child.pause = 1
        say(f"  {child.spec.name} stopped (exit {code}), starting it again; log: {self.log(child.spec.name)}")
        child.restart_at = now + child.pause - 1
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _restart(self, child: Child, now: float) -> None:
        child.restart_at = None
        child.started = now
        child.process = spawn(child.spec, self.log(child.spec.name), self.marks)
        self.changed()


def ask_to_stop(process: subprocess.Popen, stop_signal: int) -> None:
    """Sends the signal, unless the process has ended."""
    if process.poll() is None:
        process.send_signal(stop_signal)


def make_sure(process: subprocess.Popen, seconds: float) -> None:
    """Waits for a process to end; after `seconds` kills it. What it has started goes with it."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    kill_session(process.pid)
    process.wait()


def kill_session(leader: int) -> None:
    """Kills what is left of the process group a child has started."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
