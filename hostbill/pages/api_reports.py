"""Reports by API: the figures of the page, exact."""

from django import forms
from django.utils.translation import gettext as _

from billing.queries import reports
from hostbill.core import clock
from hostbill.core.api.addresses import TEXT, WHOLE, Address, Plain, Told, found, listed, shaped
from hostbill.core.api.base import answer
from hostbill.core.api.fields import KINDS, decimal
from hostbill.core.api.problems import Problem
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.pages.reports import REPORTS, Reports

FIGURES = {"type": "array", "items": KINDS["decimal"].schema}
ROW = shaped(name=TEXT, values=FIGURES)
REPORT = shaped(report=TEXT, title=TEXT, currency=TEXT, year=WHOLE, columns={"type": "array", "items": TEXT},
                rows={"type": "array", "items": ROW}, sums=FIGURES, note=TEXT)  # fmt: skip
FIRST_YEAR = 2000


class Periods(forms.Form):
    """Of which year, in which currency."""

    year = forms.IntegerField(required=False, min_value=FIRST_YEAR)
    currency = forms.CharField(required=False, max_length=3)

    def clean_year(self):
        """Not of years to come."""
        year, today = self.cleaned_data["year"] or clock.today().year, clock.today()
        if year > today.year:
            raise forms.ValidationError(_("A number from %(least)d to %(most)d.") % {"least": FIRST_YEAR, "most": today.year})
        return year

    def clean_currency(self):
        """One in which there is anything."""
        base = str(COMPANY_CURRENCY.value)
        code, known = self.cleaned_data["currency"] or base, [base, *reports.currencies()]
        if code not in known:
            raise forms.ValidationError(_("One of: %(values)s.") % {"values": ", ".join(dict.fromkeys(known))})
        return code


class ReportList(Plain):
    """GET: which there are."""

    told = {"get": Told("Reports", Reports, listed(report=TEXT, title=TEXT))}

    def get(self, request):
        """In their order."""
        return answer({"data": [{"report": key, "title": str(words)} for key, (words, _make) in REPORTS.items()]})


class ReportFigures(Plain):
    """GET: one, counted now."""

    told = {"get": Told("A report of a year in one currency", Reports, REPORT, asked={"year": WHOLE, "currency": TEXT})}

    def get(self, request, report):
        """As its CSV file."""
        words, make = found(REPORTS.get(report))
        form = Periods(request.query_params)
        if not form.is_valid():
            raise Problem(400, "bad_parameter", errors=form.errors)
        currency, year = form.cleaned_data["currency"], form.cleaned_data["year"]
        made = make(currency, year)
        return answer(
            {
                "report": report,
                "title": str(words),
                "currency": currency,
                "year": year,
                "columns": [str(head) for head in made.heads[1:]],
                "rows": [{"name": str(name), "values": [decimal(value) for value in values]} for name, values in made.rows],
                "sums": [decimal(value) for value in made.sums] if made.total and made.rows else [],
                "note": str(made.note),
            }
        )


ADDRESSES = [Address("reports/", "reports", ReportList, "reports"), Address("reports/<slug:report>/", "report", ReportFigures, "reports")]
