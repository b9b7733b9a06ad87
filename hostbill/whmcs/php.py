"""PHP's serialize() format, read by a parser that knows arrays and scalars only."""

import base64
import binascii
import re

from hostbill.whmcs.errors import Refused

MOST_BYTES = 200_000
MOST_VALUES = 2000
MOST_DEEP = 5
#: i:7; b:1; d:1.5; N; - and the beginnings s:5:" and a:2:{
SCALAR = re.compile(rb"i:(-?\d{1,18});|b:([01]);|d:(-?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?);|(N);")
TEXT = re.compile(rb's:(\d{1,7}):"')
ARRAY = re.compile(rb"a:(\d{1,5}):\{")
BAD = "This is no base64 text of a PHP-serialised array"


def unserialise(text: str) -> dict:
    """The array in a base64 text of serialize(): keys and values are texts, values also dicts of the same kind.

    Raises Refused for anything else: objects, references, more depth or length than anything honest has."""
    if len(text) > MOST_BYTES:
        raise Refused("A serialised value is too large")
    try:
        # a plus that came as a space through a form
        raw = base64.b64decode(text.strip().replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(BAD) from None
    found, end = _Reader(raw).value(0, MOST_DEEP)
    if end != len(raw) or not isinstance(found, dict):
        raise Refused(BAD)
    return found


class _Reader:
    """One text; counts what it reads, so that a short text cannot become much."""

    def __init__(self, raw: bytes):
        self.raw, self.left = raw, MOST_VALUES

    def value(self, at: int, depth: int) -> tuple[object, int]:
        """(value, where it ends)."""
        self.left -= 1
        if self.left < 0 or depth < 0:
            raise Refused("A serialised value is too large")
        if match := SCALAR.match(self.raw, at):
            return _written(match), match.end()
        if match := TEXT.match(self.raw, at):
            return self._text(match.end(), int(match[1]))
        if match := ARRAY.match(self.raw, at):
            return self._array(match.end(), int(match[1]), depth)
        raise Refused(BAD)

    def _text(self, at: int, length: int) -> tuple[str, int]:
        """The length counts bytes."""
        end = at + length
        if self.raw[end : end + 2] != b'";':
            raise Refused(BAD)
        try:
            text = self.raw[at:end].decode()
        except UnicodeDecodeError:
            raise Refused(BAD) from None
        if "\x00" in text:
            raise Refused(BAD)
        return text, end + 2

    def _array(self, at: int, count: int, depth: int) -> tuple[dict, int]:
        found = {}
        for _each in range(count):
            key, at = self.value(at, 0)
            if not isinstance(key, str):
                raise Refused(BAD)
            found[key], at = self.value(at, depth - 1)
        if self.raw[at : at + 1] != b"}" or len(found) != count:
            raise Refused(BAD)
        return found, at + 1


def _written(match) -> str:
    """A scalar as the text that a form would have brought."""
    whole, truth, number, nothing = match.groups()
    if nothing or truth == b"0":
        return ""
    return (whole or truth or number).decode()
