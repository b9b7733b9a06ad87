"""The client area's page about the VAT number: what the office says of it, and what follows for invoices."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views import View

from billing.actions.vat_check import recheck
from billing.queries.tax_rules import profile_of
from billing.queries.vat_status import status_of
from clients.views.portal.profile import account_tabs
from hostbill.core.access import PortalView
from hostbill.core.errors import AppError


class PortalTax(PortalView, View):
    """GET tells, POST asks the office again."""

    area = "account"
    visit_permission = "clients.client.edit"

    def get(self, request):
        """The number and its state; asks each second while an answer is on its way."""
        vat = status_of(request.client)
        context = {
            "page_title": _("VAT number"),
            "account_tabs": account_tabs(request, "tax"),
            "vat": vat,
            "profile": profile_of(request.client),
            "may_ask_again": bool(request.client.tax_id) and not vat.moves and vat.state in ("valid", "invalid", "unanswered"),
        }
        return render(request, "pages/portal_tax.html", context)

    def post(self, request):
        """Once more."""
        try:
            recheck(request.client, actor=request.actor)
        except AppError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("The VAT office is asked again."))
        return redirect("portal_tax")


urls = [path("account/tax/", PortalTax.as_view(), name="portal_tax")]
