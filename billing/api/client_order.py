"""Orders by clients' programs: what is on sale, on the shop's terms."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.actions.client_order import order_by_client
from billing.api.order import LINES_HELP, OrderLineBody, OrderLines, beside_line, priced
from billing.api.order_sum import SUM, told_sum
from billing.forms.order import sold_of
from billing.models import Order
from billing.views.staff.invoice_draft import currency_of
from hostbill.core.api.inputs import RowsField
from hostbill.core.crud import PortalEditView
from hostbill.core.money import Money
from hostbill.core.ui.fields import MoneyField


class ClientLineBody(OrderLineBody):
    """One product at its price."""

    amount = setup = None


class ClientPreviewBody(OrderLines):
    """What is wanted."""

    lines = RowsField(ClientLineBody, label=_("Lines"), help_text=LINES_HELP)
    code = forms.CharField(label=_("Promotion code"), required=False, max_length=60)

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.client = client

    @property
    def buyer(self):
        """The token's account."""
        return self.client

    def sold(self, currency):
        """What the shop shows."""
        found = sold_of(currency, self.wanted).items()
        return {key: product for key, product in found if not (product.is_hidden or product.group.is_hidden)}

    @property
    def codes(self) -> tuple:
        """The code, if one was sent."""
        return tuple(part for part in [(self.cleaned_data.get("code") or "").strip()] if part)

    def clean(self):
        """With what the action takes."""
        data = super().clean()
        data["codes"] = self.codes
        return data


class ClientOrderBody(ClientPreviewBody):
    """What is ordered, and that the terms were agreed to."""

    agree = forms.BooleanField(label=_("You agree to our terms of service"))
    expected_total = MoneyField(
        label=_("Expected total"), required=False, max_digits=14, decimal_places=4,
        help_text=_("The total that the preview told; another one is refused."),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["expected_total"].currency = currency_of(self.client)

    def clean(self):
        """With the expected total as money."""
        data = super().clean()
        expected = data.get("expected_total")
        data["expected"] = None if expected is None else Money(expected, currency_of(self.client))
        return data


class ClientOrderByApi(PortalEditView):
    """Place one: it waits for its invoice to be paid."""

    model = Order
    area = "billing"
    form_class = ClientOrderBody

    def form_options(self):
        """For the token's account."""
        return {"client": self.request.client}

    def act(self, values):
        """The same act as the shop's."""
        key = f"api-{uuid.uuid4()}"
        return beside_line(
            lambda: order_by_client(
                self.request.client, values["ordered"], codes=values["codes"], expected=values["expected"], key=key,
                actor=self.request.actor,
            )
        )  # fmt: skip


class ClientOrderPreview(ClientOrderByApi):
    """What it would come to; nothing is stored."""

    title = _("What an order would come to")
    form_class = ClientPreviewBody
    api_answer = SUM
    changes_nothing = True

    def act(self, values):
        """As the shop shows it."""
        return told_sum(priced(self.request.client, values["ordered"], values["codes"]), "client")
