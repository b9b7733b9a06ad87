"""Small pieces for reading packets and writing results."""

import xml.etree.ElementTree as ET


def text(element: ET.Element | None, path: str, default: str = "") -> str:
    """Text below the element at the path, stripped."""
    if element is None:
        return default
    return (element.findtext(path) or default).strip()


def node(tag: str, *children, **values) -> ET.Element:
    """An element with children and/or simple values; `_` in keyword names stays, use add() for hyphens."""
    element = ET.Element(tag)
    element.extend(children)
    add(element, values)
    return element


def add(element: ET.Element, values: dict) -> ET.Element:
    """Append one child per entry; a list makes one child per item; None is left out."""
    for name, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                ET.SubElement(element, name).text = str(item)
    return element


def ok(**values) -> ET.Element:
    """A result with status ok."""
    return add(ET.Element("result"), {"status": "ok", **values})


def error(code: int, message: str, filter_id: str | None = None) -> ET.Element:
    """A result with status error."""
    return add(ET.Element("result"), {"status": "error", "errcode": code, "errtext": message, "filter-id": filter_id})


def properties(element: ET.Element | None) -> dict[str, str]:
    """name/value pairs of <property> children."""
    return {} if element is None else {text(row, "name"): text(row, "value") for row in element.findall("property")}


def wanted(operation: ET.Element) -> list[str]:
    """Names in <dataset>."""
    dataset = operation.find("dataset")
    return [] if dataset is None else [child.tag for child in dataset]
