"""The page on which a plan gets its domain and cycle: new into the basket, or a line of the basket changed."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from billing import kinds
from billing.actions.cart import add_line, update_line
from billing.models import CartLine, Product
from billing.views.store import codes, visitor
from billing.views.store.plans import chosen_cycle
from hostbill.core.errors import AppError


class _Choice(TemplateView):
    """The form of the product's kind and its cycles. Nothing of the price is taken from the browser."""

    template_name = "billing/store/configure.html"

    def read(self, product) -> None:
        """Prices of the product for this visitor; 404 when it is not sold to them at all."""
        self.product = product
        self.plans = visitor.pricing_of(self.request).plans_of(product)
        if not self.plans:
            raise Http404

    @property
    def on_sale(self) -> list[str]:
        """The cycles to choose from."""
        return [plan.price.cycle for plan in self.plans]

    def initial(self) -> dict:
        """Answers known already."""
        return {"domain": self.request.GET.get("domain", "").replace("\x00", "")[:253]}

    def form(self, data=None):
        """The order form of the kind, or None."""
        order_form = kinds.get(self.product.kind).order_form
        return order_form(data, initial=self.initial()) if order_form else None

    def get_context_data(self, form=None, cycle=None, error="", **kwargs):
        return super().get_context_data(
            product=self.product,
            plans=self.plans,
            cycle=cycle or self.chosen(),
            form=form or self.form(),
            error=error,
            page_title=self.product.name,
            **{key: value for key, value in kwargs.items() if key not in ("slug", "pk")},
        )

    def chosen(self) -> str:
        """The cycle that is marked at first."""
        return chosen_cycle(self.request, self.on_sale)

    def post(self, request, *args, **kwargs):
        form, cycle = self.form(request.POST), request.POST.get("cycle", "")
        error = "" if cycle in self.on_sale else _("Choose how often to pay.")
        if not error and (form is None or form.is_valid()):
            try:
                self.act(cycle, request.POST.dict())
                return redirect("store:cart")
            except AppError as refusal:
                error = self.explain(refusal, form)
        return self.render_to_response(self.get_context_data(form=form, cycle=cycle, error=error), status=422)

    def explain(self, refusal, form) -> str:
        """Beside its field where it has one; else the words for the top of the page."""
        if form is not None and refusal.field in form.fields:
            form.add_error(refusal.field, str(refusal.message))
            return ""
        return refusal.message


class ConfigureView(_Choice):
    """A plan on its way into the basket."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        shown = Product.objects.on_sale().select_related("group").prefetch_related("prices")
        self.read(get_object_or_404(shown, slug=kwargs["slug"]))

    def get(self, request, *args, **kwargs):
        codes.from_link(request)
        return super().get(request, *args, **kwargs)

    def act(self, cycle, answers) -> None:
        """Put it in."""
        cart = visitor.make_cart(self.request)
        add_line(cart, product=self.product, cycle=cycle, answers=answers, actor=self.request.actor)


class LineView(_Choice):
    """A line of the visitor's own basket with another domain or cycle."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        rows = CartLine.objects.select_related("product__group", "cart").prefetch_related("product__prices")
        self.row = get_object_or_404(rows, pk=kwargs["pk"], cart=visitor.cart_of(request) or 0)
        self.read(self.row.product)

    def initial(self):
        return dict(self.row.answers) | ({"domain": self.row.label} if "domain" in self.row.answers else {})

    def chosen(self):
        return self.row.cycle if self.row.cycle in self.on_sale else super().chosen()

    def get_context_data(self, **kwargs):
        return super().get_context_data(row=self.row, **kwargs)

    def act(self, cycle, answers) -> None:
        """Change it."""
        update_line(self.row, cycle=cycle, answers=answers, actor=self.request.actor)
