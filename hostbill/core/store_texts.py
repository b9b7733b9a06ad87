"""The small text formats of the shop's settings: promises, links, and pages that are a text or an address."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_LINES = 12
#: Schemes a link of ours may have, and the address of one page of this site.
ADDRESS = re.compile(r"(https?://[^\s<>\"]+|mailto:[^\s<>\"]+|/[^\s<>\"/][^\s<>\"]*)\Z")
ELSEWHERE = re.compile(r"https?://[^\s<>\"]+\Z")


@dataclass(frozen=True)
class Link:
    """One entry of the footer."""

    label: str
    url: str


def facts(text: str) -> list[tuple[str, str]]:
    """(title, sentence) of each line."""
    pairs = (line.partition(":") for line in _lines(text))
    return [(title.strip(), rest.strip()) for title, _colon, rest in pairs]


def check_facts(text: str) -> None:
    """Each line has a title and a sentence."""
    if len(facts(text)) > MOST_LINES or any(not title or not rest for title, rest in facts(text)):
        raise ValidationError(_("Write each line as “Title: sentence”, %(most)d lines at most.") % {"most": MOST_LINES})


def links(text: str) -> list[Link]:
    """The lines that are a label and an address."""
    pairs = (line.rpartition("|") for line in _lines(text))
    found = [Link(label.strip(), url.strip()) for label, _bar, url in pairs]
    return [link for link in found if link.label and ADDRESS.match(link.url)]


def check_links(text: str) -> None:
    """Every line is a label and an address of the web."""
    if len(_lines(text)) > MOST_LINES or len(links(text)) != len(_lines(text)):
        raise ValidationError(
            _("Write each line as “Label | https://address”, %(most)d lines at most.") % {"most": MOST_LINES}
        )


def elsewhere(text: str) -> str:
    """The address, when the whole text is one; else nothing."""
    return text if ELSEWHERE.match(text) else ""


def questions(text: str) -> list[tuple[str, str]]:
    """(question, answer) of blocks with an empty line between them."""
    blocks = [block.strip().partition("\n") for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    return [(question.strip(), answer.strip()) for question, _break, answer in blocks if question.strip()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
