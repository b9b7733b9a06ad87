"""Translations: whatever a visitor, a client or a reader of mail meets is there in German, whole; every translation in any
language keeps the placeholders of its sentence, and has as many plural forms as its language; it can be compiled here."""

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from bootlib.catalogues import compile_catalogues

ROOT = Path(__file__).resolve().parents[2]
FORMS = {"de": 2, "bn": 2, "am": 2, "ar": 6}
MARKS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|%\(\w+\)[sd]|%[sd]|\[\[\w+\]\]|\{\w*\}|</?\w+>")
NAMED = re.compile(r"%\(\w+\)[sd]")
#: Sources whose words people outside the house read.
OUTSIDE = re.compile(
    r"^templates/(account|allauth|[45]\d\d|base/(?!staff)|billing/(portal|store|parts)|clients/portal|provisioning/portal"
    r"|support/(portal|thread)|pages/portal|components/(?!list|detail|edit|exchange|verb))"
    r"|^(billing|clients|provisioning|support)/(views/(portal|store)|notices|queries/letters|forms/(checkout|cart|profile))"
    r"|^hostbill/(core/(compose|localized)|pages/(portal_home|portal_due|waiting|service_words))"
)
#: Main mails and screens that the small languages must have too.
EVERYWHERE = [
    "Home",
    "Services",
    "Invoices",
    "Support",
    "My services",
    "To pay",
    "Due",
    "Online",
    "Sign in",
    "Nothing to pay.",
]


def catalogue(language: str):
    with (ROOT / f"locale/{language}/LC_MESSAGES/django.po").open("rb") as source:
        return read_po(source, locale=language)


def forms(message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def test_german_is_whole_for_everybody_outside():
    missing = [
        message.id
        for message in catalogue("de")
        if message.id and any(OUTSIDE.match(path) for path, _line in message.locations) and not all(forms(message))
    ]
    assert missing == []


@pytest.mark.parametrize("language", FORMS)
def test_placeholders_and_plurals_are_kept(language):
    """A plural form may leave a named number out ("one day"), a single one nothing; none adds one."""
    wrong = []
    for message in catalogue(language):
        if not message.id or not any(forms(message)):
            continue
        plural = isinstance(message.id, tuple)
        wanted = sorted(set(MARKS.findall(message.id[-1] if plural else message.id)))
        if plural and len(message.string) != FORMS[language]:
            wrong.append((message.id, "forms"))
        for text in forms(message):
            found = sorted(set(MARKS.findall(text)))
            free = {mark for mark in wanted if plural and NAMED.fullmatch(mark)}
            if set(found) - set(wanted) or set(wanted) - set(found) - free:
                wrong.append((message.id, text))
    assert wrong == []


@pytest.mark.parametrize("language", FORMS)
def test_the_main_screens_speak_it(language):
    words = catalogue(language)
    assert [text for text in EVERYWHERE if text not in words or not forms(words[text])[0]] == []


def test_catalogues_are_compiled_without_gettext(tmp_path):
    """As on a bare machine; nothing is done twice."""
    folder = tmp_path / "de/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes((ROOT / "locale/de/LC_MESSAGES/django.po").read_bytes())
    assert (compile_catalogues(tmp_path), compile_catalogues(tmp_path)) == (1, 0)
    with (folder / "django.mo").open("rb") as compiled:
        assert read_mo(compiled)["Sign in"].string == "Anmelden"
