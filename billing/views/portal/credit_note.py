"""Credit notes in the client area."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.models import CreditNote
from billing.queries.credit_note_document import credit_note_file_name, credit_note_pdf
from hostbill.core.access import PortalView
from hostbill.core.crud import Column, DateColumn, DateRange, PortalDetailView, PortalListView
from hostbill.core.crud.detail import ObjectMixin, OwnClientMixin
from hostbill.core.ui.words import money

AREA = "billing"
INVOICES = (gettext_lazy("Invoices"), "billing_portal:invoice_list")


class CreditNoteList(PortalListView):
    """What was taken back, the newest first."""

    model = CreditNote
    area = AREA
    title = gettext_lazy("Credit notes")
    select = ("invoice",)
    row_url = "billing_portal:credit_note_detail"
    columns = [
        Column("number", gettext_lazy("Credit note"), link=True, strong=True, second=lambda note: note.reason),
        Column("invoice.number", gettext_lazy("Invoice")),
        DateColumn("issued_on", gettext_lazy("Issued"), sort="issued_on"),
        Column("total", gettext_lazy("Total"), value=lambda note: money(note.total), numeric=True, phone="end"),
    ]
    filters = [DateRange("issued_on", gettext_lazy("Issued"))]
    search = ["number__icontains", "invoice__number__icontains"]
    sort = "-issued_on"
    empty = (gettext_lazy("No credit notes"), gettext_lazy("When an invoice is taken back, the document for it appears here."))


class CreditNoteDetail(PortalDetailView):
    """One credit note."""

    model = CreditNote
    area = AREA
    select = ("client", "invoice")
    template_name = "billing/portal/credit_note/detail.html"
    crumbs = [INVOICES, (gettext_lazy("Credit notes"), "billing_portal:credit_note_list")]

    def title(self, note):
        """With its noun."""
        return _("Credit note %(number)s") % {"number": note}

    def more_context(self, note):
        """Lines and taxes."""
        return {"lines": note.lines.all(), "taxes": note.taxes.all()}


class CreditNotePdf(PortalView, OwnClientMixin, ObjectMixin, View):
    """The document."""

    model = CreditNote
    area = AREA

    def get(self, request, pk):
        """As a download."""
        response = HttpResponse(credit_note_pdf(self.obj), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{credit_note_file_name(self.obj)}"'
        return response
