"""XML as nested calls: `node("cbc:ID", "7", schemeID="VA")`. Elements with nothing in them are left out."""

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

#: What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Writer:
    """Builds elements under namespaces given by prefix."""

    def __init__(self, **spaces: str):
        self.spaces = spaces
        for prefix, space in spaces.items():
            ElementTree.register_namespace(prefix, space)

    def node(self, name: str, *content, **attributes):
        """An element, or None when nothing is in it. Content: texts, dates, numbers, elements, None, or lists of them."""
        element = ElementTree.Element(self._full(name), {key: str(value) for key, value in attributes.items()})
        for part in _flat(content):
            if isinstance(part, ElementTree.Element):
                element.append(part)
            else:
                element.text = (element.text or "") + text_of(part)
        return element if len(element) or (element.text or "").strip() else None

    def document(self, root) -> bytes:
        """The file."""
        ElementTree.indent(root)
        return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"

    def _full(self, name: str) -> str:
        prefix, local = name.split(":")
        return f"{{{self.spaces[prefix]}}}{local}"


def _flat(parts):
    for part in parts:
        if isinstance(part, list | tuple):
            yield from _flat(part)
        elif part is not None and part != "":
            yield part


def text_of(part) -> str:
    """A value as the standard writes it: ISO days, plain numbers, texts without what XML forbids."""
    if isinstance(part, date):
        return part.isoformat()
    if isinstance(part, Decimal):
        return number(part)
    return _FORBIDDEN.sub("", str(part)).strip()


def number(value: Decimal) -> str:
    """Without exponent and idle zeros: 0.00101, 12, 19."""
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain
