"""The editor of quotes: whom it is for, lines with live totals, terms. Every button also works without script."""

from decimal import Decimal

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from billing.actions.quote import (
    built_lines,
    create_quote,
    default_valid_until,
    deliver_quote,
    offered_lines,
    update_quote,
)
from billing.forms.invoice import shifted
from billing.forms.quote import ProspectForm, QuoteForm, QuoteLineFormSet, products_in, sold_with_tax
from billing.models import Price, Quote
from billing.queries.quote_sums import addressee_of, sum_up
from billing.views.staff.for_client import ForClient
from billing.views.staff.invoice_draft import currency_of
from hostbill.core.access import StaffView
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.money import Money, round_amount
from hostbill.core.options import COMPANY_CURRENCY

EDIT, LIST = "billing.quote.edit", "billing_staff:quote_list"
FRESH = {"quantity": "1", "tax_class": "standard"}


def currencies() -> list[str]:
    """What may be chosen for somebody who is no client: the house's first, then those that something is sold in."""
    sold = Price.objects.order_by().values_list("currency", flat=True).distinct()
    return list(dict.fromkeys([COMPANY_CURRENCY.value, *sorted(sold)]))


class QuoteEditor(ForClient, StaffView, View):
    """`verb` of the form: more, up-2, down-2, remove-2 and check change nothing stored; save, preview and deliver do."""

    permission = EDIT

    @cached_property
    def draft(self):
        """The draft of the address; None while it is not saved."""
        if "pk" not in self.kwargs:
            return None
        found = Quote.objects.visible_to(self.request.actor).select_related("client").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def client(self):
        """The draft's, else the one of the address."""
        return self.draft.client if self.draft else self.named_client()

    @property
    def is_for_prospect(self) -> bool:
        """Somebody who is no client yet."""
        return self.client is None and (self.draft is not None or "prospect" in self.request.GET)

    @cached_property
    def currency(self) -> str:
        """The client's, else what is chosen."""
        if self.client:
            return currency_of(self.client)
        asked = self.request.POST.get("currency") or (self.draft.currency if self.draft else COMPANY_CURRENCY.value)
        return asked if asked in currencies() else COMPANY_CURRENCY.value

    def get(self, request, pk=None):
        """For whom, then the lines."""
        if self.client is None and not self.is_for_prospect:
            other = (_("For somebody who is no client yet"), "?prospect=1")
            return self.choose_client(_("New quote"), (_("Quotes"), LIST), _("For whom?"), other)
        if self.draft is None:
            usual = {"valid_until": default_valid_until(), "includes_tax": self.includes_tax}
            return self.page(QuoteForm(initial=usual), self.lines(), self.prospect())
        if self.draft.state != Quote.State.DRAFT:
            return redirect(self.draft)
        shown = [shown_line(line, self.currency) for line in offered_lines(self.draft)]
        return self.page(QuoteForm(instance=self.draft), self.lines(initial=shown), self.prospect(), self.draft)

    def lines(self, data=None, initial=None):
        """The forms of the lines."""
        options = {"sold": self.sold, "currency": self.currency, "includes_tax": self.includes_tax}
        return QuoteLineFormSet(data, initial=initial, prefix="lines", form_kwargs=options)

    @cached_property
    def includes_tax(self) -> bool:
        """As it is ticked; of a new one as prices are written for whom it is."""
        if self.request.method == "POST":
            return bool(self.request.POST.get("includes_tax"))
        return self.draft.includes_tax if self.draft else sold_with_tax(self.currency, self.client)

    @cached_property
    def sold(self) -> dict:
        """What can be quoted."""
        return products_in(self.currency, self.client, includes_tax=self.includes_tax)

    def prospect(self, data=None):
        """The address, for those who are no clients."""
        if not self.is_for_prospect:
            return None
        return ProspectForm(data, instance=self.draft or Quote(), currencies=currencies())

    def post(self, request, pk=None):
        """One of the verbs."""
        if self.client is None and not self.is_for_prospect:
            raise Http404
        verb = request.POST.get("verb", "save")
        data = shifted(request.POST, verb, FRESH)
        lines, prospect = self.lines(data), self.prospect(data)
        form = QuoteForm(data)
        if data is not request.POST or verb == "check":
            return self.page(form, lines, prospect, self.worked_out(lines, prospect))
        if not all([form.is_valid(), lines.is_valid(), prospect is None or prospect.is_valid()]):
            return self.page(form, lines, prospect, status=422)
        try:
            return self.go_on(self.save(form, lines, prospect), verb)
        except AppError as error:
            index = error.details.get("line")
            lines.filled[index].refuse(error) if index is not None else add_error(form, error)
            return self.page(form, lines, prospect, status=422)

    def save(self, form, lines, prospect) -> Quote:
        """As it stands in the form."""
        offered, actor = [line.offered() for line in lines.filled], self.request.actor
        values = form.cleaned_data | (prospect.cleaned_data if prospect else {})
        if self.draft is None:
            return create_quote(offered, client=self.client, actor=actor, **{"currency": self.currency} | values)
        if self.draft.state != Quote.State.DRAFT:
            return self.draft
        return update_quote(Quote.objects.get(pk=self.draft.pk), offered, actor=actor, **values)

    def go_on(self, draft: Quote, verb: str):
        """To the PDF, out of the house, or back to the editor."""
        if verb == "deliver" and self.draft:
            delivered = deliver_quote(draft, actor=self.request.actor)
            messages.success(self.request, _("Quote %(number)s is delivered.") % {"number": delivered})
            return redirect(delivered)
        if verb == "preview" and self.draft:
            return redirect("billing_staff:quote_pdf", pk=draft.pk)
        messages.success(self.request, _("Saved. Nothing is sent before you deliver it."))
        return redirect("billing_staff:quote_edit", pk=draft.pk)

    def worked_out(self, lines, prospect) -> Quote | None:
        """What it comes to as far as it is entered; nothing is stored."""
        filled = lines.filled if lines.is_valid() else []
        try:
            rows = built_lines([line.offered() for line in filled], self.currency, self.client)
        except AppError:
            return None
        if not rows:
            return None
        found = Quote(client=self.client, currency=self.currency, language="en")
        if prospect is not None:
            prospect.is_valid()
            found.country = prospect.cleaned_data.get("country", "")
            found.region, found.postcode = prospect.cleaned_data.get("region", ""), prospect.cleaned_data.get("postcode", "")
        sums = sum_up(rows, self.currency, addressee_of(found), includes_tax=self.includes_tax)
        found.net, found.tax, found.total, found.taxes = sums.net, sums.tax, sums.total, sums.as_json()
        return found

    def page(self, form, lines, prospect, sums=None, status=200):
        """The editor. `sums` is a quote that knows what it comes to."""
        name = self.client.name if self.client else _("somebody new")
        title = str(self.draft) if self.draft else _("New quote for %(name)s") % {"name": name}
        context = {
            "page_title": title,
            "crumbs": [(_("Quotes"), reverse(LIST)), (title, "")],
            "client": self.client,
            "currency": self.currency,
            "includes_tax": self.includes_tax,
            "draft": self.draft,
            "state_words": self.draft.state_words if self.draft else ("draft", _("Not saved")),
            "form": form,
            "lines": lines,
            "prospect": prospect,
            "sums": sums,
            "taxes": [(row["name"], row["percent"], Money(Decimal(row["tax"]), self.currency)) for row in sums.taxes] if sums else [],
            "is_negative": bool(sums and sums.total_amount < 0),
        }
        return render(self.request, "billing/staff/quote/edit.html", context, status=status)


def shown_line(line, currency: str) -> dict:
    """A line's values as people write them: 1.5 and 120.00, more digits only where they say something."""
    unit = round_amount(line.unit_amount, currency)
    return {
        "product": f"{line.product.pk}:{line.cycle}" if line.product else "",
        "description": line.description,
        "quantity": Decimal(f"{line.quantity.normalize():f}"),
        "unit_amount": unit if unit == line.unit_amount else Decimal(f"{line.unit_amount.normalize():f}"),
        "setup_amount": line.setup_amount if line.product else None,
        "discount_percent": Decimal(f"{line.discount_percent.normalize():f}") if line.discount_percent else None,
        "tax_class": line.tax_class,
    }
