"""Values as readers see them: amounts, dates, sizes, states. All return safe HTML or plain text."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from html import escape

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.localized import comma, locale_of, money_text, native_digits
from hostbill.core.money import Money
from hostbill.core.scope import memory

#: State kind -> icon of the sprite and tone of the badge. The shape carries the meaning, the colour repeats it.
STATE_SIGNS = {
    "failed": ("alert-octagon-filled", "bad"),
    "late": ("hourglass-filled", "bad"),
    "paused": ("player-pause-filled", "bad"),
    "attention": ("alert-triangle-filled", "warn"),
    "pending": ("clock-filled", "info"),
    "running": ("progress", "info"),
    "ok": ("circle-check-filled", "ok"),
    "draft": ("circle-dashed", ""),
    "ended": ("circle-x", ""),
}
#: How names of companies end; they say nothing about who it is.
LEGAL_FORMS = frozenset(
    "ab ag aps as asa bv co company corp corporation doo dba ek ev gbr gmbh inc incorporated kft kg kgaa lda limited llc llp "
    "ltd ltda mbh nv ohg oo oü oy oyj plc pllc private pte pty pvt sa sagl sarl sas se sl sp spa spzoo srl sro ug uab z zrt".split()
)
NO_AMOUNT = SafeString("<span>–</span>")
UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def language() -> str:
    """The reader's language code."""
    return get_language() or "en"


def html(value) -> SafeString:
    """A value inside HTML: escaped, unless it is HTML already. Django's ``conditional_escape`` without its detours, for
    lists, which write hundreds of values."""
    if isinstance(value, Promise):
        value = str(value)
    return value if isinstance(value, SafeString) else SafeString(escape(str(value)))


def in_digits(text: str) -> str:
    """A finished sentence with the reader's digits."""
    return native_digits(text, language())


def number(value, digits: int | None = None) -> str:
    """Grouped and with the reader's digits: 1,284."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return native_digits(format_decimal(value, pattern, locale=locale_of(language())), language()).replace("-", "−")


def money(value: Money | None) -> str:
    """``€47.60``; an en dash for nothing."""
    return "–" if value is None else money_text(value, language())


def money_staff(value: Money | None) -> str:
    """Figure, then the small grey code, so that columns of mixed currencies stay clean."""
    return _figure(language(), value.amount, value.currency) if value is not None else NO_AMOUNT


def money_words(value: Money) -> str:
    """``1,500.00 EUR``: the console's form inside a sentence."""
    figure = format_currency(value.amount, value.currency, "#,##0.00", locale=locale_of(language())).replace("-", "−")
    return f"{native_digits(figure, language())} {value.currency}"


@lru_cache(4096)
def _figure(name: str, amount: Decimal, currency: str) -> SafeString:
    """Kept, because a list writes hundreds of them and the words of a locale are slow to put together."""
    figure = format_currency(amount, currency, "#,##0.00", locale=locale_of(name)).replace("-", "−")
    return format_html(
        '<span class="money"><span class="money-figure">{}</span><span class="money-code">{}</span></span>',
        native_digits(figure, name),
        currency,
    )


def local(moment: datetime) -> datetime:
    """In the reader's zone."""
    return timezone.localtime(moment)


def day_words(day: date, year: bool | None = None) -> str:
    """``15 May``; the year only when asked or not the current one."""
    if isinstance(day, datetime):
        day = local(day).date()
    return _day_in(language(), day, shows_year(day, year))


def shows_year(day: date, asked: bool | None) -> bool:
    """Whether a day is written with its year: as asked, else when it is not the seller's current one."""
    kept = memory()
    if asked is not None or kept is None:
        return clock.today().year != day.year if asked is None else asked
    if "words.year" not in kept:
        kept["words.year"] = clock.today().year
    return kept["words.year"] != day.year


@lru_cache(4096)
def _day_in(name: str, day: date, show_year: bool) -> str:
    """Kept for the same reason as figures."""
    if name.startswith("en"):
        text = format_date(day, "d MMM y" if show_year else "d MMM", locale="en_GB").replace("Sept", "Sep")
    else:
        text = format_skeleton("yMMMd" if show_year else "MMMd", day, locale=locale_of(name))
    return native_digits(text, name)


def month_words(day: date, year: bool | None = None) -> str:
    """``May``, ``May 2025``; the year only when asked or not the current one."""
    name = language()
    return native_digits(format_date(day, "LLLL y" if shows_year(day, year) else "LLLL", locale=locale_of(name)), name)


def moment_words(moment: datetime) -> str:
    """``15 May, 04:00`` in the reader's zone."""
    here = local(moment)
    return native_digits(f"{day_words(here.date())}{comma(language())}{here:%H:%M}", language())


def exact_words(moment: datetime) -> str:
    """For the hover: ``15 May 2027, 04:00:12 CEST``."""
    return _exact_in(language(), timezone.get_current_timezone(), moment)


@lru_cache(4096)
def _exact_in(name: str, zone, moment: datetime) -> str:
    """Kept for the same reason as figures."""
    here = moment.astimezone(zone)
    return native_digits(f"{_day_in(name, here.date(), True)}{comma(name)}{here:%H:%M:%S} {here.tzname()}", name)


