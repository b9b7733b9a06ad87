"""Credit notes in the console, and the verbs of an invoice that take it back or replace it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.collections import hand_to_collections, take_from_collections
from billing.actions.correction import correct_invoice
from billing.actions.credit_note import credit_invoice, creditable
from billing.actions.pay_link import withdraw_pay_links
from billing.actions.reminder import mail_credit_note_again
from billing.forms.document import CreditNoteForm, HandOverForm
from billing.forms.invoice import ReasonForm
from billing.models import CreditNote, Invoice
from billing.queries.credit_note_document import credit_note_file_name, credit_note_pdf
from clients.models import Client
from hostbill.core.access import StaffView
from hostbill.core.crud import (
    Amount,
    Bundle,
    Choice,
    Column,
    DateColumn,
    DateRange,
    MoneyColumn,
    Related,
    StaffDetailView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Verb,
)
from hostbill.core.ui.words import money_words

VIEW, CREATE, REMIND = "billing.invoice.view", "billing.credit_note.create", "billing.invoice.remind"
WRITE = "billing.invoice.create"


def pdf_file(note) -> tuple[str, bytes]:
    """Name and contents, for a ZIP of many."""
    return credit_note_file_name(note), credit_note_pdf(note)


class CreditNoteList(StaffListView):
    """The newest first."""

    model = CreditNote
    permission = VIEW
    title = gettext_lazy("Credit notes")
    select = ("client", "invoice")
    places_template = "billing/staff/places/invoices.html"
    columns = [
        Column("number", gettext_lazy("Credit note"), link=True, strong=True, sort="number", phone="under"),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("Client"), beside=lambda note: note.client.native_name, phone="lead"),
        Column("invoice", gettext_lazy("Invoice")),
        DateColumn("issued_on", gettext_lazy("Issued"), sort="issued_on"),
        MoneyColumn("total", gettext_lazy("Total"), strong=True, phone="end"),
        MoneyColumn("credited", gettext_lazy("Had been paid"), muted=True, shown=False, phone="hide"),
        Column("reason", gettext_lazy("Reason"), muted=True, phone="hide"),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        Choice("kind", gettext_lazy("Kind"), CreditNote.Kind.choices),
        DateRange("issued_on", gettext_lazy("Issued")),
        Amount("total_amount", gettext_lazy("Total")),
    ]
    search = ["number__startswith", "invoice__number__startswith", "client__company__icontains", "client__number__iexact"]
    sort = "-issued_on"
    bulk = [
        Bundle("pdf", gettext_lazy("Download PDFs"), gettext_lazy("PDFs of credit notes"), pdf_file, icon="file-text"),
    ]
    empty = (gettext_lazy("No credit notes yet"), gettext_lazy("They are issued from an invoice: cancel or credit it there."))


class CreditNoteDetail(StaffDetailView):
    """What was taken back, and where the money went."""

    model = CreditNote
    permission = VIEW
    select = ("client", "invoice", "account")
    template_name = "billing/staff/credit_note/detail.html"
    crumbs = [(gettext_lazy("Credit notes"), "billing_staff:credit_note_list")]
    verbs = [
        Verb("mail", gettext_lazy("Mail it again"), "billing_staff:credit_note_mail", REMIND, "", "mail", post=True),
        Verb("einvoice", gettext_lazy("E-invoice…"), "billing_staff:credit_note_einvoice", WRITE, "", "file-invoice"),
    ]

    def title(self, note):
        """With its noun."""
        return _("Credit note %(number)s") % {"number": note}

    def more_context(self, note):
        """Lines and taxes."""
        return {"lines": note.lines.all(), "taxes": note.taxes.all(), "einvoices": note.einvoices.all()}


class CreditNotePdf(StaffView, View):
    """The document."""

    permission = VIEW
    api_file = "application/pdf"

    def get(self, request, pk):
        """Shown in the browser."""
        note = get_object_or_404(CreditNote.objects.visible_to(request.actor), pk=pk)
        response = HttpResponse(credit_note_pdf(note), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{credit_note_file_name(note)}"'
        return response


class CreditNoteMail(StaffVerbView):
    """Once more."""

    model = CreditNote
    permission = REMIND
    select = ("client", "invoice")
    title = gettext_lazy("Mail the credit note again")
    button = gettext_lazy("Send")
    action = staticmethod(mail_credit_note_again)
    done = gettext_lazy("The credit note is on its way.")


class _InvoiceVerb(StaffVerbView):
    model = Invoice
    select = ("account", "client")


class InvoiceCreditNote(_InvoiceVerb):
    """Take an issued invoice back in part or whole."""

    permission = CREATE
    title = gettext_lazy("Issue a credit note")
    button = gettext_lazy("Issue the credit note")
    form_class = CreditNoteForm
    template_name = "billing/staff/invoice/credit_note.html"
    done = gettext_lazy("The credit note is issued and on its way to the client.")

    @property
    def explain(self):
        """What is left, and what happens."""
        values = {"left": money_words(self.obj.total - self.obj.credited), "number": self.obj, "open": money_words(self.obj.open)}
        return _(
            "%(left)s of %(number)s can be credited, %(open)s of it is unpaid. First less is to pay; what had been paid becomes "
            "the client's credit. A credit note cannot be changed or taken back."
        ) % values  # fmt: skip

    def form_options(self):
        """What is left of each line."""
        return {"rest": creditable(self.obj)}

    def make_form(self, data=None, files=None):
        """Kept, because its wish is what is acted on."""
        self.form = super().make_form(data, files)
        return self.form

    def act(self, values):
        """By the kind of wish."""
        return credit_invoice(self.obj, **self.form.wish, actor=self.request.actor)


class InvoiceCorrect(_InvoiceVerb):
    """Replace an issued invoice by a right one."""

    permission = CREATE
    title = gettext_lazy("Correct this invoice")
    explain = gettext_lazy(
        "Makes a draft with the same lines. When it is issued it replaces this invoice, and what was paid on this one pays that one. "
        "The client's address and tax number are taken as they are then."
    )
    button = gettext_lazy("Begin the correction")
    form_class = ReasonForm
    action = staticmethod(correct_invoice)
    done = gettext_lazy("Put it right, then issue it.")


class InvoiceCollect(_InvoiceVerb):
    """Somebody else collects it."""

    permission = "billing.invoice.cancel"
    title = gettext_lazy("Hand it to collections")
    explain = gettext_lazy(
        "Reminders, card charges, late fees and suspensions stop for it. It stays open and can be paid as before."
    )
    button = gettext_lazy("Hand it over")
    form_class = HandOverForm
    action = staticmethod(hand_to_collections)
    done = gettext_lazy("Handed to collections.")


class InvoiceUncollect(_InvoiceVerb):
    """Back in our own hands."""

    permission = "billing.invoice.cancel"
    title = gettext_lazy("Take it back from collections")
    explain = gettext_lazy("The rules look after it again from today.")
    button = gettext_lazy("Take it back")
    action = staticmethod(take_from_collections)
    done = gettext_lazy("Taken back.")


class InvoiceWithdrawLinks(_InvoiceVerb):
    """A link went astray."""

    permission = "billing.invoice.create"
    title = gettext_lazy("Withdraw the pay links")
    explain = gettext_lazy("Every link to pay this invoice that was given out stops working, in mails too. A new one appears here.")
    button = gettext_lazy("Withdraw them")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(withdraw_pay_links)
    done = gettext_lazy("The old links do not work any more.")
