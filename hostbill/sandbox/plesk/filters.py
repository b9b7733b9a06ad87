"""Filters: which objects a packet means, one result for each."""

import xml.etree.ElementTree as ET
from collections.abc import Callable

from hostbill.sandbox.plesk import errors, xml
from hostbill.sandbox.plesk.errors import PleskError, SystemError_


def each(
    table: dict, operation: ET.Element, names: dict[str, str], work: Callable[[dict], ET.Element]
) -> list[ET.Element]:
    """Apply `work` to every object the filter names; an empty filter means all. One result per object or per value not found.

    `names` maps filter element -> key of the object. A refusal spoils only its own result.
    """
    condition = operation.find("filter")
    if condition is None:
        raise SystemError_(errors.SCHEMA, "Parser error: element 'filter' is missing.")
    if not len(condition):
        results = [_attempt(work, row, None) for row in list(table.values())]
        return results or [xml.ok()]
    results = []
    for child in condition:
        if child.tag not in names:
            raise SystemError_(errors.SCHEMA, f"Parser error: element '{child.tag}' is not expected in filter.")
        value = (child.text or "").strip()
        found = [row for row in list(table.values()) if value and str(row.get(names[child.tag], "")) == value]
        if not found:
            results.append(
                xml.error(errors.MISSING, f"{operation.tag}: object with {child.tag} {value} does not exist", value)
            )
        results.extend(_attempt(work, row, value) for row in found)
    return results


def _attempt(work: Callable[[dict], ET.Element], row: dict, value: str | None) -> ET.Element:
    try:
        result = work(row)
    except PleskError as refused:
        return xml.error(refused.code, refused.text, value)
    if value is not None:
        position = 1  # after <status>
        marker = ET.Element("filter-id")
        marker.text = value
        result.insert(position, marker)
    return result