def ago_words(moment: datetime) -> str:
    """``3 minutes ago``, ``in 2 days``; beyond a month the day itself."""
    gap = moment - clock.now()
    if abs(gap) < timedelta(seconds=10):
        return _("just now")
    if abs(gap) > timedelta(days=31):
        return day_words(local(moment).date())
    if abs(gap) > timedelta(hours=2):
        gap = timedelta(minutes=gap // timedelta(minutes=1))  # so that those of a list are few
    return _gap_in(language(), gap)


@lru_cache(4096)
def _gap_in(name: str, gap: timedelta) -> str:
    """Kept for the same reason as figures."""
    return native_digits(format_timedelta(gap, add_direction=True, threshold=1.4, locale=locale_of(name)), name)


def time_tag(moment: date | datetime | None, words: str) -> str:
    """A <time> whose hover shows the exact moment."""
    if moment is None:
        return "–"
    title = exact_words(moment) if isinstance(moment, datetime) else day_words(moment, year=True)
    return SafeString(f'<time datetime="{moment.isoformat()}" title="{html(title)}">{html(words)}</time>')


def ago(moment: datetime | None) -> str:
    """Relative, exact on hover."""
    return time_tag(moment, ago_words(moment)) if moment else "–"


def country_name(code: str) -> str:
    """A country in the reader's language: Germany."""
    return locale_of(language()).territories.get(code, code)


def country_order(country: tuple[str, str]) -> tuple[str, str]:
    """Sorts (code, name) as an alphabet does: marks count last. django-countries knows an order for Latin letters only."""
    name = country[1].casefold()
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)), name


def day(value: date | None, year: bool | None = None) -> str:
    """A day, with its year on hover."""
    if not value:
        return "–"
    if isinstance(value, datetime):
        return time_tag(value, day_words(value, year))
    return _day_tag(language(), value, shows_year(value, year))


@lru_cache(4096)
def _day_tag(name: str, value: date, show_year: bool) -> str:
    """Kept for the same reason as figures."""
    return time_tag(value, _day_in(name, value, show_year))


def moment(value: datetime | None) -> str:
    """A day and time."""
    return time_tag(value, moment_words(value)) if value else "–"


def size(count: int | None) -> str:
    """Bytes for people: ``38.2 GB`` (powers of 1024, as panels count)."""
    if count is None:
        return _("no limit")
    value, unit = Decimal(count), 0
    while abs(value) >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    digits = 0 if unit == 0 or value == value.to_integral_value() or abs(value) >= 100 else 1
    return f"{number(value, digits)} {UNITS[unit]}"


#: What a browser calls itself, and its system; the first that is found counts, for all but Firefox also say Chrome or Safari.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox", "FxiOS": "Firefox"}
BROWSERS |= {"CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"Windows": "Windows", "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "CrOS": "ChromeOS"}
SYSTEMS |= {"Mac OS X": "macOS", "Linux": "Linux"}


def browser_words(user_agent: str) -> str:
    """``Firefox · Windows``; of others the beginning of what they say themselves."""
    known = [next((name for sign, name in names.items() if sign in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, known)) or user_agent[:40]


def initials(name: str) -> str:
    """Two letters for an avatar; one for scripts whose letters join."""
    parts = [part for part in str(name).split() if part[0].isalnum()]
    while len(parts) > 1 and parts[-1].replace(".", "").strip(",").lower() in LEGAL_FORMS:
        parts.pop()
    words = [word for word in " ".join(parts).replace(".", " ").split() if word[0].isalnum()]
    letters = "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words))
    return (letters if len(letters) > 1 else str(name).strip()[:2]).upper() or "?"


@dataclass(frozen=True)
class StateWords:
    """A state as shown: kind (shape and colour), the telling words, and the rest of the sentence."""

    kind: str
    words: str
    rest: str = ""

    @property
    def icon(self) -> str:
        return STATE_SIGNS.get(self.kind, STATE_SIGNS["draft"])[0]

    @property
    def tone(self) -> str:
        return STATE_SIGNS.get(self.kind, STATE_SIGNS["draft"])[1]


def state_words(kind, words="", rest="") -> StateWords:
    """From ``("failed", "Overdue", "3 reminders")``, a mapping, a StateWords or single values."""
    if isinstance(kind, StateWords):
        return kind
    if isinstance(kind, Mapping):
        return StateWords(**kind)
    if isinstance(kind, tuple | list):
        return StateWords(*kind)
    return StateWords(kind or "draft", words, rest)


def joined(words, rest) -> str:
    """The rest as it follows the telling words: after a comma, unless either brings its own punctuation."""
    if not rest:
        return ""
    if str(rest)[0] in ",.:; ،፣፦":
        return str(rest)
    return f" {rest}" if str(words).endswith(tuple(".:,!?।؟،።፣፦")) else f"{comma(language())}{rest}"


def plain(value) -> str:
    """Any value as a table cell or fact shows it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Money):
        return money_staff(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int | Decimal):
        return number(value)
    if isinstance(value, list | tuple | set):
        return ", ".join(str(item) for item in value) or "–"
    return value
