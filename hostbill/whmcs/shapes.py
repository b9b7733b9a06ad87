"""Answers as bytes: JSON, XML, or names and values."""

import re
import xml.etree.ElementTree as ET

from django.http import HttpResponse, JsonResponse

#: What XML 1.0 cannot hold.
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
ITEM = "item"


def answer(found: dict, *, action: str, kind: str, status: int = 200) -> HttpResponse:
    """``kind``: json, xml or nvp; anything else is JSON."""
    if kind == "xml":
        return HttpResponse(as_xml(found, action), status=status, content_type="application/xml; charset=utf-8")
    if kind == "nvp":
        return HttpResponse(as_pairs(found), status=status, content_type="text/plain; charset=utf-8")
    return JsonResponse(found, status=status)


def as_xml(found: dict, action: str) -> bytes:
    """Below ``whmcsapi``, after the action's name. Lists are repeated elements."""
    root = ET.Element("whmcsapi")
    _append(root, "action", action)
    for name, value in found.items():
        _append(root, name, value)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="utf-8")


def _append(parent, name, value) -> None:
    if isinstance(value, list):
        for entry in value:
            _append(parent, name, entry)
        return
    name = str(name)
    element = ET.SubElement(parent, name) if ELEMENT.fullmatch(name) else ET.SubElement(parent, ITEM, key=NO_XML.sub("", name))
    if isinstance(value, dict):
        for key, entry in value.items():
            _append(element, key, entry)
    else:
        element.text = NO_XML.sub("", plain(value))


def as_pairs(found: dict) -> str:
    """``result=success;clients[client][0][id]=7;``"""
    return "".join(f"{name}={plain(value)};" for name, value in _flat("", found))


def _flat(name: str, value):
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield name, value
        return
    for key, entry in parts:
        yield from _flat(f"{name}[{key}]" if name else str(key), entry)


def plain(value) -> str:
    """A fact as text, as PHP writes it."""
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)
