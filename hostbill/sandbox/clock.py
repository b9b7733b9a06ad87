"""Time as a sandbox panel sees it: the machine's, moved by an offset kept in its state (POST /_control/clock)."""

import time
from datetime import UTC, datetime


def now(state: dict) -> int:
    """Unix seconds on the server's clock."""
    return int(time.time() + state.get("clock_offset", 0))


def moment(state: dict) -> datetime:
    """The same as an aware UTC time."""
    return datetime.fromtimestamp(now(state), UTC)


def set_now(state: dict, text: str) -> dict:
    """Move the clock to an ISO time ("" = the machine's own again); returns what it shows now. ValueError on nonsense."""
    if not text:
        state["clock_offset"] = 0
    else:
        wanted = datetime.fromisoformat(text)
        wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
        state["clock_offset"] = wanted.timestamp() - time.time()
    return {"now": moment(state).isoformat()}
