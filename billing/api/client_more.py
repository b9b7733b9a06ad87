"""More of the client area for programs: handing over, changes that wait, several invoices at once, messages of a document."""

from django import forms
from django.db.models import BooleanField, Case, Value, When
from django.utils.translation import gettext_lazy as _

from billing.actions.charge import request_charge
from billing.api.client_screens import PayForm
from billing.models import Invoice, PaymentMethod, SubscriptionChange
from billing.queries.pay_link import AT_ONCE, pay_url, total_of
from billing.views.portal.ending import TransferList
from billing.views.portal.subscription import AREA
from hostbill.core.api.addresses import TEXT, shaped
from hostbill.core.api.fields import money
from hostbill.core.crud import DateColumn, PortalEditView, PortalListView
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from hostbill.core.ui.fields import MoneyField


class TransferRows(TransferList):
    """Offers from and to the account."""

    def get_queryset(self):
        """With whose they are."""
        given = Case(When(from_client=self.request.client.pk, then=Value(True)), default=Value(False), output_field=BooleanField())
        return super().get_queryset().annotate(given=given)


def service_of(transfer) -> str:
    """What is handed over; its address is known to one side only."""
    return str(transfer.subscription)


def is_given(transfer) -> bool:
    """Whether we give it, or take it."""
    return transfer.given


class ChangeRows(PortalListView):
    """Changes of plan and cycle: what waits, and what was done."""

    model, area, title, sort = SubscriptionChange, AREA, _("Changes of subscriptions"), "-pk"
    select = ("subscription__product", "from_product", "to_product")
    columns = [DateColumn("effective_on", _("From"), sort="effective_on")]


class PaySeveralBody(PayForm):
    """Which invoices; with a saved method they are charged at once, without one there is a link to pay them."""

    invoices = forms.ModelMultipleChoiceField(label=_("Invoices"), queryset=Invoice.objects.none())
    expected_total = MoneyField(
        label=_("Expected total"), required=False, max_digits=14, decimal_places=4,
        help_text=_("What is open on them; another sum is refused."),
    )  # fmt: skip
    field_order = ("invoices", "method", "expected_total")

    def __init__(self, *args, invoices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["method"].required = False
        self.fields["invoices"].queryset = invoices


class PaySeveral(PortalEditView):
    """As one payment."""

    model, area, title, form_class = Invoice, "billing", _("Pay several invoices at once"), PaySeveralBody
    api_answer = shaped(state={"type": "string", "enum": ["charged", "to_pay"]}, total={"$ref": "#/components/schemas/Money"}, pay_url=TEXT)

    def form_options(self):
        """The client's own, what is open."""
        client = self.request.client.pk
        methods = PaymentMethod.objects.visible_to(self.request.actor).usable().filter(client=client)
        return {"methods": methods, "invoices": Invoice.objects.visible_to(self.request.actor).filter(client=client, state="issued")}

    def act(self, values):
        """Charge, or the link of the pay page. AppError "price_changed", "too_many", and those of the charge."""
        found = sorted(values["invoices"], key=lambda invoice: (invoice.due_on, invoice.pk))
        if len(found) > AT_ONCE:
            raise AppError(_("At most %(most)d invoices at once.") % {"most": AT_ONCE}, code="too_many", field="invoices")
        if len({invoice.currency for invoice in found}) > 1:
            raise AppError(_("Choose invoices of one currency."), code="not_together", field="invoices")
        total, expected = total_of(found), values["expected_total"]
        if expected is not None and Money(expected, total.currency) != total:
            raise AppError(_("What is open has changed. Please look at the sum before you pay."), code="price_changed",
                           field="expected_total")  # fmt: skip
        if values["method"]:
            request_charge(found[0], values["method"], others=found[1:], actor=self.request.actor)
        return {"state": "charged" if values["method"] else "to_pay", "total": money(total), "pay_url": pay_url(*found)}
