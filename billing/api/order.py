"""Orders by API: products with what they ask, as staff enter them, and what it would come to."""

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing.actions.order_terms import Terms
from billing.actions.staff_order import Ordered, order_for_client
from billing.api.order_sum import SUM, told_sum
from billing.forms.invoice import MOST_LINES
from billing.forms.order import OrderForm, OrderLineForm, answers_form, sold_of
from billing.models import CartLine, Cycle, Order, Subscription
from billing.queries.chosen import asked, tolerant_choices
from billing.queries.promotion import clean_code
from billing.queries.quote import quote_rows
from billing.views.staff.invoice_draft import currency_of
from billing.views.staff.order_create import CREATE, PRICE
from clients.models import Client
from hostbill.core.api.inputs import RowsField
from hostbill.core.api.rows import RowsForm
from hostbill.core.crud import StaffEditView
from hostbill.core.errors import AppError

LINES_HELP = _("What is ordered. An addon follows the line that it belongs to, or goes with what the client has.")


class Asked(forms.Form):
    """What is asked besides, as objects."""

    answers = forms.JSONField(label=_("Answers"), required=False, help_text=_("What the product asks, by name, such as domain."))
    options = forms.JSONField(label=_("Options"), required=False, help_text=_("By key or id of the option: value or id of the choice."))


class OrderLineBody(Asked, OrderLineForm):
    """One product. `answers`: what its kind asks, by name, such as the domain. `options`: by key or id; the value is that of the
    choice or its id, a number for quantities, true for a yes."""

    is_screen = False

    product = forms.IntegerField(label=_("Product"), min_value=1)
    cycle = forms.ChoiceField(label=_("Paid"), choices=Cycle.choices)
    subscription = forms.ModelChoiceField(
        Subscription.objects.none(), label=_("Subscription"), required=False,
        help_text=_("Which of the client's an addon goes with; without it the newest that it fits."),
    )  # fmt: skip
    field_order = ("product", "cycle", "quantity", "subscription", "answers", "options", "amount", "setup")

    def __init__(self, *args, client=None, **kwargs):
        super().__init__(*args, client=client, **kwargs)
        if client is not None:
            self.fields["subscription"].queryset = Subscription.objects.filter(client=client).select_related("product")

    @cached_property
    def answers(self):
        """As the product's kind checks them."""
        return answers_form(self.chosen, _plain(self.data.get("answers"))) if self.chosen else None

    def _refuse_unasked(self) -> None:
        """Answers to what nobody asks."""
        known = self.answers.fields if self.answers is not None else {}
        words = _("There is no such field. There are: %(known)s.") % {"known": ", ".join(known) or "–"}
        for name in _plain(self.data.get("answers")).keys() - known:
            self._errors.setdefault(f"answers.{name}"[:200], self.error_class()).append(words)

    @cached_property
    def raw_options(self) -> dict:
        """{option id: what was sent}; AppError "invalid_options" for an option that is not asked here."""
        sent = _plain(self.data.get("options"))
        rows = asked(self.chosen, self.currency, self.cleaned_data.get("cycle") or "")
        known = {name: row for row in rows for name in (str(row.option.pk), row.option.key) if name}
        if unknown := [name for name in sent if name not in known]:
            words = _("There is no option %(name)s here. There are: %(known)s.")
            text = words % {"name": unknown[0][:80], "known": ", ".join(row.option.key or str(row.option.pk) for row in rows) or "–"}
            raise AppError(text, code="invalid_options", field="options")
        return {str(known[name].option.pk): _choice(known[name], value) for name, value in sent.items()}

    def clean(self):
        """A product that is sold, with what it asks; `ordered` is what the action takes."""
        data = super().clean()
        if self.chosen is None:
            self.add_error("product", _("This product is not sold.")) if data.get("product") else None
            return data
        for name in ("answers", "options"):
            if not isinstance(data.get(name) or {}, dict):
                self.add_error(name, _("Send an object."))
        self._refuse_unasked()
        if self.answers is not None and not self.answers.is_valid():
            for name, texts in self.answers.errors.items():
                self._errors.setdefault(f"answers.{name}" if name != "__all__" else "answers", self.error_class()).extend(texts)
        try:
            self.raw_options  # noqa: B018 - its refusal
        except AppError as error:
            self.add_error("options", str(error.message))
        return data

    def ordered(self) -> Ordered:
        """As the action takes it."""
        data, answers = self.cleaned_data, self.answers
        choices = tolerant_choices(self.chosen, self.currency, data["cycle"], self.raw_options)
        return Ordered(self.chosen, data["cycle"], data["quantity"], answers.cleaned_data if answers else {}, self.own_price(),
                       self.raw_options, choices, data["subscription"])  # fmt: skip


