"""The editor of drafts: lines with live totals, a look at the PDF, then issue. Every button also works without script."""

from decimal import Decimal

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.account import open_account
from billing.actions.draft import create_draft, delete_draft, duplicate_invoice, issue_draft, lines_of, update_draft
from billing.actions.draft_parts import merge_drafts, split_draft
from billing.actions.invoice import NewLine
from billing.forms.document import MergeForm, SplitForm
from billing.forms.invoice import DraftForm, LineFormSet, default_due_on, shifted
from billing.models import Account, Invoice
from billing.queries.tax_lines import Amount
from billing.queries.taxing import taxing, taxing_of
from billing.views.staff.for_client import ForClient
from hostbill.core.access import StaffView
from hostbill.core.compiled import Compiled
from hostbill.core.crud import StaffVerbView
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.money import Money, round_amount

CREATE = "billing.invoice.create"
LIST = "billing_staff:invoice_list"

_CURRENCY = Compiled(
    lambda client: Account.objects.filter(client_id=client).order_by("pk").values_list("currency", flat=True)[:1], client=int
)


class DraftEditor(ForClient, StaffView, View):
    """`verb` of the form: more, up-2, down-2, remove-2 and check change nothing stored; save, preview and issue do."""

    permission = CREATE

    @cached_property
    def draft(self):
        """The draft of the address; None while it is not saved. An issued invoice is not edited."""
        if "pk" not in self.kwargs:
            return None
        rows = Invoice.objects.visible_to(self.request.actor).select_related("client", "account")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def client(self):
        """The draft's, else the one of the address."""
        return self.draft.client if self.draft else self.named_client()

    def get(self, request, pk=None):
        """For whom, then the lines."""
        if self.client is None:
            return self.choose_client(_("New invoice"), (_("Invoices"), LIST), _("For whom?"))
        if self.draft is None:
            return self.page(DraftForm(initial={"due_on": default_due_on()}), LineFormSet(prefix="lines"))
        if self.draft.state != Invoice.State.DRAFT:
            return redirect(self.draft)
        lines = [shown_line(line, self.draft.currency) for line in lines_of(self.draft)]
        form = DraftForm(initial={"due_on": self.draft.due_on, "notes": self.draft.notes})
        return self.page(form, LineFormSet(initial=lines, prefix="lines"), totals_of(self.client, lines, self.draft))

    def post(self, request, pk=None):
        """One of the verbs."""
        if self.client is None:
            raise Http404
        verb = request.POST.get("verb", "save")
        data = shifted(request.POST, verb)
        form, lines = DraftForm(data), LineFormSet(data, prefix="lines")
        if data is not request.POST or verb == "check":
            filled = lines.filled if lines.is_valid() else []
            return self.page(form, lines, totals_of(self.client, filled, self.draft) if filled else None)
        if not (form.is_valid() and lines.is_valid()):
            return self.page(form, lines, status=422)
        try:
            return self.go_on(self.save(form.cleaned_data, lines.filled), verb)
        except AppError as error:
            add_error(form, error)
            return self.page(form, lines, status=422)

    def save(self, values: dict, lines: list[dict]) -> Invoice:
        """As it stands in the form."""
        new_lines, actor = [NewLine(**line) for line in lines], self.request.actor
        if self.draft is None:
            return create_draft(open_account(self.client), new_lines, **values, actor=actor)
        if self.draft.state != Invoice.State.DRAFT:
            return self.draft
        return update_draft(self.draft, new_lines, **values, actor=actor)

    def go_on(self, draft: Invoice, verb: str):
        """To the PDF, to the document, or back to the editor. A second "issue" finds the document that stands."""
        if verb == "issue" and self.draft:
            issued = issue_draft(draft, actor=self.request.actor)
            messages.success(self.request, _("Invoice %(number)s is issued.") % {"number": issued})
            return redirect(issued)
        if verb == "preview" and self.draft:
            return redirect("billing_staff:invoice_pdf", pk=draft.pk)
        messages.success(self.request, _("Saved. Nothing is sent before you issue it."))
        return redirect("billing_staff:invoice_edit", pk=draft.pk)

    def page(self, form, lines, totals=None, status=200):
        """The editor."""
        title = str(self.draft) if self.draft else _("New invoice for %(name)s") % {"name": self.client.name}
        context = {
            "page_title": title,
            "crumbs": [(_("Invoices"), reverse(LIST)), (title, "")],
            "client": self.client,
            "currency": currency_of(self.client),
            "draft": self.draft,
            "state_words": self.draft.state_words if self.draft else ("draft", _("Not saved")),
            "form": form,
            "lines": lines,
            "totals": totals,
        }
        return render(self.request, "billing/staff/invoice/edit.html", context, status=status)


