"""An order that staff place for a client: the same steps as in the shop, with what staff may settle otherwise."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from billing.actions.account import open_account
from billing.actions.cart import add_line, create_cart
from billing.actions.order import place_order
from billing.actions.order_terms import Terms
from billing.forms.order import OrderForm, ProductChoiceForm, answers_form
from billing.models import CartLine, Order
from billing.queries.quote import quote, quote_rows
from billing.views.staff.for_client import ForClient
from hostbill.core.access import StaffView
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.money import Money

CREATE, PRICE = "billing.order.create", "billing.order.price"
LIST = "billing_staff:order_list"


class OrderCreate(ForClient, StaffView, View):
    """Client, product, then the rest with its total."""

    permission = CREATE

    @cached_property
    def product(self):
        """The chosen one, if it is sold in the client's currency."""
        form = ProductChoiceForm(self.request.GET, currency=self.currency)
        return form.cleaned_data["product"] if form.is_valid() else None

    @cached_property
    def currency(self) -> str:
        """The client's."""
        account = getattr(self.client, "billing_account", None)
        return account.currency if account else self.client.currency

    def order_form(self, data=None):
        """The form for this product."""
        may_price = self.request.actor.may(PRICE)
        return OrderForm(data, product=self.product, currency=self.currency, may_price=may_price)

    def get(self, request):
        """The step that is next."""
        if self.client is None:
            return self.choose_client(_("New order"), (_("Orders"), LIST), _("For whom?"))
        if self.product is None:
            return self.page()
        return self.page(self.order_form(), answers_form(self.product))

    def post(self, request):
        """Work out, or place. The same form sent twice is one order."""
        if self.client is None or self.product is None:
            raise Http404
        form, answers = self.order_form(request.POST), answers_form(self.product, request.POST)
        check = request.POST.get("verb") == "check"
        if not all([form.is_valid(), answers is None or answers.is_valid() or check]):
            return self.page(form, answers, status=422)
        try:
            if check:
                return self.page(form, answers, self.preview(form))
            order = self.place(form, answers)
        except AppError as error:
            fits = answers and error.field in answers.fields
            add_error(answers if fits else form, error)
            return self.page(form, answers, status=422)
        messages.success(request, _("Order %(number)s is placed.") % {"number": order})
        return redirect(order)

    def preview(self, form):
        """What it would cost; nothing is stored."""
        data, own = form.cleaned_data, form.own_price(self.product)
        line = CartLine(product=self.product, cycle=data["cycle"], quantity=data["quantity"])
        country = str(self.client.country or "")
        return quote_rows(self.currency, [line], country=country, own_prices={None: own} if own else {})

    def place(self, form, answers) -> Order:
        """One order per form, however often it is sent."""
        data, key = form.cleaned_data, f"staff-{form.cleaned_data['key']}"
        standing = Order.objects.filter(idempotency_key=key, client=self.client).first()
        if standing:
            return standing
        cart, own = self._cart(form, answers)
        total = quote(cart, country=str(self.client.country or ""), own_prices=own).total.amount
        terms = Terms(
            own_prices=own,
            reason=data.get("reason", ""),
            begin_now=data["begin"] == "now",
            invoice=data.get("invoice", True),
            mail=data["mail"],
        )
        return place_order(
            cart, client=self.client, actor=self.request.actor, idempotency_key=key, expected_total=total, terms=terms
        )

    def _cart(self, form, answers) -> tuple:
        """The cart with its line, and the own price of the line."""
        data, own = form.cleaned_data, form.own_price(self.product)
        cart = create_cart(currency=open_account(self.client).currency, actor=self.request.actor)
        line = add_line(
            cart,
            product=self.product,
            cycle=data["cycle"],
            quantity=data["quantity"],
            answers=answers.cleaned_data if answers else {},
            actor=self.request.actor,
        )
        return cart, {line.pk: own} if own else {}

    def page(self, form=None, answers=None, total=None, status=200):
        """The product, then its form."""
        title = _("New order for %(name)s") % {"name": self.client.name}
        context = {
            "page_title": title,
            "crumbs": [(_("Orders"), reverse(LIST)), (_("New order"), "")],
            "client": self.client,
            "product": self.product,
            "choose": ProductChoiceForm(initial={"product": self.product}, currency=self.currency),
            "prices": self._prices(),
            "form": form,
            "answers": answers,
            "total": total,
            "taxes": [(group, Money(group.tax, total.currency)) for group in total.taxes] if total else [],
        }
        return render(self.request, "billing/staff/order/create.html", context, status=status)

    def _prices(self) -> list:
        return [p for p in self.product.prices.all() if p.currency == self.currency] if self.product else []
