"""Faults a test can order: "the next createacct does its work, then the line goes dead".

A fault matches operations by a regular expression (case-insensitive, anywhere in the name), fires `times` times
(null = until deleted) and is then gone. The first matching fault in order of arrival fires.

| kind         | work done | what the caller sees                                        |
|--------------|-----------|-------------------------------------------------------------|
| delay        | yes       | the right answer, `seconds` late (the work is done first)   |
| delay_before | yes       | the right answer, `seconds` late (the work is done last)    |
| late         | yes       | the connection closes at once; the work is done `seconds`   |
|              |           | after, and until then its names are refused to others       |
| drop_before  | no        | the request is read, then the connection closes             |
| drop_after   | yes       | the connection closes without an answer                     |
| refuse       | no        | the connection is reset at once                             |
| 500          | no        | HTTP 500 with an HTML page                                  |
| 500_after    | yes       | HTTP 500 with an HTML page                                  |
| 503          | no        | HTTP 503 with Retry-After (`seconds`, default 1)            |
| html         | yes       | HTTP 200 with an HTML page in place of the answer           |
| html_before  | no        | the same, and nothing happened                              |
| empty        | yes       | HTTP 200 with an empty body                                 |
| truncate     | yes       | headers promise the whole body, half of it arrives          |
"""

import itertools
import re
import threading
from dataclasses import asdict, dataclass

KINDS = frozenset(
    "delay delay_before late drop_before drop_after refuse 500 500_after 503 html html_before empty truncate".split()
)
WITHOUT_WORK = frozenset({"drop_before", "refuse", "500", "503", "html_before"})


class BadFault(ValueError):
    """The order for a fault makes no sense; the text says why."""


@dataclass
class Fault:
    """One ordered fault; `times` counts down, None = for ever; `seconds` is for delays and Retry-After."""

    id: int
    match: str
    kind: str
    times: int | None = 1
    seconds: float = 1.0
    fired: int = 0

    @property
    def does_work(self) -> bool:
        """True when the operation itself takes place although the answer is spoilt."""
        return self.kind not in WITHOUT_WORK


class Faults:
    """The ordered faults of one server. Thread-safe; kept in memory only: a restarted server has none."""

    def __init__(self, extra_kinds: frozenset[str] = frozenset()):
        self.kinds = KINDS | extra_kinds
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, order: dict) -> Fault:
        """Take an order as posted to /_control/faults. Raises BadFault."""
        kind, match, times = str(order.get("kind", "")), str(order.get("match", "")), order.get("times", 1)
        if kind not in self.kinds:
            raise BadFault(f"kind must be one of {', '.join(sorted(self.kinds))}")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise BadFault("times must be a positive whole number or null")
        try:
            re.compile(match)
            seconds = float(order.get("seconds", 1.0))
        except (re.error, TypeError, ValueError) as error:
            raise BadFault(str(error)) from error
        with self._lock:
            fault = Fault(next(self._ids), match, kind, times, seconds)
            self._faults.append(fault)
        return fault

    def take(self, operation: str, only: frozenset[str] | None = None) -> Fault | None:
        """Use up one firing of the first fault matching the operation (of the kinds in `only`, default: all common kinds)."""
        kinds = KINDS if only is None else only
        with self._lock:
            for fault in self._faults:
                if fault.kind in kinds and re.search(fault.match, operation, re.IGNORECASE):
                    fault.fired += 1
                    if fault.times is not None:
                        fault.times -= 1
                        if not fault.times:
                            self._faults.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._faults.clear()

    def listing(self) -> list[dict]:
        """The faults still to fire, as JSON-ready dicts."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]
