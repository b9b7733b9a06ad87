"""Ageing in the console: who owes what for how long, down to the invoices."""

import csv
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from billing.queries.ageing import BUCKETS, Aged, Ageing, ageing
from billing.queries.reports import currencies
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.crud.export import safe
from hostbill.core.options import COMPANY_CURRENCY

AT_ONCE = 100  # clients on a page


class AgeingView(StaffView, View):
    """One currency at a time, as of today."""

    permission = "billing.ledger.view"

    def get(self, request):
        """The page, or its CSV file."""
        found = ageing(self.currency())
        if request.GET.get("export") == "csv":
            return csv_file(found)
        page = Paginator(found.rows, AT_ONCE).get_page(request.GET.get("page"))
        context = {
            "page_title": _("Ageing"),
            "crumbs": [(_("Invoices"), reverse("billing_staff:invoice_list")), (_("Ageing"), "")],
            "heads": [bucket.label for bucket in BUCKETS],
            "rows": [(row, cells(found.currency, row)) for row in page.object_list],
            "sums": cells(found.currency, found),
            "report": found,
            "page": page,
            "chart": [(bucket.label, [part.amount]) for bucket, part in zip(BUCKETS, found.parts, strict=True)],
            "tab_items": [
                {"label": code, "url": f"?currency={code}", "current": code == found.currency} for code in self.currencies
            ],
        }
        return render(request, "billing/staff/ageing.html", context)

    @property
    def currencies(self) -> list[str]:
        """The base currency first."""
        base = COMPANY_CURRENCY.value
        return [base, *(code for code in currencies() if code != base)]

    def currency(self) -> str:
        """Asked for and known, else the base currency."""
        asked = self.request.GET.get("currency", "")
        return asked if asked in self.currencies else COMPANY_CURRENCY.value


def cells(currency: str, row: Aged | Ageing) -> list[tuple]:
    """(label, money, address of the invoices behind it) for each bucket and for all of them."""
    today, client = clock.today(), getattr(row, "client_id", None)
    found = []
    for bucket, money in zip(BUCKETS, row.parts, strict=True):
        first, last = bucket.days(today)
        found.append((bucket.label, money, _invoices(currency, client, first, last) if money else ""))
    return [*found, (_("Together"), row.total, _invoices(currency, client, None, None))]


def _invoices(currency: str, client, first, last) -> str:
    values = {"tab": "open", "client": client, "due_on_from": first, "due_on_to": last, "currency": currency}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{reverse('billing_staff:invoice_list')}?{query}"


def csv_file(found: Ageing) -> HttpResponse:
    """The table with plain figures."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"ageing-{clock.today()}-{found.currency}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response.write("\ufeff")
    writer = csv.writer(response)
    heads = [_("Client"), _("Client number"), _("Currency"), *(str(bucket.label) for bucket in BUCKETS), _("Together"), _("Invoices")]
    writer.writerow(heads)
    for row in found.rows:
        amounts = [money.amount for money in (*row.parts, row.total)]
        writer.writerow([safe(row.name), safe(row.number), found.currency, *amounts, row.invoices])
    writer.writerow([_("Together"), "", found.currency, *(money.amount for money in (*found.parts, found.total)), ""])
    return response
