"""Facts for search engines: JSON-LD, a data block that no browser runs, so the strict policy lets it stand."""

import json

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

#: What could end the block, or be read as markup by an old parser.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def ld_json(*things: dict) -> SafeString:
    """A data block of schema.org objects, each with its ``@type``."""
    graph = {"@context": "https://schema.org", "@graph": list(things)}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"), default=str).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))
