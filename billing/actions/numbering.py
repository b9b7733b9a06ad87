"""Numbers of documents: drawn in the transaction that issues, one after the other, each series without gap or repeat."""

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from billing.models import DEFAULT_FORMATS, CreditNote, DocumentType, Invoice, Quote, Series, SeriesSkip
from billing.options import INVOICE_NUMBER_FORMAT
from billing.queries.number_format import HIGHEST, check_format, resets_by_tokens, write_number
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.compiled import Compiled
from hostbill.core.errors import AppError
from hostbill.core.models import Sequence
from hostbill.core.sequence import next_number, set_next

#: One lock for all series, so that transactions that draw from two never wait for each other in a circle.
TURNS = "billing.numbers"
_SERIES = Compiled(
    lambda document_type, seller: Series.objects.filter(document_type=document_type, seller=seller).order_by("pk")[:1],
    document_type=str,
    seller=str,
)


@dataclass(frozen=True)
class DrawnNumber:
    """A number as documents store it: as written, the counter it is from, and the running number."""

    number: str
    series: str
    series_number: int


def series_of(document_type: str, seller: str = "") -> Series:
    """The rule for a seller's documents of a type; made with the usual format on first use."""
    defaults = {"format": DEFAULT_FORMATS[document_type]}
    found = _SERIES.first(document_type=str(document_type), seller=seller)
    return found or Series.objects.get_or_create(document_type=document_type, seller=seller, defaults=defaults)[0]


def rule_of(series: Series) -> tuple[str, str]:
    """Format and reset in force; an empty format is the setting, whose own tokens say when it begins again."""
    if series.format:
        return series.format, series.reset
    pattern = INVOICE_NUMBER_FORMAT.value
    return pattern, resets_by_tokens(pattern)


def counter_of(series: Series, reset: str, on: date) -> str:
    """The counter for documents of a day: `invoice:2026`, `credit_note`, `invoice@north:2026-05`."""
    name = f"{series.document_type}@{series.seller}" if series.seller else str(series.document_type)
    period = {"never": "", "yearly": f"{on.year}", "monthly": f"{on.year}-{on.month:02d}"}[reset]
    return f"{name}:{period}" if period else name


def draw_number(document_type: str, on: date, seller: str = "") -> DrawnNumber:
    """The next number for a document issued on a day. Gone back with the caller's transaction, so there is no gap."""
    return draw_numbers(document_type, on, 1, seller)[0]


def draw_numbers(document_type: str, on: date, count: int, seller: str = "") -> list[DrawnNumber]:
    """The same for a batch: consecutive. Locks are held to the end of the transaction: draw late. AppError "number_format"."""
    series = series_of(document_type, seller)
    pattern, reset = rule_of(series)
    counter = counter_of(series, reset, on)
    first = next_number(counter, count, after=TURNS)
    return [DrawnNumber(write_number(pattern, n, on), counter, n) for n in range(first, first + count)]


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TURNS])


def next_in(series: Series, on: date | None = None) -> int:
    """The running number that the next document of a day (default: today) would get."""
    counter = counter_of(series, rule_of(series)[1], on or clock.today())
    last = Sequence.objects.filter(name=counter).values_list("last", flat=True).first()
    return (last or 0) + 1


def preview_number(series: Series) -> str:
    """What the next document of today would be called; empty when the format cannot be used."""
    try:
        return write_number(rule_of(series)[0], next_in(series), clock.today())
    except AppError:
        return ""


def update_series(series: Series, *, format: str, reset: str, next_number: int, reason: str = "", actor) -> Series:
    """Change how numbers look, when they begin again, and at which number they go on (never lower: numbers left out are
    kept with the reason). AppError: "number_format", "number_not_higher", "number_taken", "no_reason"."""
    with transaction.atomic():
        _take_turns()
        series = Series.objects.select_for_update().get(pk=series.pk)
        if format:
            check_format(format, reset)
        elif series.document_type != DocumentType.INVOICE:
            raise AppError(_("Enter a format."), code="number_format", field="format")
        series.format, series.reset = format, reset
        series.save(update_fields=["format", "reset"])
        _go_on_at(series, next_number, reason)
        audit(actor, "billing.series_changed", series, reason=reason)
    return series


def _go_on_at(series: Series, number: int, reason: str) -> None:
    """Move the counter in force up to just before `number`; what is left out gets a row."""
    current = next_in(series)
    if number < current:
        words = _("The next number can only go up: it is %(number)s.") % {"number": current}
        raise AppError(words, code="number_not_higher", field="next_number")
    if number > HIGHEST:
        raise AppError(_("At most %(most)s.") % {"most": HIGHEST}, code="number_not_higher", field="next_number")
    _refuse_taken(series, number)
    if number == current:
        return
    if not reason.strip():
        raise AppError(_("Say why numbers are left out."), code="no_reason", field="reason")
    counter = counter_of(series, rule_of(series)[1], clock.today())
    SeriesSkip.objects.create(series=series, counter=counter, first=current, last=number - 1, reason=reason[:300])
    set_next(counter, number)


def _refuse_taken(series: Series, running: int) -> None:
    """A format that would write a number that a document has already is refused now, not at the next issue."""
    number = write_number(rule_of(series)[0], running, clock.today())
    model = {DocumentType.CREDIT_NOTE: CreditNote, DocumentType.QUOTE: Quote}.get(series.document_type, Invoice)
    if model.objects.filter(number=number).exists():
        words = _("The next number would be %(number)s, which a document has already.") % {"number": number}
        raise AppError(words, code="number_taken", field="format")
