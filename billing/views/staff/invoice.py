"""Invoices in the console."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.charge import request_charge
from billing.actions.credit import apply_credit
from billing.actions.invoice import cancel_invoice
from billing.actions.payment import book_bank_payment
from billing.actions.reminder import mail_invoice_again, remind
from billing.forms.invoice import MoneyReceivedForm, ReasonForm, SavedCardForm
from billing.models import Invoice, InvoiceLine, PaymentMethod
from billing.queries.dunning import plan_for
from billing.queries.invoice_document import invoice_file_name, invoice_pdf
from billing.queries.invoice_parts import parts_of
from billing.queries.pay_link import pay_url
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.compiled import Compiled, keys_in
from hostbill.core.crud import (
    Amount,
    BulkAction,
    Bundle,
    Choice,
    Code,
    Column,
    DateColumn,
    DateRange,
    MoneyColumn,
    Related,
    StaffDetailView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.models import Message
from hostbill.core.money import Money, round_amount
from hostbill.core.ui.words import money_words

VIEW, CREATE, CANCEL = "billing.invoice.view", "billing.invoice.create", "billing.invoice.cancel"
BOOK, CHARGE, REMIND = "billing.payment.book", "billing.charge.create", "billing.invoice.remind"


def is_open(invoice) -> bool:
    """Whether money is still expected."""
    return invoice.state == Invoice.State.ISSUED


def can_be_mailed(invoice) -> bool:
    """Whether its document has been given out."""
    return invoice.state not in ("draft", "cancelled")


def can_be_cancelled(invoice) -> bool:
    """Whether it stands in the books."""
    return invoice.state in ("issued", "paid")


def can_be_credited(invoice) -> bool:
    """Whether it is a legal document that stands."""
    return can_be_cancelled(invoice) and not invoice.is_proforma


def can_be_parted(invoice) -> bool:
    """Whether lines may come and go: a correction replaces its invoice as a whole."""
    return is_draft(invoice) and invoice.corrects_id is None


def has_credit(invoice) -> bool:
    """Whether its client has money with us that could pay it."""
    return is_open(invoice) and invoice.account.credit.is_positive


def is_draft(invoice) -> bool:
    """Whether it can still be changed."""
    return invoice.state == Invoice.State.DRAFT


def purpose(invoice) -> str:
    """What the first line says, and how many more there are."""
    lines = list(invoice.lines.all())
    first = lines[0].description if lines else ""
    return f"{first} +{len(lines) - 1}" if len(lines) > 1 else first


def overdue(request):
    """Unpaid past the due date."""
    return Q(state="issued", due_on__lt=clock.today())


def has_number(invoice) -> bool:
    """Whether it is a document: drafts are none."""
    return bool(invoice.number)


def pdf_file(invoice) -> tuple[str, bytes]:
    """Name and contents, for a ZIP of many."""
    return invoice_file_name(invoice), invoice_pdf(invoice)


_LINES = Compiled(lambda keys: InvoiceLine.objects.filter(invoice_id__in=keys_in(keys)).only("invoice_id", "description"), keys=str)


class InvoiceList(StaffListView):
    """Soonest due first."""

    model = Invoice
    permission = VIEW
    title = gettext_lazy("Invoices")
    select = ("client",)
    prefetch = ("lines",)
    prefetch_drawn = {"lines": _LINES}
    columns = [
        Column("__str__", gettext_lazy("Invoice"), link=True, strong=True, sort="number", phone="under"),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("Client"), beside=lambda invoice: invoice.client.native_name, phone="lead"),
        Column("lines", gettext_lazy("For"), value=purpose, muted=True, phone="hide"),
        DateColumn("due_on", gettext_lazy("Due"), sort="due_on"),
        MoneyColumn("total", gettext_lazy("Total"), muted=True, phone="hide"),
        MoneyColumn("open", gettext_lazy("Still to pay"), strong=True, phone="end"),
        DateColumn("issued_on", gettext_lazy("Issued"), sort="issued_on", shown=False),
        DateColumn("paid_at", gettext_lazy("Paid"), shown=False),
        Column("kind", gettext_lazy("Kind"), value=lambda invoice: invoice.get_kind_display(), shown=False),
        MoneyColumn("net", gettext_lazy("Net"), muted=True, shown=False, phone="hide"),
        MoneyColumn("tax", gettext_lazy("Tax"), muted=True, shown=False, phone="hide"),
        Column("client.number", gettext_lazy("Client number"), shown=False),
        Column("client.email", gettext_lazy("E-mail"), shown=False),
        Column("client.country.name", gettext_lazy("Country"), shown=False),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        Choice("state", gettext_lazy("State"), Invoice.State.choices),
        Choice("kind", gettext_lazy("Kind"), Invoice.Kind.choices),
        DateRange("due_on", gettext_lazy("Due")),
        DateRange("issued_on", gettext_lazy("Issued")),
        Amount("total_amount", gettext_lazy("Total")),
        Code("currency", gettext_lazy("Currency")),
    ]
    search = [
        "number__startswith",
        "series_number",
        "client__company__icontains",
        "client__last_name__icontains",
        "client__number__iexact",
    ]
    sort = "due_on"
    tabs = [
        Tab("open", gettext_lazy("Open"), Q(state="issued"), count=True),
        Tab("overdue", gettext_lazy("Overdue"), overdue, count=True, tone="bad"),
        Tab("paid", gettext_lazy("Paid"), Q(state="paid")),
        Tab("collections", gettext_lazy("In collections"), Q(state="issued", collections_at__isnull=False)),
        Tab("drafts", gettext_lazy("Drafts"), Q(state="draft")),
        Tab("bad_debt", gettext_lazy("Written off"), Q(state="bad_debt")),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [
        BulkAction("remind", gettext_lazy("Send reminder"), remind, REMIND, "send", when=is_open),
        BulkAction("mail", gettext_lazy("Mail again"), mail_invoice_again, REMIND, "mail", when=can_be_mailed),
        Bundle("pdf", gettext_lazy("Download PDFs"), gettext_lazy("PDFs of invoices"), pdf_file, icon="file-text", when=has_number),
        Bundle("print", gettext_lazy("One PDF of all"), gettext_lazy("Invoices to print"), pdf_file, icon="file-text",
               when=has_number, form="pdf"),
        BulkAction(
            "cancel",
            gettext_lazy("Cancel invoices"),
            cancel_invoice,
            CANCEL,
            kind="danger",
            confirm=gettext_lazy(
                "They keep their numbers and get credit notes. What was paid becomes credit. This cannot be undone."
            ),
            form_class=ReasonForm,
            when=can_be_cancelled,
        ),
    ]
    places_template = "billing/staff/places/invoices.html"
    create_url, create_label, create_permission = "billing_staff:invoice_create", gettext_lazy("New invoice"), CREATE
    empty = (gettext_lazy("No invoices here"), gettext_lazy("They appear when somebody orders or a service renews."))


class InvoiceDetail(StaffDetailView):
    """What is owed and why, what was tried, and what comes next."""

    model = Invoice
    permission = VIEW
    select = ("client", "account", "corrects")
    template_name = "billing/staff/invoice/detail.html"
    crumbs = [(gettext_lazy("Invoices"), "billing_staff:invoice_list")]
    verbs = [
        Verb("edit", gettext_lazy("Edit the draft"), "billing_staff:invoice_edit", CREATE, "primary", "pencil", is_draft),
        Verb("issue", gettext_lazy("Issue…"), "billing_staff:invoice_issue", CREATE, "", "check", is_draft),
        Verb("duplicate", gettext_lazy("Duplicate…"), "billing_staff:invoice_duplicate", CREATE, "", "copy"),
        Verb("delete", gettext_lazy("Delete the draft…"), "billing_staff:invoice_delete", CREATE, "danger", "trash", is_draft),
        Verb("pay", gettext_lazy("Record payment"), "billing_staff:invoice_pay", BOOK, "primary", "cash", is_open),
        Verb("credit", gettext_lazy("Use the credit"), "billing_staff:invoice_credit", BOOK, "", "wallet", has_credit),
        Verb("charge", gettext_lazy("Charge card…"), "billing_staff:invoice_charge", CHARGE, "", "credit-card", is_open),
        Verb("remind", gettext_lazy("Send reminder"), "billing_staff:invoice_remind", REMIND, "", "send", is_open, post=True),
        Verb("mail", gettext_lazy("Mail it again"), "billing_staff:invoice_mail", REMIND, "", "mail",
             can_be_mailed, post=True),
        Verb("einvoice", gettext_lazy("E-invoice…"), "billing_staff:invoice_einvoice", CREATE, "", "file-invoice", has_number),
        Verb("write_off", gettext_lazy("Write off…"), "billing_staff:invoice_write_off", "billing.invoice.write_off", "", "",
             lambda invoice: is_open(invoice) and not invoice.is_proforma),
        Verb("take_back", gettext_lazy("Take the write-off back…"), "billing_staff:invoice_take_back",
             "billing.invoice.write_off", "", "", lambda invoice: invoice.state == "bad_debt"),
        Verb("split", gettext_lazy("Split…"), "billing_staff:invoice_split", CREATE, "", "arrows-exchange", can_be_parted),
        Verb("merge", gettext_lazy("Merge with other drafts…"), "billing_staff:invoice_merge", CREATE, "", "plus", can_be_parted),
        Verb("credit_note", gettext_lazy("Credit note…"), "billing_staff:invoice_credit_note", "billing.credit_note.create", "",
             "notes", can_be_credited),
        Verb("correct", gettext_lazy("Correct…"), "billing_staff:invoice_correct", "billing.credit_note.create", "", "pencil",
             can_be_credited),
        Verb("collect", gettext_lazy("Hand to collections…"), "billing_staff:invoice_collect", CANCEL, "", "flag",
             lambda invoice: invoice.is_overdue and not invoice.collections_at),
        Verb("uncollect", gettext_lazy("Take back from collections…"), "billing_staff:invoice_uncollect", CANCEL, "", "rotate",
             lambda invoice: is_open(invoice) and invoice.collections_at),
        Verb("links", gettext_lazy("Withdraw pay links…"), "billing_staff:invoice_withdraw_links", CREATE, "", "ban", is_open),
        Verb("cancel", gettext_lazy("Cancel…"), "billing_staff:invoice_cancel", CANCEL, "danger", "",
             can_be_cancelled),
    ]  # fmt: skip

    def title(self, invoice):
        """With its noun."""
        return _("Invoice %(number)s") % {"number": invoice} if invoice.number else str(invoice)

    def more_context(self, invoice):
        """Lines, money in both directions, mails and history."""
        parts = parts_of(invoice)
        return {
            **parts,
            "refusal": next((c for c in parts["charges"] if c.state == "failed"), None) if is_open(invoice) else None,
            "plan": plan_for(invoice) if is_open(invoice) else None,
            "pay_link": pay_url(invoice) if is_open(invoice) else "",
            "mails": Message.objects.visible_to(self.request.actor)
            .filter(subject_kind="billing.invoice", subject_id=invoice.pk)
            .defer("html", "text")
            .order_by("-pk")[:20],
        }


class InvoicePdf(StaffView, View):
    """The document."""

    permission = VIEW
    api_file = "application/pdf"

    def get(self, request, pk):
        """Shown in the browser; drafts too, marked as such by the document itself."""
        return pdf_response(get_object_or_404(Invoice.objects.visible_to(request.actor), pk=pk))


def pdf_response(invoice) -> HttpResponse:
    """The file, to be looked at in the browser."""
    response = HttpResponse(invoice_pdf(invoice), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{invoice_file_name(invoice)}"'
    return response


class InvoiceCancel(StaffVerbView):
    """The way out of a wrong invoice."""

    model = Invoice
    permission = CANCEL
    title = gettext_lazy("Cancel this invoice")
    explain = gettext_lazy(
        "It keeps its number, and a credit note takes it back. What was paid on it becomes the client's credit. This cannot be undone."
    )
    button = gettext_lazy("Cancel the invoice")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(cancel_invoice)
    done = gettext_lazy("Cancelled.")


class InvoicePay(StaffVerbView):
    """Money that arrived for exactly this invoice."""

    model = Invoice
    permission = BOOK
    select = ("account", "client")
    title = gettext_lazy("Record a payment")
    button = gettext_lazy("Book the payment")
    form_class = MoneyReceivedForm
    done = gettext_lazy("Booked.")

    @property
    def explain(self):
        """What is open."""
        values = {"open": money_words(self.obj.open), "number": self.obj, "client": self.obj.client}
        return _("%(open)s is open on %(number)s (%(client)s). More than that becomes the client's credit.") % values

    def get_initial(self):
        """All that is open."""
        return {"amount": round_amount(self.obj.open_amount, self.obj.currency), **super().get_initial()}

    def action(self, invoice, *, amount, reference, received_on, actor):
        """Book it."""
        money = Money(amount, invoice.currency)
        return book_bank_payment(
            invoice.account, reference=reference, money=money, received_on=received_on, actor=actor, invoice=invoice
        )

    def after_url(self, result):
        """Back to the invoice."""
        return self.obj.get_absolute_url()


class InvoiceCredit(StaffVerbView):
    """Money that came before anybody knew for what."""

    model = Invoice
    permission = BOOK
    select = ("account", "client")
    title = gettext_lazy("Use the client's credit")
    button = gettext_lazy("Use it for this invoice")
    action = staticmethod(apply_credit)
    done = gettext_lazy("Used.")

    @property
    def explain(self):
        """How much there is."""
        values = {"credit": money_words(self.obj.account.credit), "open": money_words(self.obj.open), "number": self.obj}
        return _("The client has %(credit)s with us; %(open)s is open on %(number)s.") % values


class InvoiceCharge(StaffVerbView):
    """Take the open amount from a saved card now."""

    model = Invoice
    permission = CHARGE
    select = ("account", "client")
    title = gettext_lazy("Charge a saved card")
    button = gettext_lazy("Charge the card")
    form_class = SavedCardForm
    done = gettext_lazy("The charge is on its way. Its outcome appears here.")

    @property
    def explain(self):
        """How much, and what the client agreed to."""
        if not self.methods().exists():
            return _("This client has no saved card. Send the pay link instead.")
        return _("%(open)s is taken from the card. Its owner agreed to charges for renewals.") % {"open": money_words(self.obj.open)}

    @property
    def impossible(self) -> bool:
        """Without a card there is nothing to press."""
        return not self.methods().exists()

    def methods(self):
        """The client's usable ones, the default first."""
        return PaymentMethod.objects.usable().filter(client=self.obj.client_id)

    def form_options(self):
        """The form offers this client's cards only."""
        return {"methods": self.methods()}

    def action(self, invoice, *, payment_method, actor):
        """Ask the worker."""
        return request_charge(invoice, payment_method, actor=actor)

    def after_url(self, result):
        """Back to the invoice."""
        return self.obj.get_absolute_url()


class InvoiceRemind(StaffVerbView):
    """A reminder by hand."""

    model = Invoice
    permission = REMIND
    title = gettext_lazy("Send a reminder")
    explain = gettext_lazy("The client gets the mail of a reminder now, with the way to pay.")
    button = gettext_lazy("Send")
    action = staticmethod(remind)
    done = gettext_lazy("The reminder is on its way.")


class InvoiceMail(StaffVerbView):
    """The invoice again."""

    model = Invoice
    permission = REMIND
    title = gettext_lazy("Mail the invoice again")
    explain = gettext_lazy("The same mail with its PDF goes to everybody who gets this client's invoices.")
    button = gettext_lazy("Send")
    action = staticmethod(mail_invoice_again)
    done = gettext_lazy("The invoice is on its way.")
