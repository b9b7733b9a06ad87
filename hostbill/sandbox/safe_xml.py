"""Parsing XML that strangers send: no document types, so no entities, no external files, no billion laughs."""

import xml.etree.ElementTree as ET
from xml.parsers import expat


class BadXml(ValueError):
    """Not well-formed, or with a document type."""


def parse(document: bytes) -> ET.Element:
    """The root element. Raises BadXml."""
    _refuse_doctype(document)
    try:
        return ET.fromstring(document)
    except ET.ParseError as error:
        raise BadXml(str(error)) from error


def _refuse_doctype(document: bytes) -> None:
    def refuse(*_):
        raise BadXml("document types are not accepted")

    scanner = expat.ParserCreate()
    scanner.StartDoctypeDeclHandler = refuse
    try:
        scanner.Parse(document, True)
    except expat.ExpatError as error:
        raise BadXml(str(error)) from error
