"""Translations: whatever a visitor, a client or a reader of mail meets is there in every language, whole; every translation keeps
the placeholders and marks of its sentence, and has as many plural forms as its language; it can be compiled here."""

import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract, extract_from_file
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize
from django.utils.translation.trans_real import translation

from bootlib.catalogues import compile_catalogues

ROOT = Path(__file__).resolve().parents[2]
FORMS = {"de": 2, "bn": 2, "am": 2, "ar": 6}
MARKS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|%\(\w+\)[sd]|%[sd]|\[\[\w+\]\]|\{\w*\}|</?\w+>")
PACKAGES = ("billing", "clients", "hostbill", "provisioning", "support", "templates")
#: How the sources call gettext: what is read at once beside lazy words is `_now`.
KEYWORDS = {
    **dict.fromkeys(("_", "_now", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
#: Words to programs, which stay English, those of Django itself, and the style guide's extremes.
PROGRAMS = re.compile(r"^hostbill/(whmcs/|sandbox/|core/(borrowed|api/)|pages/(api_|styleguide))|^\w+/api/|^templates/pages/styleguide")
NAMED = re.compile(r"%\(\w+\)[sd]")
#: Sources whose words people outside the house read.
OUTSIDE = re.compile(
    r"^templates/(account|allauth|[45]\d\d|base/(?!staff)|billing/(portal|store|parts)|clients/portal|provisioning/portal"
    r"|support/(portal|thread)|pages/portal|components/(?!list|detail|edit|exchange|verb))"
    r"|^(billing|clients|provisioning|support)/(views/(portal|store)|notices|queries/letters|forms/(checkout|cart|profile))"
    r"|^hostbill/(core/(compose|localized)|pages/(portal_|waiting|service_words|theme))"
)
#: Sources whose words stand on those pages too, beside other pages: states, kinds, refusals, labels of fields, lists.
BEHIND = re.compile(
    r"^billing/(actions/(cancellation|cart|charge|order|payment_method|quote_(acceptance|conversion)|stay)|forms/(chosen|payment_method|stay)"
    r"|gateways/bank_transfer/driver|queries/(catalogue|chosen|invoice_document|pricing|promotion|quote_(document|letters)|shop_pages|shown_price|stay|tax|vat_status)"
    r"|models/(cart|charge|credit|cycle|invoice|order|payment|price|refund|subscription|suspension))"
    r"|^clients/(adapters|actions/(client|contact|membership|user|visit)|forms/(client|membership)"
    r"|models/(client|consent|membership|user))"
    r"|^hostbill/(core/(ui/|notices|crud/(columns|edit|filters|listing|state|table))|pages/(found|frame|search)|settings)"
    r"|^provisioning/(actions/service|forms/(hosting|service)|models/service|queries/(domain|setup|story|usage)|views/login)"
    r"|^support/(actions/|forms/|models/ticket)|^templates/(components/list|usersessions|visit_refused)"
)


def catalogue(language: str):
    with (ROOT / f"locale/{language}/LC_MESSAGES/django.po").open("rb") as source:
        return read_po(source, locale=language)


def forms(message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


@cache
def texts() -> dict[tuple, list[str]]:
    """Every text that the sources hand to gettext, by (context, text or singular), with the files in which it stands."""
    found = {}
    for folder in PACKAGES:
        for path in sorted((ROOT / folder).rglob("*.*")):
            for _line, text, _comments, context in _extracted(path):
                found.setdefault((context, text if isinstance(text, str) else text[0]), []).append(str(path.relative_to(ROOT)))
    return found


def _extracted(path: Path):
    """What Babel reads of a module, or of a template that Django has made readable."""
    if path.suffix == ".html":
        source = "\n".join(line.lstrip() for line in templatize(path.read_text(encoding="utf-8"), origin=str(path)).split("\n"))
    elif path.suffix == ".py" and "migrations" not in path.parts:
        source = path.read_text(encoding="utf-8")
    else:
        return ()
    return extract("python", BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})


def missing(language: str, concerns) -> list[str]:
    """Texts of files that `concerns`, without words in the language."""
    words = catalogue(language)
    return [
        f"{text} ({paths[0]})"
        for (context, text), paths in texts().items()
        if any(map(concerns, paths)) and not ((found := words.get(text, context)) and all(forms(found)))
    ]


@pytest.mark.parametrize("language", FORMS)
def test_a_language_is_whole_for_everybody_outside(language):
    """Read from the sources themselves: no entry can be forgotten, whatever its comment says."""
    assert len(texts()) > 6000
    assert missing(language, lambda path: OUTSIDE.match(path) or BEHIND.match(path)) == []


def test_german_is_whole_for_the_house():
    """Whatever staff read."""
    assert missing("de", lambda path: not PROGRAMS.match(path)) == []


@pytest.mark.parametrize("language", FORMS)
def test_words_of_django_and_allauth_are_there(language):
    """From their own catalogues or from ours."""
    source = str(ROOT / "hostbill/core/borrowed.py")
    borrowed = [
        found[1] for found in extract_from_file("python", source, keywords={"_": None, "ngettext_lazy": (1, 2)})
    ]
    known = translation(language)._catalog
    missing = [text for text in borrowed if known.get(text if isinstance(text, str) else (text[0], 0)) is None]
    assert len(borrowed) > 100
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
def test_marks_of_mails_are_kept(language):
    """Headings, bold words and paragraphs of Markdown; and whatever turns the direction of writing turns it back."""
    wrong = []
    for message in catalogue(language):
        source = message.id[-1] if isinstance(message.id, tuple) else message.id
        for text in forms(message) if message.id else []:
            marks = [(words.count("**"), words.startswith("# "), words.count("\n\n")) for words in (source, text)]
            if text and (marks[0] != marks[1] or text.count("\u2068") != text.count("\u2069")):
                wrong.append((source, text))
    assert wrong == []


def test_catalogues_are_compiled_without_gettext(tmp_path):
    """As on a bare machine; nothing is done twice."""
    folder = tmp_path / "de/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes((ROOT / "locale/de/LC_MESSAGES/django.po").read_bytes())
    assert (compile_catalogues(tmp_path), compile_catalogues(tmp_path)) == (1, 0)
    with (folder / "django.mo").open("rb") as compiled:
        assert read_mo(compiled)["Sign in"].string == "Anmelden"
