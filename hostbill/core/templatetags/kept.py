"""`{% kept key ... %}...{% endkept %}`: HTML that is drawn once and then again only when one of its keys differs.

For what stands on every page: the frame with its menus, the tools above a list. Unlike Django's ``{% cache %}`` the pieces stay
in this process (a page needs several), and what belongs to one request alone may stand inside: the CSRF token, and ``here``,
the page's own address. Everything else that the content depends on must be among the keys, which are hashable; language is one by itself.
"""

import time

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from hostbill.core.ui import words

register = template.Library()
_pieces: dict[tuple, tuple[float, str]] = {}

#: Seconds for which a piece is kept: what its keys do not tell (a new product among a filter's choices) shows after that.
LIFETIME = 3600
#: Pieces of some 20 KB that one process keeps; then it begins anew.
MOST = 4000
#: What differs with each request: name in the context -> a mark that stands for it (private-use characters).
HOLES = {"csrf_token": "\ue000csrf\ue001", "here": "\ue000here\ue001"}


class KeptNode(template.Node):
    """See the module."""

    def __init__(self, nodelist, keys):
        self.nodelist = nodelist
        self.keys = keys

    def render(self, context):
        key = (self, get_language(), *[key.resolve(context) for key in self.keys])
        now = time.monotonic()
        found = _pieces.get(key)
        if found is None or found[0] < now:
            if len(_pieces) >= MOST:
                _pieces.clear()
            found = _pieces[key] = (now + LIFETIME, self.draw(context))
        return fill(found[1], context)

    def draw(self, context) -> str:
        """The content with marks for what belongs to one request."""
        with context.push(**{name: SafeString(mark) for name, mark in HOLES.items()}):
            return self.nodelist.render(context)


def forget() -> None:
    """Draw everything anew: for tests, which change what no key tells."""
    _pieces.clear()


def fill(piece: str, context) -> SafeString:
    """The content for this request."""
    for name, mark in HOLES.items():
        if mark in piece:
            piece = piece.replace(mark, words.html(context.get(name, "")))
    return SafeString(piece)


def hashable(value):
    """A key made of lists and dicts: as nested tuples."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, tuple | list):
        return tuple([hashable(item) for item in value])
    if isinstance(value, dict):
        return tuple([(name, hashable(item)) for name, item in value.items()])
    return value


@register.tag
def kept(parser, token):
    """``{% kept view.tools_key %}``; each key is a variable or filter expression."""
    keys = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, keys)
