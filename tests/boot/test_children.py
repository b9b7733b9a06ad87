"""Children: restarted when they die, stopped when asked, gone when the supervisor is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bootlib.children import Spec, Supervisor
from bootlib.console import Trouble
from bootlib.data import Data
from bootlib.stack import CHILD_OF, processes_left

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
BIN = Path(__file__).resolve().parents[2] / "bin"
PARENT = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from bootlib.children import Spec, Supervisor
supervisor = Supervisor(Path(sys.argv[2]), {})
supervisor.start(Spec("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"]))
print(supervisor.pids()["sleeper"], flush=True)
time.sleep(600)
"""


@pytest.fixture
def supervisor(tmp_path):
    """A supervisor whose children are gone after the test."""
    supervisor = Supervisor(tmp_path, {"MARK": "mine"})
    yield supervisor
    supervisor.stop()


def lives(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds: float = 10) -> None:
    """Fails when the condition does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def look_once(supervisor: Supervisor) -> None:
    """One round of watch()."""
    for child in supervisor.children.values():
        supervisor._look_after(child)


def test_a_dead_child_is_started_again_and_told_about(supervisor):
    changes = []
    supervisor.changed = lambda: changes.append(supervisor.pids())
    supervisor.start(Spec("sleeper", SLEEPER))
    first = supervisor.pids()["sleeper"]
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: look_once(supervisor) or supervisor.pids()["sleeper"] != first)
    assert changes == [supervisor.pids()]


def test_a_child_that_keeps_dying_is_left_alone_for_longer_and_longer(supervisor):
    supervisor.start(Spec("broken", [sys.executable, "-c", "raise SystemExit(3)"]))
    child = supervisor.children["broken"]
    pauses = [child.pause]
    end = time.monotonic() + 20
    while child.pause < 8 and time.monotonic() < end:
        look_once(supervisor)
        pauses.append(child.pause)
        time.sleep(0.02)
    assert pauses == sorted(pauses) and {2, 4, 8} <= set(pauses)


def test_a_child_that_never_gets_ready_is_one_plain_line(supervisor):
    with pytest.raises(Trouble, match=r"broken stopped at once \(exit 3\); see .*broken.log"):
        supervisor.start(Spec("broken", [sys.executable, "-c", "raise SystemExit(3)"], ready=lambda: False))
    with pytest.raises(Trouble, match="did not answer in 0 s"):
        supervisor.start(Spec("slow", SLEEPER, ready=lambda: False, ready_seconds=0.2))


def test_a_child_deaf_to_the_signal_is_killed_with_its_own_children(supervisor):
    deaf = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); time.sleep(600)"
    )
    supervisor.start(Spec("deaf", [sys.executable, "-c", deaf], stop_seconds=0.3))
    log = supervisor.log("deaf")
    wait_for(lambda: log.read_text().strip())
    grandchild, pid = int(log.read_text()), supervisor.pids()["deaf"]
    supervisor.stop()
    assert not lives(pid)
    wait_for(lambda: not lives(grandchild))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children about their parent's death")
def test_a_killed_supervisor_leaves_nothing_running(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(BIN), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    assert lives(child)
    parent.kill()
    parent.wait()
    wait_for(lambda: not lives(child), 5)


def test_what_a_start_left_behind_is_found_however_far_it_came(tmp_path):
    """Killed before it could write anything down: its database must be gone before the next one is started."""
    data = Data(tmp_path / "data")
    data.create()
    supervisor = Supervisor(tmp_path, {CHILD_OF: str(data.root)})
    supervisor.start(Spec("sleeper", SLEEPER))
    other = Supervisor(tmp_path, {CHILD_OF: str(tmp_path / "another")})
    other.start(Spec("other", SLEEPER))
    try:
        wait_for(lambda: processes_left(data) == [supervisor.pids()["sleeper"]])
    finally:
        supervisor.stop()
        other.stop()
    assert processes_left(data) == []
