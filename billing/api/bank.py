"""Bank lines by API: what each may be for, booking it, leaving it aside; and importing a statement."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.actions.bank import book_line, import_statement, leave_line, take_up_line
from billing.forms.bank import MappingForm
from billing.forms.invoice import ReasonForm
from billing.models import BankLine, BankStatement, Invoice, Payment
from billing.queries.bank_csv import fits, guess, table
from billing.queries.bank_file import is_camt
from billing.queries.bank_matching import suggest
from billing.views.staff.bank import BOOK, VIEW
from clients.models import Client
from hostbill.core import clock
from hostbill.core.crud import StaffVerbView
from hostbill.core.errors import AppError

SUGGESTED = {
    "type": "object",
    "properties": {"choices": {"type": "array", "items": {"type": "object"}}, "chosen": {"type": ["string", "null"]}},
    "required": ["choices", "chosen"],
}


class _OfLine(StaffVerbView):
    """Base: one line."""

    model, permission = BankLine, BOOK

    def get_queryset(self):
        """All; the permission guards them."""
        return BankLine.objects.select_related("account", "payment__client")


class LineBody(forms.Form):
    """What the money is for: invoices, a client's credit, or a payment that was entered by hand."""

    invoices = forms.ModelMultipleChoiceField(Invoice.objects.none(), required=False, label=_("Invoices"))
    client = forms.ModelChoiceField(Client.objects.none(), required=False, label=_("Client"))
    payment = forms.ModelChoiceField(Payment.objects.none(), required=False, label=_("Payment"))

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        for name, model in (("invoices", Invoice), ("client", Client), ("payment", Payment)):
            self.fields[name].queryset = model.objects.visible_to(actor)

    def clean(self):
        """One of the three."""
        data = {name: value for name, value in super().clean().items() if value}
        if len(data) != 1:
            raise forms.ValidationError(_now("Say one of: invoices, client, payment."))
        if "invoices" in data:
            data["invoices"] = sorted(data["invoices"], key=lambda invoice: (invoice.due_on, invoice.pk))
        return data


class LineBook(_OfLine):
    """Book it."""

    title, form_class = _("Book this line"), LineBody
    action = staticmethod(book_line)

    def form_options(self):
        """What the person may see."""
        return {"actor": self.request.actor}


class LineLeave(_OfLine):
    """Money that is no client's."""

    title, form_class = _("Leave it aside"), ReasonForm
    action = staticmethod(leave_line)


class LineTakeUp(_OfLine):
    """After all."""

    title = _("Take it up again")
    action = staticmethod(take_up_line)


class LineSuggest(_OfLine):
    """What it may be for."""

    permission, title = VIEW, _("What it may be for")
    api_result, changes_nothing = SUGGESTED, True

    def act(self, values):
        """As the page offers it."""
        found = suggest(self.obj)
        choices = [{"value": choice.value, "words": str(choice.label)} for choice in found.choices]
        return {"choices": choices, "chosen": found.chosen or None}


class StatementBody(forms.Form):
    """Which column says what; for CAMT files nothing is asked. Without it: as remembered for the account, else as guessed."""

    mapping = forms.JSONField(required=False, label=_("Columns"))


class StatementImport(StaffVerbView):
    """Import its lines."""

    model, permission, title, form_class = BankStatement, BOOK, _("Import its lines"), StatementBody
    select = ("account",)

    def act(self, values):
        """What is known already adds nothing."""
        mapping = {}
        if not is_camt(self.obj.content):
            found = table(self.obj.content)
            remembered = self.obj.account.mapping
            mapping = _checked(values.get("mapping"), found) or (remembered if fits(remembered, found) else guess(found))
        return import_statement(self.obj, mapping=mapping, actor=self.request.actor)


def _checked(sent, found) -> dict:
    """The mapping, by the form of the page. AppError beside it."""
    if not sent:
        return {}
    if not isinstance(sent, dict):
        raise AppError(_now("Send an object."), code="mapping", field="mapping")
    form = MappingForm({str(name): str(value) for name, value in sent.items()}, head=found.head, today=clock.today())
    if not form.is_valid():
        words = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in form.errors.items())
        raise AppError(words, code="mapping", field="mapping")
    return form.mapping
