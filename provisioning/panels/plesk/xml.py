"""Reading XML from a panel."""

import xml.etree.ElementTree as ET

from hostbill.core.safe_xml import BadXml, parse

__all__ = ["BadXml", "number", "parse", "text"]


def text(element: ET.Element | None, path: str, default: str = "") -> str:
    """Text at the path, stripped."""
    return default if element is None else (element.findtext(path) or default).strip()


def number(element: ET.Element | None, path: str) -> int:
    """Whole number at the path, 0 when absent or not a number."""
    try:
        return int(float(text(element, path, "0")))
    except ValueError:
        return 0
