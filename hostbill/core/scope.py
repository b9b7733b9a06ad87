"""What belongs to one request or one task: its id, and values worth reading only once."""

import uuid
from contextlib import contextmanager
from contextvars import ContextVar

from structlog.contextvars import bound_contextvars

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_memory: ContextVar[dict | None] = ContextVar("scope_memory", default=None)


def request_id() -> str:
    """The id that follows one request through events and tasks; empty outside any scope."""
    return _request_id.get()


def memory() -> dict | None:
    """A dict that lives as long as the request or task, or None outside."""
    return _memory.get()


@contextmanager
def fresh_memory():
    """A memory of its own, even inside another scope: for values that are taken back at the end."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


@contextmanager
def scope(identifier: str = ""):
    """Open a scope; log lines inside carry its id. One inside another shares its memory."""
    identifier = identifier or uuid.uuid4().hex
    outer = _memory.get()
    tokens = _request_id.set(identifier), _memory.set({} if outer is None else outer)
    try:
        with bound_contextvars(request_id=identifier):
            yield identifier
    finally:
        _request_id.reset(tokens[0])
        _memory.reset(tokens[1])
