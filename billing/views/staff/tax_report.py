"""Tax reports in the console: by rate beside the ledger, for other EU states, and the documents behind each figure."""

import csv
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from billing.models import Invoice, TaxCategory, TaxLine
from billing.queries import reports, tax_report
from billing.queries.tax_report import Period
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.crud import (
    Choice,
    Code,
    Column,
    DateColumn,
    DateRange,
    MoneyColumn,
    NumberColumn,
    Related,
    StaffListView,
    Text,
)
from hostbill.core.crud.export import safe
from hostbill.core.money import Money
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.ui.words import country_name, month_words

LEDGER = "billing.ledger.view"
SHOWN = 20


class TaxLineList(StaffListView):
    """The drill-down: each tax group of each document on the day of its booking."""

    model = TaxLine
    permission = LEDGER
    title = _("Tax by document")
    select = ("client", "invoice", "credit_note")
    columns = [
        Column("document", _("Document"), value=str, link=True, strong=True, phone="under"),
        DateColumn("booked_on", _("Day"), sort="booked_on"),
        Column("client", _("Client"), phone="lead"),
        Column("buyer_country", _("Country of the client"), value=lambda row: country_name(row.buyer_country), phone="hide"),
        Column("buyer_tax_id", _("VAT number"), shown=False),
        Column("supply", _("Sold to"), value=lambda row: row.get_supply_display(), phone="start"),
        Column("category", _("Kind of tax"), value=lambda row: row.get_category_display(), phone="hide"),
        Column("country", _("Tax of"), value=lambda row: country_name(row.country), shown=False),
        NumberColumn("percent", _("Percent"), value=lambda row: f"{row.percent.normalize():f} %", phone="hide"),
        MoneyColumn("net", _("Net"), phone="hide"),
        MoneyColumn("tax", _("Tax"), strong=True, phone="end"),
    ]
    filters = [
        DateRange("booked_on", _("Day")),
        Choice("category", _("Kind of tax"), TaxCategory.choices),
        Choice("supply", _("Sold to"), [row for row in Invoice.Supply.choices if row[0]]),
        Code("country", _("Tax of")),
        Text("percent", _("Percent"), lookup="startswith"),
        Text("buyer_tax_id", _("VAT number"), lookup="iexact"),
        Code("currency", _("Currency")),
        Related("client", _("Client"), Client),
    ]
    search = ["invoice__number__startswith"]
    sort = "-booked_on"
    empty = (_("No tax yet"), _("It appears with the first invoice."))


class TaxReport(StaffView, View):
    """One period and currency: by rate, for the OSS return, for the recapitulative statement."""

    permission = LEDGER

    def get(self, request):
        """The page, or one of its tables as CSV."""
        period, currency = self.period(), self.currency()
        if request.GET.get("export") in FILES:
            return FILES[request.GET["export"]](period, currency)
        rates = tax_report.by_rate(period, currency)
        context = {
            "page_title": _now("Tax report"),
            "period": period,
            "currency": currency,
            "year": period.first.year,
            "part": request.GET.get("part", ""),
            "years": reports.years(),
            "parts": parts_of(period.first.year),
            "currencies": sorted({COMPANY_CURRENCY.value, *reports.currencies()}),
            "rates": [(row, self.money(row), self.documents_url(row)) for row in rates],
            "differs": any(row.differs for row in rates),
            "sums": [
                self.amount(sum(row.net for row in rates if row.step == 1)),
                self.amount(sum(row.tax for row in rates)),
                self.amount(sum(row.ledger or 0 for row in rates)),
            ],
            "states": [{**row, "net": self.amount(row["net"]), "tax": self.amount(row["tax"])}
                       for row in tax_report.other_states(period, currency)],
            "firms": [{**row, "net": self.amount(row["net"])} for row in tax_report.reverse_charges(period, currency)],
            "limit": tax_report.limit_now(),
            "unproved": tax_report.unproved(period)[:SHOWN],
            "query": urlencode({"year": period.first.year, "part": request.GET.get("part", ""), "currency": currency}),
        }  # fmt: skip
        return render(request, "billing/staff/tax_report.html", context)

    def amount(self, value) -> Money:
        """In the currency asked for."""
        return Money(Decimal(value or 0), self.currency())

    def money(self, row) -> dict:
        """Its amounts; the ledger's stands once for an account."""
        ledger = None if row.ledger is None else self.amount(row.ledger)
        return {"net": self.amount(row.net), "tax": self.amount(row.tax), "ledger": ledger}

    def documents_url(self, row) -> str:
        """The list behind the row."""
        period = self.period()
        asked = {"booked_on_from": period.first, "booked_on_to": period.last, "currency": self.currency(), "category": row.category}
        asked |= {name: value for name, value in (("country", row.country), ("supply", row.supply)) if value}
        if row.percent:
            asked["percent"] = f"{row.percent:.4f}"
        return f"{reverse('billing_staff:tax_line_list')}?{urlencode(asked)}"

    def currency(self) -> str:
        """Three letters asked for, else the base currency."""
        asked = self.request.GET.get("currency", "")
        return asked if asked in reports.currencies() else COMPANY_CURRENCY.value

    def period(self) -> Period:
        """A year, a quarter (q1 to q4) or a month (1 to 12) of it; this quarter when nothing usable is asked for."""
        asked, today = self.request.GET.get("year", ""), clock.today()
        year = int(asked) if asked.isdecimal() and 2000 <= int(asked) <= today.year else today.year
        first, last = PARTS.get(self.request.GET.get("part", ""), (1, 12))
        return tax_report.period_of(year, first, last)


PARTS = {f"q{quarter}": (quarter * 3 - 2, quarter * 3) for quarter in range(1, 5)}
PARTS |= {str(month): (month, month) for month in range(1, 13)}


def parts_of(year: int) -> list[tuple[str, str]]:
    """What of a year can be chosen, with its words."""
    months = [(str(month), month_words(date(year, month, 1), year=False)) for month in range(1, 13)]
    quarters = [(f"q{number}", _now("Quarter %(number)s") % {"number": number}) for number in range(1, 5)]
    return [("", _now("The whole year")), *quarters, *months]


def _file(name: str, heads: list, rows: list) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(heads)
    writer.writerows([safe(value) if isinstance(value, str) else value for value in row] for row in rows)
    return response


def rates_file(period: Period, currency: str) -> HttpResponse:
    """By rate, with the ledger's figures."""
    heads = ["country", "category", "sold_to", "tax_class", "name", "percent", "step", "documents", "net", "tax", "ledger"]
    rows = [
        [row.country, row.category, row.supply, row.tax_class, row.name, row.percent, row.step, row.documents, row.net, row.tax, row.ledger]
        for row in tax_report.by_rate(period, currency)
    ]
    return _file(f"tax-{period.first}-{period.last}-{currency}", heads, rows)


def states_file(period: Period, currency: str) -> HttpResponse:
    """For the OSS return."""
    rows = [[row["country"], row["percent"], row["net"], row["tax"]] for row in tax_report.other_states(period, currency)]
    return _file(f"oss-{period.first}-{period.last}-{currency}", ["country", "percent", "net", "tax"], rows)


def firms_file(period: Period, currency: str) -> HttpResponse:
    """For the recapitulative statement."""
    found = tax_report.reverse_charges(period, currency)
    rows = [[row["buyer_country"], row["buyer_tax_id"], row["net"], row["documents"]] for row in found]
    return _file(f"ec-sales-{period.first}-{period.last}-{currency}", ["country", "vat_number", "net", "documents"], rows)


FILES = {"rates": rates_file, "oss": states_file, "ec": firms_file}
