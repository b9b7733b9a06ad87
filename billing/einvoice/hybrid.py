"""Factur-X: a PDF/A-3 that holds its own data says so in its metadata (XMP).

The typesetter writes PDF/A-3 and attaches the file, but knows nothing of Factur-X. So the metadata is replaced by an incremental
update, which PDF has for such changes: the new version of one object, and a table that points to it, behind the old end.
"""

import re

#: The name that readers look for.
FILE_NAME = "factur-x.xml"
_SPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = (
    ("DocumentFileName", "The name of the embedded XML document", FILE_NAME),
    ("DocumentType", "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER", "INVOICE"),
    ("Version", "The actual version of the standard applying to the embedded XML document", "1.0"),
    ("ConformanceLevel", "The conformance level of the embedded XML document", "EN 16931"),
)
_METADATA = re.compile(rb"(\d+) 0 obj\n<</Length (\d+)/Type/Metadata/Subtype/XML>>\nstream\n")
_TRAILER = re.compile(rb"trailer\n(<<.*>>)\nstartxref\n(\d+)\n%%EOF", re.DOTALL)
_SCHEMAS_END = b"</rdf:Bag></pdfaExtension:schemas>"


def marked(pdf: bytes) -> bytes:
    """The same PDF with Factur-X's block in its metadata. One that is no PDF/A (a letter that no font of ours has) stays as it is:
    it carries the file, but may not claim more. ValueError when the typesetter writes in another way than it did."""
    found = _METADATA.search(pdf)
    if not found or b"<pdfaid:part>3</pdfaid:part>" not in pdf:
        return pdf
    start = found.end()
    old = pdf[start : start + int(found[2])]
    if _SCHEMAS_END not in old or not (end := _TRAILER.search(pdf, start)):
        raise ValueError("The typesetter's PDF has another form than the one known here.")
    new = old.replace(_SCHEMAS_END, _schema() + _SCHEMAS_END, 1).replace(b"</rdf:RDF>", _values() + b"</rdf:RDF>", 1)
    return pdf + _update(int(found[1]), new, at=len(pdf), trailer=end[1], before=int(end[2]))


def _update(number: int, stream: bytes, *, at: int, trailer: bytes, before: int) -> bytes:
    """One object anew, its place, and the way back to the old table."""
    head = b"\n%d 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n" % (number, len(stream))
    body = head + stream + b"\nendstream\nendobj\n"
    table = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (number, at + 1)
    previous = trailer[:-2] + b"/Prev %d>>" % before
    return body + table + b"trailer\n" + previous + b"\nstartxref\n%d\n%%%%EOF\n" % (at + len(body))


def _schema() -> bytes:
    """PDF/A wants properties of other standards described in the file itself."""
    rows = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text'
        "</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{words}</pdfaProperty:description></rdf:li>"
        for name, words, _value in _PROPERTIES
    )
    return (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{_SPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{rows}</rdf:Seq></pdfaSchema:property></rdf:li>"
    ).encode()


def _values() -> bytes:
    rows = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, _words, value in _PROPERTIES)
    return f'<rdf:Description rdf:about="" xmlns:fx="{_SPACE}">{rows}</rdf:Description>'.encode()
