"""State of a sandbox server: a JSON document in memory, written behind to one file by atomic replacement."""

import atexit
import copy
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

WRITE_EVERY = 0.2  # seconds between a change and its arrival on disk, at most (longer only for very large states)


class Store:
    """`state` is a plain JSON-ready dict; change it only while holding `lock`, then call `touch()`.

    The file lags the memory by WRITE_EVERY seconds; `flush()` (called at exit) catches up. A missing or broken file means a
    fresh state from `make_initial`.
    """

    def __init__(self, path: Path, make_initial: Callable[[], dict]):
        self.path = Path(path)
        self.lock = threading.RLock()
        self._make_initial = make_initial
        self._changed = threading.Event()
        self._write_lock = threading.Lock()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.state = self._read()
        threading.Thread(target=self._write_behind, daemon=True, name="store-writer").start()
        atexit.register(self.flush)

    def touch(self) -> None:
        """Say that the state was changed and should reach the disk soon."""
        self._changed.set()

    def reset(self) -> None:
        """Go back to the initial state."""
        with self.lock:
            self.state = self._make_initial()
        self.touch()

    def snapshot(self) -> dict:
        """A deep copy of the state at one moment."""
        with self.lock:
            return copy.deepcopy(self.state)

    def flush(self) -> None:
        """Write the state now if it changed since the last write."""
        with self._write_lock:
            if not self._changed.is_set():
                return
            self._changed.clear()
            with self.lock:
                text = json.dumps(self.state)
            part = self.path.with_suffix(".part")
            part.write_text(text)
            os.replace(part, self.path)

    def _read(self) -> dict:
        initial = self._make_initial()
        try:
            stored = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            self._changed.set()
            return initial
        return {**initial, **stored}

    def _write_behind(self) -> None:
        while True:
            self._changed.wait()
            started = time.monotonic()
            try:
                self.flush()
            except OSError:  # the directory went away (a test cleaned up): nothing left to save for
                self._changed.clear()
            time.sleep(max(WRITE_EVERY, 10 * (time.monotonic() - started)))
