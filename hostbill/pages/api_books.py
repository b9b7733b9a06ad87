"""The books by API: trial balance, ageing, the tax report, and the journal as a file. Exact figures, as on their pages."""

from django import forms
from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from billing.actions.journal import export_journal
from billing.forms.ledger import JournalExportForm, SpanForm
from billing.queries import reports, tax_report
from billing.queries.ageing import BUCKETS, ageing
from billing.queries.ledger import trial_balance
from billing.views.staff.ageing import AgeingView
from billing.views.staff.ledger import JournalExport, TrialBalance
from billing.views.staff.tax_report import PARTS, TaxReport
from hostbill.core import clock
from hostbill.core.api.addresses import TEXT, WHOLE, YES, Address, Plain, Told, shaped
from hostbill.core.api.base import answer
from hostbill.core.api.fields import KINDS, decimal, money
from hostbill.core.api.nouns import PREFIX
from hostbill.core.api.problems import Problem
from hostbill.core.api.reading import AnyFile, JSONRenderer
from hostbill.core.api.represent import related
from hostbill.core.options import COMPANY_CURRENCY

MONEY, DAY, FIGURE = KINDS["money"].schema, KINDS["date"].schema, KINDS["decimal"].schema
SPAN = {"first": DAY, "last": DAY, "currency": TEXT}


def rows_of(**parts) -> dict:
    """An array of such objects."""
    return {"type": "array", "items": shaped(**parts)}


class Asked(Plain):
    """An address whose parameters a form checks."""

    def asked_by(self, make_form) -> dict:
        """What was asked; what was not begins as the form does. Problem 400."""
        params, empty = self.request.query_params, make_form()
        data = {name: params.get(name, field.initial) for name, field in empty.fields.items()}
        form = make_form({name: value for name, value in data.items() if value is not None})
        if not form.is_valid():
            raise Problem(400, "bad_parameter", errors=form.errors)
        return form.cleaned_data


class OneCurrency(forms.Form):
    """One in which there is anything; the house's own unless another is said."""

    currency = forms.ChoiceField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        base = str(COMPANY_CURRENCY.value)
        self.fields["currency"].choices = [(code, code) for code in dict.fromkeys([base, *reports.currencies()])]
        self.fields["currency"].initial = base


