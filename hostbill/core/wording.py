"""Staff-written text: Liquid for the placeholders, Markdown for the form, nothing of Python within reach.

Liquid gets plain data only (text, numbers, dates, lists, dictionaries), few tags, few filters, and limits on loops,
memory and output. Every value is escaped for Markdown as it is put in, so a customer named ``[Click](http://bad)``
stays a name. What comes out of Markdown passes nh3 before it meets a mail layout.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html.parser import HTMLParser

import nh3
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from liquid import Environment, Markup, StrictUndefined
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError
from liquid.stringify import to_liquid_string
from markdown_it import MarkdownIt

from hostbill.core import localized
from hostbill.core.errors import AppError
from hostbill.core.money import Money

TAGS = {"assign", "capture", "case", "comment", "for", "break", "continue", "if", "unless"}
#: Names the parser itself gives to text, output and mistakes.
INNER_TAGS = {"content", "output", "illegal", "#"}
FILTERS = {
    "append", "capitalize", "ceil", "date", "default", "divided_by", "downcase", "first", "floor", "join", "last", "map",
    "minus", "modulo", "plus", "prepend", "remove", "replace", "reverse", "round", "size", "slice", "sort", "split",
    "strip", "times", "truncate", "truncatewords", "uniq", "upcase", "where",
}  # fmt: skip
MARKDOWN_SPECIALS = re.compile(r"([!-/:-@\[-`{-~])")
ALLOWED_TAGS = {"p", "h1", "h2", "h3", "strong", "em", "a", "ul", "ol", "li", "br", "hr", "blockquote", "code", "pre"}
MAX_SOURCE = 20_000
#: Marks around a name of another direction, so that Arabic sentences keep "2027-0412" in order.
ISOLATES = "\u2066\u2067\u2068\u2069"


class WordingError(AppError):
    """The staff-written text is wrong: an unknown placeholder, a tag without end, or too much of something."""


class _Quiet:
    """Limits and reductions common to both environments."""

    loop_iteration_limit = 2_000
    local_namespace_limit = 50_000
    output_stream_limit = 100_000
    context_depth_limit = 10
    block_nesting_limit = 10

    def setup_tags_and_filters(self, *, extra=False):
        super().setup_tags_and_filters(extra=False)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS | INNER_TAGS}
        self.filters = {name: func for name, func in self.filters.items() if name in FILTERS}
        self.add_tag(self.output_tag)


class _MarkdownNode(OutputNode):
    """``{{ value }}`` as text that Markdown leaves alone."""

    def render_to_output(self, context, buffer):
        value = self.expression.evaluate(context)
        if not isinstance(value, Markup):
            value = escape_markdown(to_liquid_string(value, autoescape=False))
        return buffer.write(str(value))


class _MarkdownOutput(Output):
    node_class = _MarkdownNode


class _MarkdownEnvironment(_Quiet, Environment):
    output_tag = _MarkdownOutput


class _LineEnvironment(_Quiet, Environment):
    output_tag = Output


# autoescape makes captured text come back marked as done, so it is not escaped twice; the output node does the escaping.
_markdown_env = _MarkdownEnvironment(undefined=StrictUndefined, autoescape=True)
_line_env = _LineEnvironment(undefined=StrictUndefined)
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is; line breaks become spaces, so a value cannot start a block."""
    return MARKDOWN_SPECIALS.sub(r"\\\1", " ".join(text.split()))


def plain(value, language: str):
    """Reduce a context value to what Liquid may see; dates and money become words. Raises TypeError for objects."""
    if isinstance(value, bool) or value is None or isinstance(value, int | Decimal):
        return value
    if isinstance(value, localized.Spoken):
        return value.make(language)
    if isinstance(value, Money):
        return localized.money_text(value, language)
    if isinstance(value, datetime):
        return localized.moment_text(value, language)
    if isinstance(value, date):
        return localized.date_text(value, language)
    if isinstance(value, str | Promise):
        return str.__str__(str(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item, language) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item, language) for item in value]
    raise TypeError(f"a notice takes plain data, not {type(value).__name__}")


@lru_cache(maxsize=256)
def _parse(environment, source: str):
    if len(source) > MAX_SOURCE:
        raise WordingError(_("The text is too long."), code="wording_too_long")
    return environment.from_string(source)


def _render(environment, source: str, context: dict) -> str:
    try:
        return _parse(environment, source).render(**context)
    except LiquidError as error:
        why = _where(str(error))
        raise WordingError(_("This text cannot be used: %(why)s") % {"why": why}, code="wording_invalid") from error
    except (ValueError, TypeError, ArithmeticError, RecursionError, KeyError) as error:
        why = f"{type(error).__name__}: {error}"
        raise WordingError(_("This text cannot be used: %(why)s") % {"why": why}, code="wording_invalid") from error


def _where(report: str) -> str:
    """Liquid's report in one line: what is wrong, and in which line of the text."""
    what, _rest, place = report.partition("\n")
    line = re.search(r" (\d+):\d+", place)
    return _("%(what)s (line %(line)s)") % {"what": what, "line": line[1]} if line else what


def render_line(source: str, context: dict) -> str:
    """A subject or a label: one line without control characters, at most 250 long, so no header can be added."""
    text = _render(_line_env, str(source), context)
    text = "".join(char if char.isprintable() or char in ISOLATES else " " for char in text)
    return " ".join(text.split())[:250]


def render_markdown(source: str, context: dict) -> str:
    """The body with its placeholders filled, still Markdown."""
    return _render(_markdown_env, str(source), context)


def _link_attribute(tag, attribute, value):
    """Mail links go to the web or to a mailbox, nowhere relative."""
    if attribute == "href" and not value.startswith(("https://", "http://", "mailto:", "tel:")):
        return None
    return value


def to_html(markdown: str) -> str:
    """Safe HTML of a piece of Markdown."""
    return nh3.clean(
        _markdown.render(markdown),
        tags=ALLOWED_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        attribute_filter=_link_attribute,
        link_rel=None,
    ).strip()


class _TextMaker(HTMLParser):
    """Plain text of our own small HTML: paragraphs, bullets, and links with their address behind them."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts, self.href, self.numbers = [], None, []

    def handle_starttag(self, tag, attrs):
        if tag in ("p", "h1", "h2", "h3", "blockquote", "pre", "hr"):
            self.parts.append("\n\n")
        elif tag == "br":
            self.parts.append("\n")
        elif tag in ("ul", "ol"):
            self.parts.append("\n")
            self.numbers.append(0 if tag == "ol" else None)
        elif tag == "li":
            self.parts.append(f"\n{self._bullet()} ")
        elif tag == "a":
            self.href = dict(attrs).get("href")

    def _bullet(self) -> str:
        if not self.numbers or self.numbers[-1] is None:
            return "-"
        self.numbers[-1] += 1
        return f"{self.numbers[-1]}."

    def handle_endtag(self, tag):
        if tag in ("ul", "ol") and self.numbers:
            self.numbers.pop()
        elif tag == "a" and self.href:
            shown = self.href.removeprefix("mailto:")
            if not "".join(self.parts).endswith(shown):
                self.parts.append(f" ({shown})")
            self.href = None

    def handle_data(self, data):
        if data.strip() or (self.parts and not self.parts[-1].endswith("\n")):
            self.parts.append(re.sub(r"\s+", " ", data))


def html_to_text(markup: str) -> str:
    """What ``to_html`` gave, as plain text."""
    maker = _TextMaker()
    maker.feed(markup)
    maker.close()
    text = re.sub(r"[ \t]+\n", "\n", "".join(maker.parts))
    text = re.sub(r"\n[ \t]+", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
