"""Input about documents: credit notes, number series, drafts split and merged, how a client is invoiced."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.models import DocumentType, Invoice, InvoiceLine, Series
from hostbill.core.money import Money, exponent
from hostbill.core.ui.fields import DayField, MoneyField, MoneyInput
from hostbill.core.ui.words import money_words


class CreditNoteForm(forms.Form):
    """All that is left, an amount with tax, or nets line by line; cleans to what `credit_invoice` takes."""

    scope = forms.ChoiceField(
        label=_("What is taken back"),
        widget=forms.RadioSelect,
        initial="all",
        choices=[
            ("all", _("All that is left; the invoice is cancelled")),
            ("lines", _("Amounts of single lines")),
            ("total", _("An amount with tax, of all lines in proportion")),
        ],
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("The client reads it on the credit note."))

    cases = {"total": ("scope", ("total",))}

    def __init__(self, *args, rest, **kwargs):
        super().__init__(*args, **kwargs)
        self.rest = rest
        left = Money(rest.left, rest.currency)
        self.fields["total"] = MoneyField(
            label=_("Amount with tax"),
            currency=rest.currency,
            required=False,
            help_text=_("At most %(left)s.") % {"left": money_words(left)},
        )
        self.lines = [line for line in rest.chargeable if rest.left_of(line)]
        for line in self.lines:
            self._ask_about(line)
        self.fields["refund"] = forms.BooleanField(
            label=_("Send back what was paid"),
            required=False,
            help_text=_("By the way it came. Otherwise it is kept as the client's credit and used for the next invoices."),
        )
        self.order_fields(["scope", "total", *(name for name in self.fields if name.startswith(("all_", "line_"))), "reason", "refund"])

    def _ask_about(self, line) -> None:
        """The whole of a line by a tick, or a part of it."""
        self.fields[f"all_{line.pk}"] = forms.BooleanField(label=line.description, required=False)
        self.fields[f"line_{line.pk}"] = MoneyField(
            label=line.description,
            currency=self.rest.currency,
            required=False,
            widget=MoneyInput({"placeholder": f"{self.rest.left_of(line):.{exponent(self.rest.currency)}f}"}),
        )

    @property
    def line_rows(self) -> list:
        """[(line, what is left of it, its tick, its amount)] for the table."""
        return [
            (line, Money(self.rest.left_of(line), self.rest.currency), self[f"all_{line.pk}"], self[f"line_{line.pk}"])
            for line in self.lines
        ]

    def clean(self):
        """Only what was chosen counts; what was typed elsewhere is a mistake worth saying."""
        data = super().clean()
        scope = data.get("scope")
        if scope == "lines" and not any(self.nets(data).values()) and not self.errors:
            first = next((name for name in self.fields if name.startswith("line_")), None)
            self.add_error(first, _now("Tick at least one line, or enter an amount beside it."))
        if scope == "total" and data.get("total") is None and "total" not in self.errors:
            self.add_error("total", _now("Enter an amount."))
        if scope == "all" and (any(self.nets(data).values()) or data.get("total") is not None):
            self.add_error("scope", _now("You have typed an amount: choose whether it counts."))
        return data

    def nets(self, data) -> dict[int, Decimal]:
        """{line: net to be taken back}: what was typed, else all that is left of a ticked line."""
        found = {}
        for line in self.lines:
            typed = data.get(f"line_{line.pk}")
            if typed is not None or data.get(f"all_{line.pk}"):
                found[line.pk] = self.rest.left_of(line) if typed is None else typed
        return found

    @property
    def wish(self) -> dict:
        """Keyword arguments of `credit_invoice`."""
        data = self.cleaned_data
        wish = {"reason": data["reason"], "refund": data["refund"]}
        if data["scope"] == "total":
            return wish | {"total": data["total"]}
        if data["scope"] == "lines":
            return wish | {"amounts": {key: net for key, net in self.nets(data).items() if net}}
        return wish


class SeriesForm(forms.ModelForm):
    """The rule and the next number."""

    next_number = forms.IntegerField(
        label=_("Next number"), min_value=1, help_text=_("Can only go up; numbers left out are recorded with the reason.")
    )
    reason = forms.CharField(
        label=_("Why numbers are left out"), max_length=300, required=False, help_text=_("Needed when the next number goes up.")
    )

    class Meta:
        model = Series
        fields = ("format", "reset")
        help_texts = {
            "format": _("{NUMBER}, {NUMBER:5} with zeros in front, {YEAR}, {YEAR:2}, {MONTH}, {DAY}; other letters as they are."),
            "reset": _("What begins again needs {YEAR} in its format, each month {MONTH} too."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.document_type != DocumentType.INVOICE:
            self.fields["format"].required = True
        else:
            self.fields["format"].help_text = _("Empty: as in the settings of invoices. %(tokens)s") % {
                "tokens": self.Meta.help_texts["format"]
            }

    def _post_clean(self):
        """The row is changed by the action alone."""


class SplitForm(forms.Form):
    """Which lines move, and when the new draft is due."""

    lines = forms.ModelMultipleChoiceField(
        label=_("Lines that move"), queryset=InvoiceLine.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    due_on = DayField(label=_("Due on"))

    def __init__(self, *args, invoice, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lines"].queryset = invoice.lines.all()
        self.fields["lines"].label_from_instance = lambda line: f"{line.description}: {money_words(line.net)}"
        self.fields["due_on"].initial = invoice.due_on


class MergeForm(forms.Form):
    """Which drafts come onto this one."""

    drafts = forms.ModelMultipleChoiceField(
        label=_("Drafts of this client"), queryset=Invoice.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, drafts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["drafts"].queryset = drafts
        self.fields["drafts"].label_from_instance = lambda draft: f"{draft}: {money_words(draft.total)}"


class WishesForm(forms.Form):
    """How a client wants its documents."""

    separate_invoices = forms.BooleanField(label=_("An invoice for each service"), required=False)
    consolidate_monthly = forms.BooleanField(
        label=_("One invoice a month"),
        required=False,
        help_text=_("What begins in a month stands on one invoice, due on the first of these days."),
    )
    document_emails = forms.CharField(
        label=_("More recipients of documents"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One address a line. They get invoices and credit notes, and no other mails."),
    )

    def clean_document_emails(self):
        """A list; checked by the action."""
        return self.cleaned_data["document_emails"].replace(",", "\n").replace(";", "\n").splitlines()


class ApartForm(forms.Form):
    """Whether a service is invoiced by itself."""

    separate_invoice = forms.BooleanField(label=_("Its renewals stand on invoices of their own"), required=False)


class HandOverForm(forms.Form):
    """To whom."""

    reason = forms.CharField(label=_("Handed to"), max_length=300, required=False, help_text=_("Name and file number of the agency."))


