"""E-invoices in the console: what is held and why, the files, and the way out."""

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.einvoice import leave_einvoice, request_einvoice, retry_einvoice
from billing.forms.invoice import EInvoiceForm, ReasonForm
from billing.models import CreditNote, EInvoice, Invoice
from billing.queries.einvoice_wish import wished_format
from billing.views.einvoice_file import xml_response
from clients.models import Client, EInvoiceWish
from hostbill.core.access import StaffView
from hostbill.core.crud import (
    BulkAction,
    Bundle,
    Choice,
    Column,
    DateColumn,
    DateRange,
    Related,
    StaffDetailView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
    YesNo,
)

VIEW, MEND = "billing.invoice.view", "billing.invoice.create"
PARTS = ("client", "invoice", "credit_note")


def is_held(einvoice) -> bool:
    """Whether a rule holds it."""
    return einvoice.state == EInvoice.State.HELD


def may_be_written(einvoice) -> bool:
    """Whether trying again makes sense."""
    return einvoice.state in (EInvoice.State.HELD, EInvoice.State.LEFT)


def has_file(einvoice) -> bool:
    """Whether there is anything to look at."""
    return bool(einvoice.xml)


def is_ready(einvoice) -> bool:
    """Whether it may leave the house."""
    return einvoice.state == EInvoice.State.READY


def xml_file(einvoice) -> tuple[str, bytes]:
    """Name and contents, for a ZIP of many."""
    return einvoice.file_name, einvoice.xml.encode()


class EInvoiceList(StaffListView):
    """What is held comes first: nobody else mends it."""

    model = EInvoice
    permission = VIEW
    title = gettext_lazy("E-invoices")
    select = PARTS
    places_template = "billing/staff/places/invoices.html"
    columns = [
        Column("document", gettext_lazy("Document"), link=True, strong=True, phone="lead", value=lambda row: str(row.document)),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("Client"), beside=lambda row: row.client.native_name, phone="under"),
        Column("format", gettext_lazy("Format"), value=lambda row: row.get_format_display(), phone="hide"),
        Column("first_finding", gettext_lazy("Breaks the rule"), muted=True, phone="full"),
        DateColumn("written_at", gettext_lazy("Written"), sort="written_at", phone="end"),
        Column("left_reason", gettext_lazy("Left out because"), shown=False),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        Choice("format", gettext_lazy("Format"), EInvoiceWish.choices[1:]),
        DateRange("written_at", gettext_lazy("Written")),
        YesNo("is_checked", gettext_lazy("Checked by the official rules")),
    ]
    search = ["invoice__number__startswith", "credit_note__number__startswith", "client__company__icontains"]
    sort = "-written_at"
    tabs = [
        Tab("held", gettext_lazy("Held"), Q(state="held"), count=True, tone="bad"),
        Tab("queued", gettext_lazy("Being written"), Q(state="queued")),
        Tab("ready", gettext_lazy("Ready"), Q(state="ready")),
        Tab("left", gettext_lazy("Left out"), Q(state="left")),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [
        BulkAction("retry", gettext_lazy("Write again"), retry_einvoice, MEND, "refresh", when=may_be_written),
        Bundle("xml", gettext_lazy("Download the files"), gettext_lazy("E-invoices"), xml_file, icon="download", when=is_ready),
    ]  # fmt: skip
    empty = (
        gettext_lazy("No e-invoices here"),
        gettext_lazy("They are written when an invoice is issued for a client who gets one, or on its page."),
    )

    def get_queryset(self):
        """Without the files, which are large."""
        return super().get_queryset().defer("xml")

    def trail(self):
        """Below the invoices."""
        return [(_("Invoices"), reverse("billing_staff:invoice_list")), (self.title, "")]


class EInvoiceDetail(StaffDetailView):
    """The rules it breaks, and the file."""

    model = EInvoice
    permission = VIEW
    select = PARTS
    template_name = "billing/staff/einvoice/detail.html"
    crumbs = [
        (gettext_lazy("Invoices"), "billing_staff:invoice_list"),
        (gettext_lazy("E-invoices"), "billing_staff:einvoice_list"),
    ]
    verbs = [
        Verb("retry", gettext_lazy("Write again"), "billing_staff:einvoice_retry", MEND, "primary", "refresh",
             may_be_written, post=True),
        Verb("leave", gettext_lazy("Send without it…"), "billing_staff:einvoice_leave", MEND, "", "mail", is_held),
    ]  # fmt: skip

    def facts(self, row):
        """What, whose, how."""
        document = row.document
        return [
            (_("Document"), str(document), document.get_absolute_url()),
            (_("Client"), row.client.name, row.client.get_absolute_url()),
            (_("Format"), row.get_format_display()),
            (_("Written"), row.written_at),
            (_("Checked by the official rules"), _("yes") if row.is_checked else _("no")),
            (_("Goes with the mail"), _("yes") if row.with_mail else _("no")),
        ]


class EInvoiceFile(StaffView, View):
    """The data file; a held one too, so that one can look at it."""

    permission = VIEW
    api_file = "application/xml"

    def get(self, request, pk):
        """As a download."""
        rows = EInvoice.objects.visible_to(request.actor).exclude(xml="").select_related("invoice", "credit_note")
        return xml_response(get_object_or_404(rows, pk=pk))


class EInvoiceRetry(StaffVerbView):
    """After mending."""

    model = EInvoice
    permission = MEND
    select = PARTS
    title = gettext_lazy("Write it again")
    explain = gettext_lazy("From the stored document and today's addresses and contacts; then the rules are asked again.")
    button = gettext_lazy("Write again")
    action = staticmethod(retry_einvoice)
    done = gettext_lazy("It is being written.")


class EInvoiceLeave(StaffVerbView):
    """The way out when nothing can be mended."""

    model = EInvoice
    permission = MEND
    select = PARTS
    title = gettext_lazy("Send the document without its e-invoice")
    explain = gettext_lazy("The mail that waits goes with the PDF alone. The held file is never sent.")
    button = gettext_lazy("Send without it")
    form_class = ReasonForm
    action = staticmethod(leave_einvoice)
    done = gettext_lazy("Left out.")


class InvoiceEInvoice(StaffVerbView):
    """An e-invoice of an issued document, in any format."""

    model = Invoice
    permission = MEND
    select = ("client",)
    title = gettext_lazy("Make an e-invoice")
    explain = gettext_lazy("It is written from what was stored at issue and checked. It is not mailed by itself; its page offers the file.")
    button = gettext_lazy("Make it")
    form_class = EInvoiceForm
    done = gettext_lazy("It is being written.")

    def get_initial(self):
        """What the client gets anyway."""
        return {"format": wished_format(self.obj.client) or EInvoiceWish.FACTURX, **super().get_initial()}

    def action(self, issued, *, format, actor):
        """Have it written."""
        return request_einvoice(issued, format=format, actor=actor)

    def after_url(self, result):
        """Where it appears."""
        return result.get_absolute_url()


class CreditNoteEInvoice(InvoiceEInvoice):
    """The same of a credit note."""

    model = CreditNote
    select = ("client", "invoice")
