"""The client's account as a list: what was billed, what was paid, and the balance after each."""

from datetime import date

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from billing.actions.account import open_account
from billing.queries.statement import statement_of
from hostbill.core import clock
from hostbill.core.access import PortalView

YEARS = 6
AT_ONCE = 200  # movements on a page


class StatementView(PortalView, View):
    """One year at a time, this one first; a year with very many movements in pages."""

    area = "billing"

    def get(self, request):
        """The year of `?year=`, printable, from `?page=` on."""
        account, this = open_account(request.client), clock.today().year
        years = range(this, max(this - YEARS, request.client.created_at.year - 1), -1)
        asked = request.GET.get("year", "")
        year = int(asked) if asked.isdecimal() and len(asked) == 4 and int(asked) in years else this
        whole = statement_of(account, date(year, 1, 1), date(year, 12, 31))
        page = Paginator(whole.lines, AT_ONCE).get_page(request.GET.get("page"))
        context = {
            "page_title": _("Statement %(year)s") % {"year": year},
            "crumbs": [(_("Invoices"), reverse("billing_portal:invoice_list")), (_("Statement"), "")],
            "statement": whole.part(page.number, AT_ONCE),
            "page": page,
            "year": year,
            "tabs": [{"label": str(y), "url": f"?year={y}", "current": y == year, "count": None} for y in years],
        }
        return render(request, "billing/portal/statement.html", context)
