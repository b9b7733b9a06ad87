"""An order that staff place for a client: the same steps as in the shop, with what staff may settle otherwise."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from billing.actions.order_terms import Terms
from billing.actions.staff_order import order_for_client
from billing.forms.invoice import shifted
from billing.forms.order import OrderForm, OrderLineFormSet, sold_in
from billing.models import CartLine, Order
from billing.queries.promotion import clean_code
from billing.queries.quote import quote_rows
from billing.views.staff.for_client import ForClient
from billing.views.staff.invoice_draft import currency_of
from hostbill.core.access import StaffView
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.money import Money

CREATE, PRICE = "billing.order.create", "billing.order.price"
LIST = "billing_staff:order_list"


class OrderCreate(ForClient, StaffView, View):
    """Client, then the lines with their total. `verb` of the form: more, up-2, down-2, remove-2 and check store nothing;
    place does."""

    permission = CREATE

    @cached_property
    def currency(self) -> str:
        """The client's."""
        return currency_of(self.client)

    def lines(self, data=None, initial=None, lenient=False):
        """The forms of the lines."""
        may_price = self.request.actor.may(PRICE)
        options = {"sold": self.sold, "currency": self.currency, "may_price": may_price, "lenient": lenient, "client": self.client}
        return OrderLineFormSet(data, initial=initial, prefix="lines", form_kwargs=options)

    @cached_property
    def sold(self) -> dict:
        """What can be ordered."""
        return sold_in(self.currency)

    def get(self, request):
        """For whom, then what; `?product=` fills the first line."""
        if self.client is None:
            return self.choose_client(_("New order"), (_("Orders"), LIST), _("For whom?"))
        product = request.GET.get("product")
        lines = self.lines(initial=[{"product": product}] if product in self.sold else None)
        if lines.initial:
            lines.extra = 0
        return self.page(OrderForm(actor=request.actor), lines)

    def post(self, request):
        """Work out, or place. The same form sent twice is one order."""
        if self.client is None:
            raise Http404
        verb = request.POST.get("verb", "place")
        data = shifted(request.POST, verb, {"quantity": "1"})
        typing = data is not request.POST or verb == "check"
        form, lines = OrderForm(data, actor=request.actor), self.lines(data, lenient=typing)
        if typing:
            total = self.preview(lines, form)
            for line in lines:
                line.hush()
            if verb == "more":
                lines.forms[-1].fields["product"].widget.attrs["autofocus"] = True
            return self.page(form, lines, total)
        if not all([form.is_valid(), *(line.is_whole() for line in lines)]):
            return self.page(form, lines, self.preview(lines, form), status=422)
        try:
            order = self.place(form, lines)
        except AppError as error:
            index = error.details.get("line")
            lines.forms[index].refuse(error) if index is not None else add_error(form, error)
            return self.page(form, lines, self.preview(lines, form), status=422)
        messages.success(request, _("Order %(number)s is placed.") % {"number": order})
        return redirect(order)

    def preview(self, lines, form):
        """What it would cost, as far as it is entered; nothing is stored. None before there is anything."""
        ordered = [line.ordered() for line in lines if line.is_valid()]
        rows = [CartLine(pk=-index, product=line.product, cycle=line.cycle, quantity=line.quantity, options=line.choices)
                for index, line in enumerate(ordered, 1)]  # fmt: skip
        own = {-index: line.own_price for index, line in enumerate(ordered, 1) if line.own_price}
        country = str(self.client.country or "")
        if not rows:
            return None
        form.is_valid()
        codes = [code for text in form.codes() if (code := clean_code(text))]
        return quote_rows(self.currency, rows, country=country, own_prices=own, client=self.client, granted=form.discount(), codes=codes)

    def place(self, form, lines) -> Order:
        """One order per form, however often it is sent."""
        data = form.cleaned_data
        terms = Terms(
            reason=data.get("reason", ""),
            begin_now=data.get("begin") == "now",
            invoice=data.get("invoice") or "issue",
            mail=data["mail"],
            discount=form.discount(),
            codes=form.codes(),
        )
        return order_for_client(
            self.client,
            [line.ordered() for line in lines],
            terms=terms,
            key=f"staff-{data['key']}",
            actor=self.request.actor,
        )

    def page(self, form, lines, total=None, status=200):
        """The editor."""
        context = {
            "page_title": _("New order for %(name)s") % {"name": self.client.name},
            "crumbs": [(_("Orders"), reverse(LIST)), (_("New order"), "")],
            "client": self.client,
            "currency": self.currency,
            "nothing_sold": not self.sold,
            "form": form,
            "lines": lines,
            "total": total,
            "taxes": [(group, Money(group.tax, total.currency)) for group in total.taxes] if total else [],
        }
        return render(self.request, "billing/staff/order/create.html", context, status=status)
