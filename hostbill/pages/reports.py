"""Reports: income, products, recurring revenue, overdue and taxes, each by month with its file."""

import csv
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.models import Product
from billing.models.tax import TaxClass
from billing.queries import exchange, reports
from hostbill.core import clock, counting
from hostbill.core.access import StaffView
from hostbill.core.crud.export import safe
from hostbill.core.money import Money
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.ui.words import month_words
from hostbill.pages.money_overview import overdue


@dataclass
class Report:
    """A table of amounts: ``heads`` (first one names the rows), ``rows`` = (name, [Decimal]), a sum row, and a chart."""

    heads: list
    rows: list
    chart: list = field(default_factory=list)
    series: list = field(default_factory=list)
    kind: str = "bars"
    forecast_from: int | None = None
    note: str = ""
    total: bool = True

    @property
    def whole(self) -> Decimal:
        """The one figure that it comes to: the last column's sum, or the last state of what is not added up."""
        if not self.rows:
            return Decimal(0)
        return self.sums[-1] if self.total else self.rows[-1][1][-1]

    @property
    def sums(self) -> list[Decimal]:
        """Each column added up."""
        return [sum(column, Decimal(0)) for column in zip(*(values for _name, values in self.rows), strict=True)]


def _months(year: int) -> list[str]:
    return [month_words(date(year, month, 1), year=False) for month in reports.MONTHS]


def _by_month(year: int, first: str, lines: list, **more) -> Report:
    """Months as rows, lines as columns, and together when there are several."""
    names = [name for name, _values in lines]
    rows = [(label, [values[index] for _name, values in lines]) for index, label in enumerate(_months(year))]
    if len(lines) > 1:
        rows = [(label, [*values, sum(values, Decimal(0))]) for label, values in rows]
        names = [*names, _("Together")]
    chart = [(label, [max(value, Decimal(0)) for value in values[: len(lines)]] or [Decimal(0)]) for label, values in rows]
    return Report([first, *names], rows, chart, names[: len(lines)], "stack" if len(lines) > 1 else "bars", **more)


def _kind_words(kind: str) -> str:
    """A kind of revenue as the books code it, in words."""
    known = {
        "deposit": _("Deposits"),
        "hosting": _("Hosting"),
        "late_fee": _("Late fees"),
        "manual": _("Written by hand"),
        "other": _("Other"),
    }
    return known.get(kind) or kind.replace("_", " ").capitalize()


def income(currency: str, year: int) -> Report:
    """What was invoiced."""
    lines = reports.income(currency, year) or [(_("Income"), [Decimal(0)] * 12)]
    note = _("Net, on the days of booking: what was invoiced, less what was cancelled or credited, whenever it is served.")
    return _by_month(year, _("Month"), [(_kind_words(name), values) for name, values in lines], note=note)


def earned(currency: str, year: int) -> Report:
    """What was served."""
    lines = reports.earned(currency, year) or [(_("Income"), [Decimal(0)] * 12)]
    note = _("Net, in the months in which it was served. Equals the revenue accounts of the ledger.")
    return _by_month(year, _("Month"), [(_kind_words(name), values) for name, values in lines], note=note)


def products(currency: str, year: int) -> Report:
    """The same by what was sold."""
    found = reports.by_product(currency, year)
    names = {row.pk: row.name for row in Product.objects.filter(pk__in=found)}
    lines = sorted(((names.get(pk, _("Without a product")), values) for pk, values in found.items()), key=lambda line: -sum(line[1]))
    rows = [(name, [*values, sum(values, Decimal(0))]) for name, values in lines]
    chart = [(name, [max(values[-1], Decimal(0))]) for name, values in rows[:12]]
    note = _("Net, by the lines of the same invoices; fees and lines written by hand have no product.")
    return Report([_("Product"), *_months(year), _("Together")], rows, chart, note=note)


def recurring(currency: str, year: int) -> Report:
    """What comes each month without a new sale."""
    found = reports.recurring(currency, year)
    names = _months(year)
    rows = [(names[line.month - 1], [line.new, -line.lost, line.running]) for line in found]
    chart = [(names[line.month - 1], [line.running]) for line in found]
    note = _("Net a month of all running subscriptions at today's prices; long cycles count by the month.")
    return Report([_("Month"), _("New"), _("Lost"), _("At the month's end")], rows, chart, note=note, total=False)


