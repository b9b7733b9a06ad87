"""Screens of the client area as programs need them, where those of people show more or ask otherwise."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.actions.charge import request_charge
from billing.actions.quote_acceptance import Signing, accept_quote, decline_quote
from billing.api.quotes import SignAnswers
from billing.forms.quote import DeclineForm, SignForm
from billing.models import Invoice, Order, Payment, PaymentMethod, Product, Quote, Subscription
from billing.views.quote_page import agreement_for
from hostbill.core.crud import Column, DateColumn, PortalListView, PortalVerbView
from hostbill.core.crud.edit import FormPage


class OrderRows(PortalListView):
    """What was ordered."""

    model, area, title, sort = Order, "billing", _("Orders"), "-placed_at"
    select = ("invoice",)
    columns = [DateColumn("placed_at", _("Placed"), sort="placed_at")]


class PaymentRows(PortalListView):
    """What was paid."""

    model, area, title, sort = Payment, "billing", _("Payments"), "-received_at"
    columns = [DateColumn("received_on", _("Received"), sort="received_at")]


class SubscriptionRows(PortalListView):
    """What is paid for."""

    model, area, title, sort = Subscription, "services", _("Subscriptions"), "-pk"
    select = ("product", "parent__product")
    columns = [DateColumn("next_due_on", _("Next due"), sort="next_due_on")]
    search = ["label__icontains"]


class MethodRows(PortalListView):
    """Saved ways to pay."""

    model, area, title, sort = PaymentMethod, "billing", _("Payment methods"), "-pk"
    columns = [Column("kind", _("Kind"))]

    def get_queryset(self):
        """Removed ones do not exist."""
        return super().get_queryset().usable()


class ProductRows(PortalListView):
    """What the shop sells."""

    model, area, title, sort = Product, "", _("Products"), "pk"
    columns = [Column("name", _("Name"), sort="name")]
    search = ["name__icontains", "tagline__icontains"]

    def get_queryset(self):
        """To everybody alike."""
        return Product.objects.on_sale()


class PayForm(forms.Form):
    """With which saved method."""

    method = forms.ModelChoiceField(PaymentMethod.objects.none(), label=_("Payment method"))

    def __init__(self, *args, methods, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["method"].queryset = methods


class InvoicePayByApi(PortalVerbView):
    """Charge what is open to a saved payment method; the answer of the bank follows, and the invoice is paid then."""

    model, area, title, form_class = Invoice, "billing", _("Pay with a saved payment method"), PayForm

    def get_queryset(self):
        """What is open."""
        return super().get_queryset().filter(state="issued")

    def form_options(self):
        """The client's own."""
        rows = PaymentMethod.objects.visible_to(self.request.actor).usable()
        return {"methods": rows.filter(client=self.request.client.pk)}

    def act(self, values):
        """One attempt at a time."""
        request_charge(self.obj, values["method"], actor=self.request.actor)
        return self.obj


class ClientSignBody(SignAnswers, SignForm):
    """A typed name as the signature, that one agrees, and what the products ask."""


class QuoteAcceptByClient(PortalVerbView):
    """Sign it."""

    model, area, title, form_class = Quote, "billing", _("Accept this quote"), ClientSignBody
    select = ("client", "invoice", "rest_invoice", "order")

    def get_queryset(self):
        """What was given out."""
        return super().get_queryset().delivered()

    def form_options(self):
        """With the words that are agreed to."""
        return {"quote": self.obj, "agreement": agreement_for(self.obj)}

    def get_initial(self):
        """Nothing is typed before."""
        return {}

    def act(self, values):
        """As on its page."""
        agent = self.request.headers.get("User-Agent", "")
        signing = Signing(values["name"], agreement_for(self.obj), "account", agent, values["answers"])
        return accept_quote(self.obj, signing, actor=self.request.actor)


class QuoteDeclineByClient(QuoteAcceptByClient):
    """No."""

    title, form_class = _("Decline this quote"), DeclineForm
    form_options = FormPage.form_options

    def act(self, values):
        """As on its page."""
        return decline_quote(self.obj, actor=self.request.actor, **values)
