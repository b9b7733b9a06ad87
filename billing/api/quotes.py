"""Quotes by API: the editor's forms and lines as one body, and a yes that came otherwise with its answers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.actions.quote import create_quote, default_valid_until, offered_lines, update_quote
from billing.api.drafts import LINES_HELP, exact
from billing.forms.invoice import MOST_LINES
from billing.forms.quote import ProspectForm, QuoteForm, QuoteLineForm, StaffSignForm, products_in
from billing.models import Cycle, Quote
from billing.views.staff.invoice_draft import currency_of
from billing.views.staff.quote import QuoteAccept
from billing.views.staff.quote_edit import currencies
from clients.models import Client
from hostbill.core.api.inputs import RowsField
from hostbill.core.api.rows import RowsForm
from hostbill.core.crud import StaffEditView
from hostbill.core.errors import AppError
from hostbill.core.options import COMPANY_CURRENCY

PROSPECT = ProspectForm.Meta.fields


class QuoteLineBody(QuoteLineForm):
    """A line: written by hand, or a product in one of its cycles."""

    product = forms.IntegerField(label=_("Product"), required=False, min_value=1)
    cycle = forms.ChoiceField(label=_("Cycle"), choices=[("", "–"), *Cycle.choices], required=False)
    field_order = ("product", "cycle")

    @property
    def chosen(self):
        """By id and cycle."""
        return self.sold.get((str(self.data.get("product") or ""), str(self.data.get("cycle") or "")))

    def clean(self):
        """A product that is sold in this cycle and currency."""
        data = super().clean()
        if data.get("product") and not self.chosen:
            self.add_error("cycle", _("This product is not sold in that billing cycle."))
        return data


class QuoteBody(RowsForm, QuoteForm):
    """Words, terms and lines."""

    lines = RowsField(QuoteLineBody, label=_("Lines"), help_text=LINES_HELP)

    @property
    def quoted(self) -> tuple:
        """(client or None, currency)."""
        client = self.instance.client
        return client, currency_of(client) if client else self.cleaned_data.get("currency") or self.instance.currency

    def clean(self):
        """The lines in the currency of the one it is for."""
        data = super().clean()
        client, currency = self.quoted
        with_tax = bool(data.get("includes_tax"))
        sold = products_in(currency, client, includes_tax=with_tax)
        rows = self.clean_rows("lines", lambda row=None: QuoteLineBody(row, sold=sold, currency=currency, includes_tax=with_tax))
        for place, row in enumerate(rows):
            if not row.is_filled:
                self.refuse(f"lines.{place}.description", [_("Say what this is for.")])
        data["lines"] = [row.offered() for row in rows if row.is_filled]
        if len(rows) > MOST_LINES:
            self.add_error("lines", _("At most %(most)d lines.") % {"most": MOST_LINES})
        return data


class QuoteOfProspect(QuoteBody, ProspectForm):
    """With the address of somebody who is no client yet; a client's is their own."""

    client = forms.ModelChoiceField(
        label=_("Client"), queryset=Client.objects.none(), required=False, help_text=_("Without one the quote has an address.")
    )
    field_order = ("client",)

    class Meta(QuoteForm.Meta):
        fields = (*QuoteForm.Meta.fields, *PROSPECT)

    def __init__(self, *args, clients=None, **kwargs):
        super().__init__(*args, currencies=currencies(), **kwargs)
        self.fields["email"].required = self.fields["language"].required = self.fields["currency"].required = False
        self.fields["valid_until"].initial = default_valid_until
        if clients is None:
            del self.fields["client"]
        else:
            self.fields["client"].queryset = clients

    @property
    def quoted(self):
        """The client's account says the currency."""
        client = self.cleaned_data.get("client")
        return client, currency_of(client) if client else self.cleaned_data.get("currency") or COMPANY_CURRENCY.value

    def clean(self):
        """Either a client, or an address that can be written to."""
        data = super().clean()
        if data.get("client"):
            for name in PROSPECT:
                data.pop(name, None)
                self._errors.pop(name, None)
            data["currency"] = self.quoted[1]
            return data
        data["currency"] = self.quoted[1]
        data["language"] = data.get("language") or "en"
        if not data.get("email") and "email" not in self._errors:
            self.add_error("email", self.fields["email"].error_messages["required"])
        return data


class QuoteCreate(StaffEditView):
    """A new draft."""

    model = Quote
    form_class = QuoteOfProspect
    permission = "billing.quote.edit"

    def form_options(self):
        """For anybody whom one may see."""
        return {"clients": Client.objects.visible_to(self.request.actor)}

    def create_action(self, *, lines, actor, **values):
        """Its line is named by a refusal."""
        return beside_line(lambda: create_quote(lines, actor=actor, **values))


class QuoteChange(StaffEditView):
    """Another wording, other lines. What was delivered stays: it can have a new version."""

    model = Quote
    form_class = QuoteBody
    permission = QuoteCreate.permission
    select = ("client__billing_account",)

    def make_form(self, data=None, files=None):
        """A client's address is not the quote's."""
        made = QuoteBody if self.obj.client_id else QuoteOfProspect
        return made(data, instance=self.obj, initial={"lines": [self._line(line) for line in offered_lines(self.obj)]})

    def _line(self, line) -> dict:
        numbers = ("quantity", "unit_amount", "discount_percent", *(("setup_amount",) if line.product else ()))
        plain = {"product": line.product and line.product.pk, "cycle": line.cycle, "description": line.description}
        return plain | {"tax_class": line.tax_class} | {name: exact(getattr(line, name)) for name in numbers}

    def update_action(self, quote, *, lines, actor, **values):
        """Its line is named by a refusal."""
        return beside_line(lambda: update_quote(quote, lines, actor=actor, **values))


def beside_line(act):
    """What the act returns; a refusal of one line stands beside it. Raises AppError."""
    try:
        return act()
    except AppError as error:
        if "line" in error.details:
            error.field = f"lines.{error.details['line']}.{error.field or 'product'}"
        raise


class AnswerBody(forms.Form):
    """What the product of one line asks."""

    line = forms.IntegerField(min_value=1)
    answers = forms.JSONField(required=False)


class SignAnswers(RowsForm):
    """The answers to what the products ask."""

    answers = RowsField(
        AnswerBody, required=False, label=_("Answers"),
        help_text=_("For each line whose product asks something: its id, and the answers by name."),
    )  # fmt: skip

    def __init__(self, data=None, files=None, **kwargs):
        given = data.get("answers") if data else None
        super().__init__(data | _as_typed(given) if data else data, files, **kwargs)

    def clean(self):
        """What was not answered is named by line and question."""
        lines = [line.pk for line, _form in self.asks]  # no set: what was sent may be unhashable
        for place, given in enumerate(self.cleaned_data.get("answers") or []):
            if not isinstance(given, dict) or given.get("line") not in lines or not isinstance(given.get("answers"), dict):
                self.refuse(f"answers.{place}", [_("No line of this quote asks this.")])
        try:
            return super().clean()
        finally:
            for line, form in self.asks:
                for name, texts in form.errors.items():
                    self.refuse(f"answers.{line.pk}.{name}", texts)


class SignBody(SignAnswers, StaffSignForm):
    """A yes that came otherwise."""


def _as_typed(given) -> dict:
    """The answers as the page's form would send them."""
    rows = [row for row in given or [] if isinstance(row, dict) and isinstance(row.get("answers"), dict)]
    return {f"line-{row.get('line')}-{name}": value for row in rows for name, value in row["answers"].items()}


class QuoteAcceptByApi(QuoteAccept):
    """The same act."""

    form_class = SignBody