def ageing(currency: str, year: int) -> Report:
    """What should have been paid by now."""
    rows = []
    for age in overdue()["ages"]:
        mine = next((money.amount for money in age.sums if money.currency == currency), Decimal(0))
        rows.append((age.label, [mine]))
    note = _("Everything unpaid and past its due date today, whatever its year.")
    return Report([_("Days overdue"), _("Still to pay")], rows, rows, note=note)


def taxes(currency: str, year: int) -> Report:
    """What was charged on behalf of the state."""
    labels = dict(TaxClass.choices)
    found = reports.taxes(currency, year)
    lines = [(f"{percent.normalize():f} % · {labels.get(tax_class, tax_class)}", values) for tax_class, percent, values in found]
    lines = lines or [(_("Tax"), [Decimal(0)] * 12)]
    note = _("Tax on invoices issued, less cancelled ones, by rate. Equals the tax accounts of the ledger.")
    return _by_month(year, _("Month"), lines, note=note)


REPORTS = {
    "income": (gettext_lazy("Invoiced"), income),
    "earned": (gettext_lazy("Earned"), earned),
    "products": (gettext_lazy("By product"), products),
    "recurring": (gettext_lazy("Recurring"), recurring),
    "overdue": (gettext_lazy("Overdue"), ageing),
    "taxes": (gettext_lazy("Taxes"), taxes),
}


for _key, (_label, _make) in REPORTS.items():
    counting.register_source(f"report.{_key}", _make)


class Reports(StaffView, View):
    """One report at a time, for one year and one currency."""

    permission = "billing.ledger.view"

    def get(self, request):
        """The page, or its CSV file."""
        key = request.GET.get("report", "income")
        if key not in REPORTS:
            raise Http404
        label, make = REPORTS[key]
        currency, year = self.currency(), self.year()
        if request.GET.get("export") == "csv":
            return csv_file(make(currency, year), f"{key}-{year}-{currency}")
        figures = counting.read(f"report.{key}", currency, year)
        report = figures.value if figures else Report([], [])
        context = {
            "counting": figures is None,
            "moves": figures is None or figures.is_late,
            "as_of": figures.at if figures and not figures.is_live else None,
            "page_title": _("Reports"),
            "report": report,
            "label": label,
            "key": key,
            "currency": currency,
            "year": year,
            "years": reports.years() if key != "overdue" else [],
            "currencies": self.currencies,
            "tab_items": [
                {"label": words, "url": f"?report={name}&year={year}&currency={currency}", "current": name == key}
                for name, (words, _make) in REPORTS.items()
            ],
            "rows": [(name, [Money(value, currency) for value in values]) for name, values in report.rows],
            "sums": [Money(value, currency) for value in report.sums] if report.total and report.rows else [],
            "together": self.together(key, year),
        }
        return render(request, "pages/reports.html", context)

    def together(self, key: str, year: int):
        """The report's figure over all currencies, about, in the base currency; None with one currency, or before all are counted."""
        if len(self.currencies) < 2:
            return None
        asked = {code: (f"report.{key}", code, year) for code in self.currencies}
        found = counting.read_many(asked.values())
        if None in found.values():
            return None
        amounts = {code: found[names].value.whole for code, names in asked.items()}
        until = min(clock.today(), date(year, 12, 31))
        return exchange.together({code: amount for code, amount in amounts.items() if amount}, COMPANY_CURRENCY.value, until)

    @property
    def currencies(self) -> list[str]:
        """The base currency first."""
        base = COMPANY_CURRENCY.value
        return [base, *(code for code in reports.currencies() if code != base)]

    def currency(self) -> str:
        """Asked for and known, else the base currency."""
        asked = self.request.GET.get("currency", "")
        return asked if asked in self.currencies else COMPANY_CURRENCY.value

    def year(self) -> int:
        """Asked for and possible, else this one."""
        asked, today = self.request.GET.get("year", ""), clock.today()
        return int(asked) if asked.isdecimal() and 2000 <= int(asked) <= today.year else today.year


def csv_file(report: Report, name: str) -> HttpResponse:
    """The table with plain figures."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([safe(str(head)) for head in report.heads])
    for label, values in report.rows:
        writer.writerow([safe(str(label)), *values])
    if report.total and report.rows:
        writer.writerow([_("Together"), *report.sums])
    return response


urls = [path("staff/reports/", Reports.as_view(), name="staff_reports")]
