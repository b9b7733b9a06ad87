"""The client's account as a list: what was billed, what was paid, and the balance after each."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from billing.actions.account import open_account
from billing.views.statement_page import days_asked, pdf_answer, statement_context
from hostbill.core.access import PortalView


class StatementView(PortalView, View):
    """One year at a time, this one first, or any days; very many movements come in pages."""

    area = "billing"

    def get(self, request):
        """The days of the address, printable, or their PDF."""
        account, days = open_account(request.client), days_asked(request, request.client)
        if "pdf" in request.GET:
            return pdf_answer(account, days)
        crumbs = [(_("Invoices"), reverse("billing_portal:invoice_list")), (_("Statement"), "")]
        context = statement_context(request, account, days) | {
            "crumbs": crumbs,
            "invoice_route": "billing_portal:invoice_detail",
            "credit_note_route": "billing_portal:credit_note_detail",
        }
        return render(request, "billing/portal/statement.html", context)
