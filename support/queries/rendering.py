"""Ticket text as safe HTML: what was typed, escaped, with paragraphs and links. Never a template, never raw HTML."""

import re

import nh3
from django.utils.html import escape
from django.utils.safestring import mark_safe

LINK = re.compile(r"\bhttps?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
REL = "noopener noreferrer nofollow"


def _linked(text):
    """Escape text and turn web addresses into links."""
    parts, at = [], 0
    for match in LINK.finditer(text):
        url = escape(match.group())
        parts += [escape(text[at : match.start()]), f'<a href="{url}">{url}</a>']
        at = match.end()
    return "".join([*parts, escape(text[at:])])


def render_text(text):
    """Paragraphs and line breaks as typed. The result passes nh3 too, as a second lock."""
    paragraphs = [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block]
    html = "".join(f"<p>{_linked(block).replace(chr(10), '<br>')}</p>" for block in paragraphs)
    clean = nh3.clean(
        html,
        tags={"p", "br", "a"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel=REL,
    )
    return mark_safe(clean)
