"""Invoices in the client area."""

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.models import Invoice, PaymentMethod
from billing.queries.dunning import plan_for
from billing.queries.invoice_document import invoice_file_name, invoice_pdf
from billing.queries.pay_link import pay_token
from hostbill.core.access import PortalView
from hostbill.core.crud import Column, DateColumn, PortalDetailView, PortalListView, StateColumn, Tab
from hostbill.core.crud.detail import ObjectMixin, OwnClientMixin
from hostbill.core.ui.words import money

AREA = "billing"


def purpose(invoice) -> str:
    """What the first line says, and how many more there are."""
    lines = list(invoice.lines.all())
    first = lines[0].description if lines else ""
    return f"{first} +{len(lines) - 1}" if len(lines) > 1 else first


def pay_button(invoice) -> str:
    """The way to pay it, while something is open."""
    if invoice.state != Invoice.State.ISSUED:
        return ""
    label = _("Pay %(amount)s") % {"amount": money(invoice.open)}
    spoken = _("Pay invoice %(number)s") % {"number": invoice}
    url = reverse("billing_portal:invoice_pay", args=[invoice.pk])
    return format_html('<a class="button button-s" href="{}" aria-label="{}">{}</a>', url, spoken, label)


class InvoiceList(PortalListView):
    """What is to pay first, then everything."""

    model = Invoice
    area = AREA
    title = gettext_lazy("Invoices")
    prefetch = ("lines",)
    row_url = "billing_portal:invoice_detail"
    columns = [
        Column("number", gettext_lazy("Invoice"), link=True, strong=True, second=purpose),
        StateColumn(),
        DateColumn("issued_on", gettext_lazy("Issued"), sort="issued_on"),
        DateColumn("due_on", gettext_lazy("Due"), sort="due_on"),
        Column("total", gettext_lazy("Total"), value=lambda invoice: money(invoice.total), numeric=True, phone="end"),
        Column("pay", gettext_lazy("Pay"), value=lambda invoice: "", render=pay_button, numeric=True, phone="full"),
    ]
    tabs = [
        Tab("all", gettext_lazy("Everything"), Q()),
        Tab("open", gettext_lazy("To pay"), Q(state="issued"), count=True),
        Tab("paid", gettext_lazy("Paid"), Q(state="paid")),
    ]
    sort = "-issued_on"
    empty = (gettext_lazy("No invoices here"), gettext_lazy("They appear when you order or a service renews."))

    def get_queryset(self):
        """Drafts are ours alone."""
        return super().get_queryset().issued()


class InvoiceDetail(PortalDetailView):
    """One invoice: what it is for, what is paid, what is left."""

    model = Invoice
    area = AREA
    select = ("client", "account")
    template_name = "billing/portal/invoice/detail.html"
    crumbs = [(gettext_lazy("Invoices"), "billing_portal:invoice_list")]

    def get_queryset(self):
        """Drafts are ours alone."""
        return super().get_queryset().issued()

    def title(self, invoice):
        """With its noun."""
        return _("Invoice %(number)s") % {"number": invoice}

    def more_context(self, invoice):
        """Lines, payments, what automation will do."""
        is_open = invoice.state == Invoice.State.ISSUED
        charges = list(invoice.charges.select_related("payment_method").order_by("-pk")[:10])
        method = PaymentMethod.objects.usable().filter(client=invoice.client_id, is_default=True).first()
        return {
            "lines": invoice.lines.all(),
            "taxes": invoice.taxes.all(),
            "allocations": invoice.allocations.select_related("payment").order_by("pk"),
            "credits": invoice.credit_movements.filter(amount__lt=0),
            "refunds": invoice.refunds.filter(state="succeeded"),
            "is_open": is_open,
            "refusal": next((c for c in charges if c.state == "failed"), None) if is_open else None,
            "under_way": next((c for c in charges if c.state in ("queued", "unknown", "processing")), None),
            "plan": plan_for(invoice) if invoice.is_overdue else None,
            "method": method if is_open else None,
            "auto_charge": invoice.account.auto_charge,
        }


class _OneInvoice(PortalView, OwnClientMixin, ObjectMixin, View):
    """An own, issued invoice; anything else does not exist."""

    model = Invoice
    area = AREA

    @cached_property
    def invoice(self):
        """The row, or 404."""
        if self.obj.state == Invoice.State.DRAFT:
            raise Http404
        return self.obj


class InvoicePdf(_OneInvoice):
    """The document."""

    def get(self, request, pk):
        """As a download."""
        response = HttpResponse(invoice_pdf(self.invoice), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{invoice_file_name(self.invoice)}"'
        return response


class InvoicePay(_OneInvoice):
    """On to the pay page."""

    def get(self, request, pk):
        """Its own link carries the permission to pay."""
        return redirect("store:pay", token=pay_token(self.invoice))
