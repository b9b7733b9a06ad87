"""Showing in a result what was searched for."""

import re

from django.utils.html import format_html, format_html_join

from hostbill.core.search import fold


def marked(text, asked: str):
    """The text with the words asked for in <mark>, whatever their case and marks; safe HTML."""
    text = str(text)
    plain = fold_evenly(text)
    words = sorted({re.escape(word) for word in fold(asked.lstrip(" >#")).split()}, key=len, reverse=True)
    if not words:
        return text
    spans = [match.span() for match in re.finditer("|".join(words), plain)]
    if not spans:
        return text
    ends = [0, *(end for _start, end in spans)]
    pairs = ((text[last:start], text[start:end]) for last, (start, end) in zip(ends, spans, strict=False))
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pairs), text[ends[-1] :])


def fold_evenly(text: str) -> str:
    """Folded letter by letter, so that positions stay."""
    return "".join(letter if len(small := fold(letter)) != 1 else small for letter in text)
