"""Drafts of invoices by API: the editor's form and lines as one body."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.actions.account import open_account
from billing.actions.draft import create_draft, lines_of, update_draft
from billing.actions.lines import NewLine
from billing.forms.invoice import MOST_LINES, DraftForm, LineForm, default_due_on
from billing.models import Invoice
from clients.models import Client
from hostbill.core.api.inputs import RowsField
from hostbill.core.api.rows import RowsForm
from hostbill.core.crud import StaffEditView

LINES_HELP = _("All lines, in their order.")


def exact(value) -> str:
    """As the API writes exact numbers."""
    return "" if value is None else f"{value.normalize():f}"


class LineBody(LineForm):
    """A line. The one of an ordered service is known by the `origin` that was read with it."""

    origin = forms.CharField(
        required=False, max_length=80, help_text=_("As it was read: keeps the line of an ordered service with it.")
    )


class DraftBody(RowsForm, DraftForm):
    """What a draft is made of."""

    lines = RowsField(LineBody, label=_("Lines"), help_text=LINES_HELP)

    def clean(self):
        """Lines that say something, as many as the editor takes."""
        data = super().clean()
        rows = [form.cleaned_data for form in self.clean_rows("lines", LineBody)]
        for place, row in enumerate(rows):
            if not row.get("description"):
                self.refuse(f"lines.{place}.description", [_("Say what this is for.")])
        data["lines"] = [NewLine(**row) for row in rows]
        if len(rows) > MOST_LINES:
            self.add_error("lines", _("At most %(most)d lines.") % {"most": MOST_LINES})
        return data


class NewDraftBody(DraftBody):
    """For whom, too."""

    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.none())
    field_order = ("client",)

    def __init__(self, *args, clients, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client"].queryset = clients
        self.fields["due_on"].initial = default_due_on


class DraftCreate(StaffEditView):
    """A new draft."""

    model = Invoice
    form_class = NewDraftBody
    permission = "billing.invoice.create"

    def form_options(self):
        """For anybody whom one may see."""
        return {"clients": Client.objects.visible_to(self.request.actor)}

    def create_action(self, *, client, lines, due_on, notes, actor):
        """On the client's account."""
        return create_draft(open_account(client), lines, due_on=due_on, notes=notes, actor=actor)


class DraftChange(StaffEditView):
    """Another wording, other lines. What is issued stays."""

    model = Invoice
    form_class = DraftBody
    permission = DraftCreate.permission
    select = ("account", "client")
    update_action = staticmethod(update_draft)

    def get_initial(self):
        """As it is."""
        return {"due_on": self.obj.due_on, "notes": self.obj.notes, "lines": [self._line(line) for line in lines_of(self.obj)]}

    def _line(self, line: NewLine) -> dict:
        plain = {name: getattr(line, name) for name in ("description", "tax_class", "origin")}
        return plain | {"quantity": exact(line.quantity), "unit_amount": exact(line.unit_amount)}
