"""Invoices in the client area."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.stay import ask_for_days
from billing.forms.stay import StayForm
from billing.models import CreditNote, Invoice, InvoiceLine, PaymentMethod, Quote, Stay
from billing.queries.dunning import plan_for
from billing.queries.invoice_document import invoice_file_name, invoice_pdf
from billing.queries.one_click import one_click_method
from billing.queries.pay_link import AT_ONCE, pay_token, total_of
from billing.queries.stay import offer_for
from hostbill.core import clock
from hostbill.core.access import PortalView
from hostbill.core.crud import (
    BulkAction,
    Column,
    DateColumn,
    DateRange,
    PortalDetailView,
    PortalListView,
    PortalVerbView,
    StateColumn,
    Tab,
)
from hostbill.core.crud.detail import ObjectMixin, OwnClientMixin
from hostbill.core.ui.words import money

AREA = "billing"


def own_credit_notes(request):
    """Those of the client that is shown."""
    return CreditNote.objects.visible_to(request.actor).filter(client=request.client)


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
    spoken = f"{label}, {_('Invoice %(number)s') % {'number': invoice}}"
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
        Column("pay", gettext_lazy("Pay"), value=lambda invoice: "", render=pay_button, numeric=True, phone="hide"),
    ]
    tabs = [
        Tab("all", gettext_lazy("Everything"), Q()),
        Tab("open", gettext_lazy("To pay"), Q(state="issued"), count=True),
        Tab("paid", gettext_lazy("Paid"), Q(state="paid")),
    ]
    sort = "-issued_on"
    filters = [DateRange("issued_on", gettext_lazy("Issued"))]
    search = ["number__icontains"]
    search_hint = gettext_lazy("Number or domain")
    bulk = [
        BulkAction(
            "pay",
            gettext_lazy("Pay the chosen ones together"),
            None,
            icon="credit-card",
            kind="primary",
            when=lambda invoice: invoice.state == Invoice.State.ISSUED,
        )
    ]
    template_name = "billing/portal/invoice/list.html"
    empty = (gettext_lazy("No invoices here"), gettext_lazy("They appear when you order or a service renews."))

    def get_queryset(self):
        """Drafts are ours alone."""
        return super().get_queryset().issued()

    def search_condition(self, text):
        """Over the lines without repeating an invoice."""
        lines = InvoiceLine.objects.filter(description__icontains=text).values("invoice_id")
        return Q(number__icontains=text) | Q(pk__in=lines)

    def get_context(self):
        """With what is due, and with all that is open, each to be paid as one."""
        open_ones = list(self.get_queryset().filter(state="issued").order_by("due_on", "pk")[:AT_ONCE])
        due_ones = [invoice for invoice in open_ones if invoice.due_on <= clock.today()]
        quotes = Quote.objects.visible_to(self.request.actor).filter(client=self.request.client.pk)
        context = super().get_context() | {"has_quotes": quotes.exists()}
        context["has_credit_notes"] = own_credit_notes(self.request).exists()
        if open_ones:
            context |= {"open_ones": open_ones, "open_total": total_of(open_ones), "is_all": len(open_ones) < AT_ONCE}
        if due_ones and len(due_ones) < len(open_ones):
            context |= {"due_ones": due_ones, "due_total": total_of(due_ones)}
        return context

    def post_bulk(self):
        """The one act on chosen rows is not done row by row: on to the page that pays them together."""
        rows = self.matching if self.everything else self.rows.filter(pk__in=self.chosen_ids)
        chosen = list(rows.filter(state=Invoice.State.ISSUED).order_by("due_on", "pk")[:AT_ONCE])
        if not chosen:
            messages.info(self.request, _("Nothing is open on what you chose."))
            return self.stay()
        return redirect("store:pay", token=pay_token(*chosen))


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
        card = one_click_method(invoice.client_id)
        method = PaymentMethod.objects.usable().filter(client=invoice.client_id, is_default=True).first()
        return {
            "lines": invoice.lines.all(),
            "taxes": invoice.taxes.all(),
            "allocations": invoice.allocations.select_related("payment").order_by("pk"),
            "credits": invoice.credit_movements.filter(amount__lt=0),
            "refunds": invoice.refunds.filter(state="succeeded"),
            "credit_notes": invoice.credit_notes.all(),
            "is_open": is_open,
            "refusal": next((c for c in charges if c.state == "failed"), None) if is_open else None,
            "under_way": next((c for c in charges if c.state in ("queued", "unknown", "processing")), None),
            "plan": plan_for(invoice) if invoice.is_overdue else None,
            "offer": offer_for(invoice) if invoice.is_overdue else None,
            "stay": Stay.objects.in_force().filter(invoice=invoice).first() if is_open else None,
            "method": method if is_open and method and method.covers(invoice) else None,
            "auto_charge": invoice.account.auto_charge,
            "one_click": {"invoices": [invoice], "method": card} if is_open and card else None,
            "today": clock.today(),
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


class InvoiceMoreDays(PortalVerbView):
    """More days to pay what is overdue: what is suspended comes back at once."""

    model = Invoice
    area = AREA
    select = ("client", "account")
    title = gettext_lazy("Ask for more days")
    button = gettext_lazy("Give me these days")
    form_class = StayForm
    template_name = "billing/portal/invoice/more_days.html"
    crumbs = [(gettext_lazy("Invoices"), "billing_portal:invoice_list")]
    done = gettext_lazy("Done. What was suspended is coming back online, usually within a minute.")

    def get_queryset(self):
        """Drafts are ours alone."""
        return super().get_queryset().issued()

    @cached_property
    def offer(self):
        """What may be asked for now."""
        return offer_for(self.obj)

    def form_options(self):
        """As many days as are on offer."""
        return {"offered": self.offer.days}

    def more_context(self):
        """What follows."""
        return {**super().more_context(), "offer": self.offer, "plan": plan_for(self.obj)}

    def act(self, values):
        """The days are counted from today."""
        return ask_for_days(self.obj, **values, actor=self.request.actor)

    def back_url(self, obj):
        """The invoice."""
        return reverse("billing_portal:invoice_detail", args=[obj.pk])

    def after_url(self, result):
        """Home, where one sees it coming back."""
        return reverse("portal_home")


class InvoicePay(_OneInvoice):
    """On to the pay page."""

    def get(self, request, pk):
        """Its own link carries the permission to pay."""
        return redirect("store:pay", token=pay_token(self.invoice))
