"""Clients' billing accounts by API: what is owed, what is credit, how it moved, and money that came by hand."""

from django import forms
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from billing.actions.account import open_account, set_auto_charge
from billing.actions.payment import book_bank_payment
from billing.forms.invoice import MoneyReceivedForm
from billing.models import Account, CreditMovement, Invoice, Payment
from billing.views.staff.payment import BOOK
from billing.views.statement_page import days_asked, pdf_answer
from clients.models import Client
from hostbill.core.access import PortalView
from hostbill.core.crud import (
    Choice,
    DateColumn,
    DateRange,
    PortalEditView,
    PortalListView,
    Related,
    StaffEditView,
    StaffListView,
    YesNo,
)
from hostbill.core.money import Money, round_amount
from hostbill.core.ui.fields import MoneyField


class AccountRows(StaffListView):
    """They stand on clients' pages."""

    model, permission, title, sort = Account, "billing.invoice.view", _("Billing accounts"), "-pk"
    select = ("client",)
    columns = [DateColumn("created_at", _("Made"))]
    filters = [Related("client", _("Client"), Client), YesNo("parked_at__isnull", _("Not parked"))]


class MovementRows(StaffListView):
    """How credit came and went."""

    model, permission, title, sort = CreditMovement, "billing.payment.view", _("Credit movements"), "-pk"
    select = ("account__client", "invoice", "payment")
    columns = [DateColumn("moved_on", _("Day"))]
    filters = [Related("account__client", _("Client"), Client), Choice("kind", _("Kind"), CreditMovement.Kind.choices),
               DateRange("moved_on", _("Day"))]  # fmt: skip


class PaymentBody(MoneyReceivedForm):
    """For these invoices, in the order of their days; without any it becomes the client's credit."""

    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.none())
    amount = MoneyField(label=_("Amount"), max_digits=14, decimal_places=4)
    invoices = forms.ModelMultipleChoiceField(label=_("Invoices"), queryset=Invoice.objects.none(), required=False)
    field_order = ("client", "amount", "reference", "received_on", "invoices")

    def __init__(self, data=None, files=None, *, actor, **kwargs):
        super().__init__(data, files, **kwargs)
        self.fields["client"].queryset = Client.objects.visible_to(actor)
        self.fields["invoices"].queryset = Invoice.objects.visible_to(actor).select_related("account")

    def clean(self):
        """Of one client, in the currency of the account; `account` and `money` are what the action takes."""
        data = super().clean()
        if self.errors:
            return data
        account = data["account"] = open_account(data["client"].heir)
        amount = data["amount"]
        if amount <= 0 or amount != round_amount(amount, account.currency):
            self.add_error("amount", _now("Enter an amount in %(currency)s.") % {"currency": account.currency})
        data["money"] = Money(amount, account.currency)
        data["invoices"] = sorted(data["invoices"], key=lambda invoice: (invoice.due_on, invoice.pk))
        return data


class PaymentCreate(StaffEditView):
    """Book money that came by hand, as the bank statement shows it. The same reference of the same day is booked once."""

    model, permission, form_class = Payment, BOOK, PaymentBody

    def form_options(self):
        """What one may see."""
        return {"actor": self.request.actor}

    def act(self, values):
        """As from the page."""
        wanted = {name: values[name] for name in ("reference", "money", "received_on", "invoices")}
        return book_bank_payment(values["account"], **wanted, actor=self.request.actor)


class OwnAccount(PortalListView):
    """That of the token's client; there from the first look on."""

    model, area, title, sort = Account, "billing", _("Billing account"), "pk"
    columns = [DateColumn("created_at", _("Made"))]

    def get_queryset(self):
        """One."""
        open_account(self.request.client)
        return super().get_queryset()


class AutoChargeBody(forms.Form):
    """Whether renewals are taken from the saved card by themselves."""

    auto_charge = forms.BooleanField(label=_("Charge the saved card"), required=False)


class OwnAccountChange(PortalEditView):
    """Charge by itself, or not."""

    model, area, form_class = Account, "billing", AutoChargeBody
    update_action = staticmethod(set_auto_charge)


class OwnStatement(PortalView, View):
    """The statement of account as PDF."""

    area = "billing"
    api_file, api_parameters = "application/pdf", ("from", "to", "year")

    @cached_property
    def account(self) -> Account:
        """The client's own, or 404."""
        found = Account.objects.visible_to(self.request.actor).filter(client=self.request.client.pk, pk=self.kwargs["pk"])
        row = found.select_related("client").first()
        if row is None:
            raise Http404
        return row

    def get(self, request, pk):
        """Of the days of the address."""
        return pdf_answer(self.account, days_asked(request, self.account.client))


class OwnMovements(PortalListView):
    """How one's credit came and went."""

    model, area, title, sort = CreditMovement, "billing", _("Credit movements"), "-pk"
    client_path = "account__client"
    select = ("invoice", "payment")
    columns = [DateColumn("moved_on", _("Day"))]


ACCOUNT = "client currency balance credit auto_charge separate_invoices consolidate_monthly document_emails statements"
MOVEMENT = "kind currency money invoice payment note moved_on"
