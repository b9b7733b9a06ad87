"""Parts put together for people: lists in the reader's commas, host names that break where they may."""

import re

from django.utils.safestring import SafeString

from hostbill.core.localized import comma
from hostbill.core.ui.words import html, language


def comma_here() -> str:
    """What stands between two parts of a sentence, with its space, in the reader's writing."""
    return comma(language())


def listed(parts) -> str:
    """Several things after each other: "a, b, c"."""
    return comma_here().join(str(part) for part in parts)


#: A host name within a text, and how long a part of it may be to stay whole on a phone.
HOST, SHORT_PART = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z][\w-]+", re.IGNORECASE), 24


def host(text) -> SafeString:
    """A text whose host names break before their dots, not within a part."""
    return SafeString(HOST.sub(lambda found: _in_parts(found[0]), html(str(text))))


def _in_parts(name: str) -> str:
    parts = name.split(".")
    return "<wbr>.".join(f'<span class="nowrap">{part}</span>' if len(part) <= SHORT_PART else part for part in parts)
