"""The basket."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from billing.actions.cart import remove_line, set_line_cycle
from billing.models import CartLine
from billing.models.cycle import Cycle
from billing.queries.quote import quote
from billing.views.store import visitor
from hostbill.core.errors import AppError


class CartView(TemplateView):
    """Exact lines and totals, with the cycle of each line to change."""

    template_name = "billing/store/cart.html"

    def get_context_data(self, **kwargs):
        cart = visitor.cart_of(self.request)
        found = quote(cart, country=visitor.country_of(self.request)) if cart else None
        lines = [(line, self._cycles(line, cart.currency)) for line in found.lines] if found else []
        return super().get_context_data(
            cart=cart, lines=lines, quote=found, taxes=visitor.tax_rows(found), page_title=_("Your basket"), **kwargs
        )

    def _cycles(self, line, currency) -> list:
        sold = {price.cycle for price in line.product.prices.all() if price.currency == currency}
        return [(key, Cycle(key).label) for key in Cycle.values if key in sold]


class _LineView(View):
    """One line of the visitor's own basket; any other is not found."""

    http_method_names = ["post"]

    def line(self, pk) -> CartLine:
        """The line, or 404."""
        return get_object_or_404(CartLine, pk=pk, cart=visitor.cart_of(self.request) or 0)


class RemoveView(_LineView):
    """Take a line out."""

    def post(self, request, pk):
        remove_line(self.line(pk), actor=request.actor)
        messages.success(request, _("Taken out of your basket."))
        return redirect("store:cart")


class CycleView(_LineView):
    """Pay a line in another rhythm."""

    def post(self, request, pk):
        try:
            set_line_cycle(self.line(pk), cycle=request.POST.get("cycle", ""), actor=request.actor)
        except AppError as refusal:
            messages.error(request, refusal.message)
        return redirect("store:cart")