def _plain(value) -> dict:
    return {str(name): one for name, one in value.items()} if isinstance(value, dict) else {}


def _choice(row, value):
    """The id of a choice that was named by its value; anything else as it is."""
    if row.option.is_list and isinstance(value, str):
        return next((offer.choice.pk for offer in row.offers if offer.choice.value == value), value)
    return value


class OrderLines(RowsForm):
    """Lines of a client's order, in the client's currency. `ordered` in the cleaned data is what the action takes."""

    may_price = False
    buyer: Client | None = None

    def sold(self, currency: str) -> dict:
        """What can be ordered."""
        return sold_of(currency, self.wanted)

    @property
    def wanted(self) -> set[int]:
        """Ids of the products that were sent: not the whole catalogue is read."""
        sent = [row.get("product") for row in self.cleaned_data.get("lines") or [] if isinstance(row, dict)]
        return {value for value in sent if type(value) is int and 0 < value < 2**63}

    def clean(self):
        """As many as the editor takes."""
        data = super().clean()
        if self.buyer is None:
            return data
        currency = currency_of(self.buyer)
        common = {"sold": self.sold(currency), "currency": currency, "may_price": self.may_price, "client": self.buyer}
        rows = self.clean_rows("lines", lambda row=None: OrderLineBody(row, **common))
        data["ordered"] = [row.ordered() for row in rows]
        if len(self.cleaned_data.get("lines") or []) > MOST_LINES:
            self.add_error("lines", _("At most %(most)d lines.") % {"most": MOST_LINES})
        return data


class OrderBody(OrderLines, OrderForm):
    """For whom, what, and on which terms."""

    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.none())
    lines = RowsField(OrderLineBody, label=_("Lines"), help_text=LINES_HELP)
    field_order = ("client", "lines")

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["client"].queryset = Client.objects.visible_to(actor)
        self.may_price = actor.may(PRICE)

    @property
    def buyer(self):
        """Who was sent."""
        return self.cleaned_data.get("client")

    def clean(self):
        """With the terms as the action takes them."""
        data = super().clean()
        data["granted"], data["codes"] = self.discount(), self.codes()
        return data


class OrderCreateByApi(StaffEditView):
    """Place one."""

    model = Order
    form_class = OrderBody
    permission = CREATE

    def form_options(self):
        """What may be settled otherwise depends on who asks."""
        return {"actor": self.request.actor}

    def act(self, values):
        """The same act as the editor's."""
        terms = Terms(
            reason=values.get("reason", ""),
            begin_now=values.get("begin") == "now",
            invoice=values.get("invoice") or "issue",
            mail=values["mail"],
            discount=values["granted"],
            codes=values["codes"],
        )
        key = f"api-{values['key']}"
        return beside_line(
            lambda: order_for_client(values["client"], values["ordered"], terms=terms, key=key, actor=self.request.actor)
        )


class OrderPreview(OrderCreateByApi):
    """What it would come to; nothing is stored."""

    title = _("What an order would come to")
    api_answer = SUM
    changes_nothing = True

    def act(self, values):
        """As the editor shows it."""
        return told_sum(priced(values["client"], values["ordered"], values["codes"], values["granted"]))


def priced(client, ordered: list[Ordered], codes=(), granted=None):
    """The lines with today's prices and the tax of the client's place."""
    rows = [CartLine(pk=-index, product=line.product, cycle=line.cycle, quantity=line.quantity, options=line.choices,
                     for_subscription=line.belongs)
            for index, line in enumerate(ordered, 1)]  # fmt: skip
    own = {-index: line.own_price for index, line in enumerate(ordered, 1) if line.own_price}
    codes = [code for text in codes if (code := clean_code(text))]
    return quote_rows(currency_of(client), rows, country=str(client.country or ""), own_prices=own, client=client, codes=codes,
                      granted=granted)  # fmt: skip


def beside_line(act):
    """What the act returns; a refusal of one line stands beside it. Raises AppError."""
    try:
        return act()
    except AppError as error:
        place = error.details.get("line")
        if place is not None:
            error.field = f"lines.{place}.{_within(error)}"
        raise


def _within(error: AppError) -> str:
    names = {"": "product", "domain": "answers.domain"}
    field = error.field or ""
    return f"options.{field}" if error.code == "invalid_options" else names.get(field, field)