def shown_line(line: NewLine, currency: str) -> dict:
    """A line's values as people write them: 1.5 and 120.00, more digits only where they say something."""
    unit = round_amount(line.unit_amount, currency)
    return {
        "description": line.description,
        "quantity": Decimal(f"{line.quantity.normalize():f}"),
        "unit_amount": unit if unit == line.unit_amount else Decimal(f"{line.unit_amount.normalize():f}"),
        "tax_class": line.tax_class,
        "origin": line.origin,
    }


def currency_of(client) -> str:
    """The account's, or the one it would be opened with."""
    return _CURRENCY.first(client=client.pk) or client.currency


def totals_of(client, lines: list[dict], draft: Invoice | None = None) -> dict:
    """Net, tax groups and total as issuing would make them."""
    currency = currency_of(client)
    asked = taxing_of(draft) if draft else taxing(currency, client=client)
    amounts = [Amount(row["tax_class"], round_amount(row["unit_amount"] * row["quantity"], currency)) for row in lines]
    net, groups, tax = asked.sums(amounts)
    return {
        "net": net,
        "groups": [(group, Money(group.tax, currency)) for group in groups],
        "total": net + tax,
        "is_negative": (net + tax).amount < 0,
    }


class DraftVerb(StaffVerbView):
    """One act on an invoice that is, or becomes, a draft."""

    model = Invoice
    permission = CREATE
    select = ("account", "client")


class InvoiceIssue(DraftVerb):
    """Without opening the editor."""

    title = gettext_lazy("Issue this draft")
    explain = gettext_lazy("It gets its number, is mailed to the client and cannot be changed any more.")
    button = gettext_lazy("Issue the invoice")
    action = staticmethod(issue_draft)
    done = gettext_lazy("Issued.")


class InvoiceDuplicate(DraftVerb):
    """The same once more, as a draft."""

    title = gettext_lazy("Duplicate this invoice")
    explain = gettext_lazy("Makes a draft with the same lines. It belongs to no subscription: nothing is renewed by it.")
    button = gettext_lazy("Make the draft")
    done = gettext_lazy("A draft is made.")

    def action(self, invoice, *, actor):
        """Due as a new one."""
        return duplicate_invoice(invoice, actor=actor, due_on=default_due_on())

    def after_url(self, draft):
        """To its editor."""
        return reverse("billing_staff:invoice_edit", args=[draft.pk])


class InvoiceDelete(DraftVerb):
    """Throw a draft away."""

    title = gettext_lazy("Delete this draft")
    explain = gettext_lazy("It never had a number, so no gap is left.")
    button = gettext_lazy("Delete the draft")
    kind = "danger"
    action = staticmethod(delete_draft)
    success_url = LIST
    done = gettext_lazy("Deleted.")


class InvoiceSplit(DraftVerb):
    """Some lines become a draft of their own."""

    title = gettext_lazy("Split this draft")
    explain = gettext_lazy("The chosen lines move to a new draft. Lines of one service and period stay together.")
    button = gettext_lazy("Split it")
    form_class = SplitForm
    done = gettext_lazy("A draft with these lines is made.")

    def form_options(self):
        """Its own lines."""
        return {"invoice": self.obj}

    def action(self, invoice, *, lines, due_on, actor):
        """Move them."""
        return split_draft(invoice, lines=[line.pk for line in lines], due_on=due_on, actor=actor)


class InvoiceMerge(DraftVerb):
    """Several drafts become one."""

    title = gettext_lazy("Merge with other drafts")
    button = gettext_lazy("Merge them")
    form_class = MergeForm
    done = gettext_lazy("They are one draft now.")

    @property
    def explain(self):
        """What happens, or that there is nothing to choose."""
        if self.impossible:
            return _("This client has no other draft.")
        return _("The lines of the chosen drafts come onto this one, and those drafts are gone.")

    @property
    def impossible(self):
        """Whether there is nothing to merge with."""
        return not self.others().exists()

    def others(self):
        """Drafts of the same client."""
        rows = Invoice.objects.visible_to(self.request.actor).filter(account=self.obj.account, state="draft", corrects=None)
        return rows.exclude(pk=self.obj.pk).order_by("pk")

    def form_options(self):
        """Only those."""
        return {"drafts": self.others()}

    def action(self, invoice, *, drafts, actor):
        """Put them together."""
        return merge_drafts(invoice, drafts=list(drafts), actor=actor)
