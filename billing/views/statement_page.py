"""What the client area and the console share of statements of account: the days asked for, the page and the PDF."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from billing.models import Account
from billing.queries.statement import statements_of
from billing.queries.statement_document import statement_file_name, statement_pdf
from hostbill.core import clock
from hostbill.core.ui.words import day_words

YEARS = 6
AT_ONCE = 200  # movements on a page
#: Nothing was booked before, and nothing is after.
FIRST, LAST = date(2000, 1, 1), date(2200, 12, 31)


@dataclass(frozen=True)
class Days:
    """From `first` to `last`, both included; `year` when it is exactly one."""

    first: date
    last: date
    year: int | None = None

    @property
    def query(self) -> str:
        """As the address says it."""
        return urlencode({"year": self.year} if self.year else {"from": self.first, "to": self.last})

    @property
    def title(self) -> str:
        """For the heading."""
        if self.year:
            return _("Statement %(year)s") % {"year": self.year}
        return _("Statement %(first)s – %(last)s") % {"first": day_words(self.first), "last": day_words(self.last)}


def years_of(client) -> range:
    """This year and those before it, back to when the client came, at most six."""
    this = clock.today().year
    return range(this, max(this - YEARS, client.created_at.year - 1), -1)


def days_asked(request, client) -> Days:
    """`?from=&to=` (either may be missing), else `?year=`, else this year."""
    first, last = _day(request.GET.get("from", "")), _day(request.GET.get("to", ""))
    if first or last:
        first, last = first or date((last or clock.today()).year, 1, 1), last or clock.today()
        return Days(min(first, last), max(first, last))
    asked, this = request.GET.get("year", ""), clock.today().year
    year = int(asked) if asked.isdecimal() and len(asked) == 4 and int(asked) in years_of(client) else this
    return Days(date(year, 1, 1), date(year, 12, 31), year)


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return min(max(found, FIRST), LAST) if found else None


def statement_context(request, account: Account, days: Days) -> dict:
    """The page: a section per currency, the first of them in pages."""
    first, *others = statements_of(account, days.first, days.last)
    page = Paginator(first.lines, AT_ONCE).get_page(request.GET.get("page"))
    years = years_of(account.client)
    return {
        "page_title": days.title,
        "days": days,
        "statement": first.part(page.number, AT_ONCE),
        "others": others,
        "page": page,
        "pdf_url": f"?{days.query}&pdf=1",
        "tabs": [
            {"label": str(year), "url": f"?year={year}", "current": year == days.year, "count": None} for year in years
        ],
    }


def pdf_answer(account: Account, days: Days) -> HttpResponse:
    """The document of these days."""
    response = HttpResponse(statement_pdf(account, days.first, days.last), content_type="application/pdf")
    name = statement_file_name(account, days.first, days.last)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
