"""From a notice, its wording and plain data to a whole mail: subject, HTML in our layout, text."""

import re
from dataclasses import dataclass
from functools import lru_cache

import css_inline
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from hostbill.core import letterhead, localized, wording
from hostbill.core.brand import Brand, brand
from hostbill.core.notices import Notice

BLOCKS = ("facts", "button", "lines", "details", "steps", "quote")
MARKER = re.compile(r"^[ \t]*\[\[(" + "|".join(BLOCKS) + r")\]\][ \t]*$", re.MULTILINE)
#: Parts the marked body; values cannot hold it, as escaping turns it into a space.
CUT = "\x1f"
WEB = ("https://", "http://")


@dataclass(frozen=True)
class Composed:
    """A finished mail."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class Wording:
    """Subject and body source of one notice in one language, shipped or staff's own."""

    subject: str
    body: str


def compose(notice: Notice, words: Wording, context: dict, *, name: str, language: str) -> Composed:
    """Render for one reader. Raises WordingError when the wording asks for what the notice does not offer."""
    with translation.override(language):
        house = brand()
        values = _values(notice, context, name, language, house)
        subject = wording.render_line(words.subject, values)
        title, parts = _parts(words.body, values, subject, _blocks(notice, values))
        reason = wording.to_html(wording.render_markdown(str(notice.reason) or _default_reason(notice, values), values))
        frame = {
            "brand": house,
            "head": letterhead.head(),
            "title": title,
            "subject": subject,
            "parts": parts,
            "reference": values.get("reference") or "",
            "reason": reason,
            "language": language,
            "direction": localized.direction(language),
            "start": "right" if localized.direction(language) == "rtl" else "left",
            "end": "left" if localized.direction(language) == "rtl" else "right",
            "preheader": _preheader(parts),
            "staff": notice.audience == "staff",
        }
        markup = _inliner().inline(render_to_string("base/email/layout.html", frame))
        return Composed(subject, markup, _text(frame))


@lru_cache(maxsize=1)
def _inliner():
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _values(notice: Notice, context: dict, name: str, language: str, house: Brand) -> dict:
    """What Liquid sees: the notice's own placeholders, empty where not given, and those every notice has."""
    values = dict.fromkeys(notice.context, "") | wording.plain(context, language)
    values["company"] = {"name": house.name, "email": house.email, "phone": house.phone, "url": house.url}
    values["recipient"] = {"name": name}
    values["hello"] = _("Hello %(name)s") % {"name": name} if name else _("Hello")
    values["site_url"] = house.url
    return values


def _default_reason(notice: Notice, values: dict) -> str:
    if notice.audience == "staff":
        return _("You get this mail because you work with {{ company.name }}.")
    if values.get("client_name"):
        return _("You get this mail because {{ client_name }} has you as a contact.")
    return _("You get this mail because of your account with {{ company.name }}.")


def _blocks(notice: Notice, values: dict) -> dict:
    """The structured blocks present in the context, ready for their templates."""
    blocks = {name: values[name] for name in BLOCKS if name != "button" and values.get(name)}
    if isinstance(blocks.get("quote"), str):
        blocks["quote"] = {"text": blocks["quote"]}
    button = values.get("button") or {}
    if notice.button and not button:
        label, variable = notice.button
        button = {"label": wording.render_line(str(label), values), "url": values.get(variable) or ""}
    if str(button.get("url", "")).startswith(WEB):
        note = button.get("note") or values.get("note") or wording.render_line(str(notice.note), values)
        blocks["button"] = button | {"note": note}
    return blocks


