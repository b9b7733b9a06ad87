"""The basket."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from billing.actions.cart import Belongs, add_line, remove_line, set_addons, set_line_cycle
from billing.actions.promotion import remove_code
from billing.models import CartLine, Product, Subscription
from billing.models.cycle import Cycle
from billing.options import CODE_FIELD, RENEWAL_DAYS_BEFORE
from billing.queries.pay_link import pay_token
from billing.queries.price import prices_of
from billing.queries.quote import quote
from billing.views.store import codes, visitor
from hostbill.core.errors import AppError

#: What was taken out last, until something else happens in the basket.
REMOVED_KEY = "removed_line"


class CartView(TemplateView):
    """Exact lines and totals, with the cycle of each line to change."""

    template_name = "billing/store/cart.html"

    def get(self, request, *args, **kwargs):
        codes.from_link(request)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        cart, order = visitor.cart_of(self.request), visitor.last_order(self.request)
        found = quote(cart, country=visitor.country_of(self.request)) if cart else None
        lines = [(line, self._cycles(line, cart.currency)) for line in found.lines] if found else []
        return super().get_context_data(
            cart=cart,
            lines=lines,
            quote=found,
            taxes=visitor.tax_rows(found),
            renewals=found.renewals if found else [],
            notice_days=RENEWAL_DAYS_BEFORE.value,
            asks_code=CODE_FIELD.value,
            removed=self.request.session.get(REMOVED_KEY),
            waiting=order,
            waiting_token=pay_token(order.invoice) if order else "",
            page_title=_("Your basket"),
            **kwargs,
        )

    def _cycles(self, line, currency) -> list:
        return [(key, Cycle(key).label) for key in prices_of(line.product, currency, self.request.client)]


class _LineView(View):
    """One line of the visitor's own basket; any other is not found."""

    http_method_names = ["post"]

    def line(self, pk) -> CartLine:
        """The line, or 404."""
        rows = CartLine.objects.select_related("cart", "product")
        return get_object_or_404(rows, pk=pk, cart=visitor.cart_of(self.request) or 0)


class CodeView(CartView):
    """Enter a code, or take one out. A refusal stands beside the field, with what was typed."""

    http_method_names = ["post"]

    def post(self, request):
        cart = visitor.cart_of(request)
        if cart is None:
            return redirect("store:cart")
        if "drop" in request.POST:
            remove_code(cart, text=request.POST["drop"][:40], actor=request.actor)
            return redirect("store:cart")
        text = request.POST.get("code", "").replace("\x00", "")
        why = codes.enter(request, cart, text, visitor.country_of(request))
        if not why:
            return redirect("store:cart")
        context = self.get_context_data(code_error=why, code_typed=text[: codes.MOST_SHOWN])
        return self.render_to_response(context, status=422)


class RemoveView(_LineView):
    """Take a line out, and remember it for those who did not mean it."""

    def post(self, request, pk):
        line = self.line(pk)
        gone = {"product": line.product_id, "name": f"{line.product.name} {line.label}".strip()}
        gone |= {"cycle": line.cycle, "quantity": line.quantity, "answers": line.answers, "options": line.options}
        gone |= {"parent": line.parent_id, "for": line.for_subscription_id}
        gone["addons"] = dict(line.addons.values_list("product_id", "cycle"))
        is_bundle = bool(line.bundle_key)  # it went as a whole: its own link brings it back
        remove_line(line, actor=request.actor)
        request.session.pop(REMOVED_KEY, None)
        if not is_bundle:
            request.session[REMOVED_KEY] = gone
        return redirect("store:cart")


class UndoView(View):
    """Put back what was taken out last."""

    http_method_names = ["post"]

    def post(self, request):
        gone = request.session.pop(REMOVED_KEY, None)
        product = Product.objects.filter(pk=gone["product"]).first() if gone else None
        if product is not None:
            try:
                with transaction.atomic():
                    self.put_back(visitor.make_cart(request), product, gone)
            except AppError as refusal:
                messages.error(request, refusal.message)
        return redirect("store:cart")


    def put_back(self, cart, product, gone: dict) -> None:
        """As it was, with its addons."""
        known = {name: gone.get(name) or {} for name in ("answers", "options")}
        mine = Subscription.objects.visible_to(self.request.actor)
        belongs = Belongs(
            line=cart.lines.filter(pk=gone.get("parent") or 0).first(),
            subscription=mine.filter(pk=gone.get("for") or 0).first(),
        )
        line = add_line(cart, product=product, cycle=gone["cycle"], quantity=gone["quantity"], belongs=belongs,
                        actor=self.request.actor, **known)  # fmt: skip
        set_addons(line, {int(pk): cycle for pk, cycle in gone.get("addons", {}).items()}, actor=self.request.actor)


class CycleView(_LineView):
    """Pay a line in another rhythm."""

    def post(self, request, pk):
        try:
            set_line_cycle(self.line(pk), cycle=request.POST.get("cycle", ""), actor=request.actor)
        except AppError as refusal:
            messages.error(request, refusal.message)
        return redirect("store:cart")
