"""Reading XML from a panel: document types are refused, so no entity can be defined, expanded or fetched."""

import xml.etree.ElementTree as ET
from xml.parsers import expat


class BadXml(ValueError):
    """Not well-formed, or with a document type."""


def parse(document: bytes) -> ET.Element:
    """The root element. Raises BadXml."""
    scanner = expat.ParserCreate()
    scanner.StartDoctypeDeclHandler = _refuse
    try:
        scanner.Parse(document, True)
        return ET.fromstring(document)  # noqa: S314 - scanned above
    except (expat.ExpatError, ET.ParseError) as error:
        raise BadXml(str(error)) from error


def _refuse(*_args) -> None:
    raise BadXml("document types are not accepted")


def text(element: ET.Element | None, path: str, default: str = "") -> str:
    """Text at the path, stripped."""
    return default if element is None else (element.findtext(path) or default).strip()


def number(element: ET.Element | None, path: str) -> int:
    """Whole number at the path, 0 when absent or not a number."""
    try:
        return int(float(text(element, path, "0")))
    except ValueError:
        return 0