def _parts(body: str, values: dict, subject: str, blocks: dict) -> tuple[str, list[dict]]:
    """The title, and the body cut into prose and blocks in reading order."""
    source = str(body).replace("\r\n", "\n").replace(CUT, " ")
    marked = MARKER.sub(lambda match: f"\n\n{CUT}{match[1]}{CUT}\n\n", source)
    rendered = wording.render_markdown(marked, values).strip()
    title = subject
    if rendered.startswith("# "):
        heading, _newline, rendered = rendered.partition("\n")
        title = wording.html_to_text(wording.to_html(heading))
    if marked == source:
        rendered = _default_places(rendered.strip(), blocks)
    else:
        placed = set(rendered.split(CUT)[1::2])
        rendered += "".join(f"{CUT}{name}{CUT}" for name in BLOCKS if name in blocks and name not in placed)
    pieces = rendered.split(CUT)
    parts = []
    for index, piece in enumerate(pieces):
        if index % 2:
            if piece in blocks:
                parts.append({"name": piece, "data": blocks[piece]})
        elif piece.strip():
            parts.append({"name": "prose", "html": wording.to_html(piece)})
    if parts and parts[0]["name"] == "prose":
        parts[0]["lead"] = True
    if len(parts) > 1 and parts[-1]["name"] == "prose" and parts[-2]["name"] in ("lines", "details", "steps"):
        parts[-1]["after"] = True
    return title, parts


def _default_places(rendered: str, blocks: dict) -> str:
    """Blocks after the first paragraph, the rest of the prose after them."""
    first, _gap, rest = rendered.partition("\n\n")
    between = "".join(f"\n\n{CUT}{name}{CUT}\n\n" for name in BLOCKS if name in blocks)
    return f"{first}{between}\n\n{rest}"


def _preheader(parts: list[dict]) -> str:
    """The line mail programs show beside the subject."""
    prose = next((part["html"] for part in parts if part["name"] == "prose"), "")
    return wording.html_to_text(prose)[:140]


def _text(frame: dict) -> str:
    """The plain-text twin: same order, same facts."""
    house, pieces = frame["brand"], [frame["title"]]
    for part in frame["parts"]:
        pieces.append(
            wording.html_to_text(part["html"]) if part["name"] == "prose" else TEXTS[part["name"]](part["data"])
        )
    pieces.append("-- \n" + "\n".join(line for line in (house.legal_line, house.footer) if line))
    pieces.append(
        wording.html_to_text(frame["reason"]) + " " + _("We never ask for a password or a card number by mail.")
    )
    return "\n\n".join(piece for piece in pieces if piece.strip()) + "\n"


def _facts_text(data: dict) -> str:
    side = [data.get("side_label"), data.get("side_value"), *(data.get("side_lines") or [])]
    return "\n".join(
        [f"{data.get('label', '')}: {data.get('value', '')}", " ".join(str(item) for item in side if item)]
    ).strip()


def _button_text(data: dict) -> str:
    return "\n".join(item for item in (f"{data['label']}:\n{data['url']}", data.get("note")) if item)


def _lines_text(data: dict) -> str:
    head = [{"text": data["title"], "amount": data.get("amount_title", "")}] if data.get("title") else []
    rows = [*head, *data.get("rows", []), *data.get("sums", []), *([data["total"]] if data.get("total") else [])]
    return "\n".join(
        f"{row.get('text', '')}: {row.get('amount', '')}" + (f"\n  {row['note']}" if row.get("note") else "")
        for row in rows
    )


def _details_text(data: list) -> str:
    return "\n".join(f"{row.get('label', '')}: {row.get('value', '')}" for row in data)


def _steps_text(data: list) -> str:
    return "\n".join(
        f"{row.get('when', '')}: {row.get('title', '')}" + (f"\n  {row['text']}" if row.get("text") else "")
        for row in data
    )


def _quote_text(data: dict) -> str:
    head = " · ".join(str(item) for item in (data.get("author"), data.get("at")) if item)
    return "\n".join([head, *(f"> {line}" for line in str(data.get("text", "")).splitlines())]).strip()


TEXTS = {
    "facts": _facts_text,
    "button": _button_text,
    "lines": _lines_text,
    "details": _details_text,
    "steps": _steps_text,
    "quote": _quote_text,
}


def error_page(message: str) -> str:
    """What the preview frame shows instead of a mail that cannot be made."""
    return render_to_string("base/email/error.html", {"message": escape(message)})