class TaxPeriod(OneCurrency):
    """A year, or a quarter (q1 to q4) or month (1 to 12) of it."""

    year = forms.IntegerField(min_value=2000, max_value=9998)
    part = forms.ChoiceField(choices=[(key, key) for key in PARTS], required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = clock.today().year


class Balance(Asked):
    """GET: what each account had, got and has."""

    told = {
        "get": Told(
            "Trial balance, both days included; this month unless days are said",
            TrialBalance,
            shaped(**SPAN, is_even=YES, rows=rows_of(account={"$ref": "#/components/schemas/Related"}, code=TEXT, opening=MONEY,
                                                     debit=MONEY, credit=MONEY, closing=MONEY)),
            asked=SPAN,
        )
    }  # fmt: skip

    def get(self, request):
        """Debit positive."""
        asked = self.asked_by(SpanForm)
        found = trial_balance(asked["first"], asked["last"], asked["currency"])
        rows = [
            {"account": related(row.account), "code": row.account.code}
            | {name: money(getattr(row, name)) for name in ("opening", "debit", "credit", "closing")}
            for row in found.rows
        ]
        days = {name: asked[name].isoformat() for name in ("first", "last")}
        return answer({**days, "currency": asked["currency"], "is_even": found.is_even, "rows": rows})


def client_link(row) -> dict:
    """As other objects are named."""
    return {"id": row.client_id, "name": row.name, "url": f"{settings.SITE_URL}/{PREFIX}clients/{row.client_id}/"}


class Ageing(Asked):
    """GET: who owes what for how long."""

    told = {
        "get": Told(
            "What clients owe by how long it is due, today",
            AgeingView,
            shaped(currency=TEXT, buckets=rows_of(key=TEXT, label=TEXT), parts={"type": "array", "items": MONEY}, total=MONEY,
                   ledger=MONEY, rows=rows_of(client={"$ref": "#/components/schemas/Related"}, number=TEXT, invoices=WHOLE,
                                              parts={"type": "array", "items": MONEY}, total=MONEY)),
            asked={"currency": TEXT},
        )
    }  # fmt: skip

    def get(self, request):
        """Who owes most first; parts in the order of the buckets."""
        found = ageing(self.asked_by(OneCurrency)["currency"])
        rows = [
            {"client": client_link(row), "number": row.number, "invoices": row.invoices,
             "parts": [money(part) for part in row.parts], "total": money(row.total)}
            for row in found.rows
        ]  # fmt: skip
        buckets = [{"key": bucket.key, "label": str(bucket.label)} for bucket in BUCKETS]
        sums = {"parts": [money(part) for part in found.parts], "total": money(found.total), "ledger": money(found.ledger)}
        return answer({"currency": found.currency, "buckets": buckets, **sums, "rows": rows})


RATE = {"country": TEXT, "category": TEXT, "supply": TEXT, "tax_class": TEXT, "name": TEXT, "percent": FIGURE, "step": WHOLE,
        "documents": WHOLE, "net": FIGURE, "tax": FIGURE, "ledger": {"oneOf": [FIGURE, {"type": "null"}]}}  # fmt: skip


class Tax(Asked):
    """GET: tax by rate beside the ledger, sales to other states, sales to firms of other states."""

    told = {
        "get": Told(
            "Tax of a year, or a part of it (q1 to q4, 1 to 12), in one currency",
            TaxReport,
            shaped(**SPAN, rates=rows_of(**RATE), oss=rows_of(country=TEXT, percent=FIGURE, net=FIGURE, tax=FIGURE),
                   ec_sales=rows_of(country=TEXT, tax_id=TEXT, net=FIGURE, documents=WHOLE)),
            asked={"currency": TEXT, "year": WHOLE, "part": TEXT},
        )
    }  # fmt: skip

    def get(self, request):
        """The tables of the page; the documents behind a figure are `tax-lines`."""
        asked = self.asked_by(TaxPeriod)
        period, currency = tax_report.period_of(asked["year"], *PARTS.get(asked["part"], (1, 12))), asked["currency"]
        rates = [{name: plain(getattr(row, name)) for name in RATE} for row in tax_report.by_rate(period, currency)]
        names = ("country", "percent", "net", "tax")
        states = [{name: plain(row[name]) for name in names} for row in tax_report.other_states(period, currency)]
        firms = [
            {"country": row["buyer_country"], "tax_id": row["buyer_tax_id"], "net": plain(row["net"]), "documents": row["documents"]}
            for row in tax_report.reverse_charges(period, currency)
        ]
        days = {"first": period.first.isoformat(), "last": period.last.isoformat(), "currency": currency}
        return answer({**days, "rates": rates, "oss": states, "ec_sales": firms})


def plain(value):
    """Exact numbers as text; a sum over nothing is nothing."""
    return value if value is None or isinstance(value, str | int) else decimal(value)


class JournalFile(Asked):
    """GET: the journal for a bookkeeping program."""

    renderer_classes = [JSONRenderer, AnyFile]
    told = {
        "get": Told(_("The journal as a file"), JournalExport, {"type": "string", "format": "binary"},
                    asked={**SPAN, "file_format": TEXT}, media="*/*")
    }  # fmt: skip

    def get(self, request):
        """Made while it is sent; that it was taken stands in the activity log. AppError as the page."""
        made = export_journal(**self.asked_by(JournalExportForm), actor=self.actor)
        headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return StreamingHttpResponse(made.parts, content_type=made.mime, headers=headers)


ADDRESSES = [
    Address("trial-balance/", "trial_balance", Balance, "reports"),
    Address("ageing/", "ageing", Ageing, "reports"),
    Address("tax-report/", "tax_report", Tax, "reports"),
    Address("journal-file/", "journal_file", JournalFile, "journal-entries"),
]
