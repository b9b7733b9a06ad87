"""Quotes in the client area."""

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from billing.models import Quote
from billing.views.quote_page import QuotePage, pdf_of
from hostbill.core.access import PortalView
from hostbill.core.crud import Column, DateColumn, PortalListView, StateColumn, Tab
from hostbill.core.crud.detail import ObjectMixin, OwnClientMixin
from hostbill.core.ui.words import money


class QuoteList(PortalListView):
    """The newest first."""

    model = Quote
    area = "billing"
    title = _("Quotes")
    row_url = "billing_portal:quote_detail"
    columns = [
        Column("__str__", _("Quote"), link=True, strong=True, second=lambda quote: quote.subject),
        StateColumn(),
        DateColumn("issued_on", _("Date"), sort="issued_on"),
        DateColumn("valid_until", _("Valid until"), sort="valid_until"),
        Column("total", _("Total"), value=lambda quote: money(quote.total), numeric=True, phone="end"),
    ]
    tabs = [
        Tab("all", _("Everything"), Q()),
        Tab("open", _("To decide"), Q(state="delivered"), count=True),
        Tab("accepted", _("Accepted"), Q(state="accepted")),
    ]
    sort = "-issued_on"
    search = ["number__icontains", "subject__icontains"]
    empty = (_("No quotes here"), _("Ask us for one whenever you need something special."))

    def get_queryset(self):
        """What was given out."""
        return super().get_queryset().delivered()


class _OneQuote(PortalView, OwnClientMixin, ObjectMixin):
    """An own quote that was given out; anything else does not exist."""

    model = Quote
    area = "billing"
    select = ("client", "invoice", "rest_invoice", "order")

    def get_queryset(self):
        """Drafts are ours alone, of new versions too."""
        return super().get_queryset().delivered()

    @cached_property
    def quote(self):
        """The row, or 404."""
        return self.obj


class QuoteDetail(_OneQuote, QuotePage, View):
    """To read, sign and decline."""

    template_name = "billing/portal/quote/detail.html"
    way = "account"

    def pdf_url(self):
        """The document."""
        return reverse("billing_portal:quote_pdf", args=[self.quote.pk])

    def more(self):
        """Where one is."""
        newer = self.newer()
        return {
            "crumbs": [(_("Quotes"), reverse("billing_portal:quote_list")), (str(self.quote), "")],
            "newer_url": reverse("billing_portal:quote_detail", args=[newer.pk]) if newer else "",
        }


class QuotePdf(_OneQuote, View):
    """The document."""

    def get(self, request, pk):
        """As a download."""
        return pdf_of(self.quote)
