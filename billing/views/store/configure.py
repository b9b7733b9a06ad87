"""The page on which a plan gets its domain, cycle, options and addons: new into the basket, or a line of it changed.

`verb=check` asks for the page with what was typed and its price, and stores nothing: the page follows what is chosen."""

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from billing import kinds
from billing.actions.cart import add_line, set_addons, update_line
from billing.forms.chosen import AddonsForm, OptionsForm
from billing.models import CartLine, Product
from billing.queries.chosen import WITH_OPTIONS, WITH_PRODUCT_OPTIONS
from billing.queries.quote import quote_rows
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

    def form(self, data=None, typed=None):
        """The order form of the kind, or None. `typed`: still being filled in, so nothing is complained about."""
        order_form = kinds.get(self.product.kind).order_form
        return order_form(data, initial=typed or self.initial()) if order_form else None

    def get_context_data(self, form=None, cycle=None, error="", parts=None, **kwargs):
        cycle = cycle or self.chosen()
        options, addons = parts or self.parts(cycle)
        found = self.preview(cycle, options, addons)
        return super().get_context_data(
            product=self.product,
            plans=self.plans,
            cycle=cycle,
            form=form or self.form(),
            options=options,
            addons=addons,
            quote=found,
            taxes=visitor.tax_rows(found),
            quantity=self.quantity(),
            error=error,
            page_title=self.product.name,
            **{key: value for key, value in kwargs.items() if key not in ("slug", "pk")},
        )

    def parts(self, cycle: str, data=None) -> tuple[OptionsForm, AddonsForm]:
        """What can be added to it in this cycle."""
        pricing = visitor.pricing_of(self.request)
        common = {"currency": pricing.currency, "cycle": cycle, "pricing": pricing}
        addons = self.product.addons.filter(is_hidden=False, is_retired=False).prefetch_related("prices")
        return (
            OptionsForm(data, product=self.product, chosen=self.options_now(), **common),
            AddonsForm(data, addons=addons.order_by("sort", "name"), chosen=self.addons_now(), **common),
        )

    def options_now(self) -> dict | None:
        """What is chosen already; None before anything is."""
        return None

    def addons_now(self) -> dict:
        """{product id: cycle} of what is in the basket with it."""
        return {}

    def quantity(self) -> int:
        """How many, as far as it makes sense."""
        typed = self.request.POST.get("quantity", "")
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else self.quantity_now()
        return min(max(number, 1), self.product.max_quantity)

    def quantity_now(self) -> int:
        """What is chosen already."""
        return 1

    def preview(self, cycle: str, options: OptionsForm, addons: AddonsForm):
        """What it comes to; nothing is stored."""
        taken = addons.chosen() if addons.is_bound else self.addons_now()
        rows = [CartLine(pk=-1, product=self.product, cycle=cycle, quantity=self.quantity(), options=options.choices)]
        for number, (pk, chosen) in enumerate(taken.items(), 2):
            if pk in addons.addons:
                rows.append(CartLine(pk=-number, product=addons.addons[pk], cycle=chosen, parent_id=-1))
        return quote_rows(
            visitor.currency_of(self.request), rows, country=visitor.country_of(self.request), client=self.request.client
        )

    def chosen(self) -> str:
        """The cycle that is marked at first."""
        return chosen_cycle(self.request, self.on_sale)

    def post(self, request, *args, **kwargs):
        form, cycle = self.form(request.POST), request.POST.get("cycle", "")
        error = "" if cycle in self.on_sale else _("Choose how often to pay.")
        parts = self.parts(cycle if not error else self.chosen(), request.POST)
        if request.POST.get("verb") == "check":
            typed = self.form(typed=request.POST.dict())
            return self.render_to_response(self.get_context_data(form=typed, cycle=cycle if not error else None, parts=parts))
        if not error and (form is None or form.is_valid()):
            try:
                with transaction.atomic():
                    self.act(cycle, request.POST.dict(), parts)
                return redirect("store:cart")
            except AppError as refusal:
                error = self.explain(refusal, form, parts[0])
        return self.render_to_response(self.get_context_data(form=form, cycle=cycle, error=error, parts=parts), status=422)

    def explain(self, refusal, form, options) -> str:
        """Beside its field where it has one; else the words for the top of the page."""
        if refusal.code == "invalid_options":
            options.refuse(refusal)
            return ""
        if form is not None and refusal.field in form.fields:
            form.add_error(refusal.field, str(refusal.message))
            return ""
        return refusal.message


class ConfigureView(_Choice):
    """A plan on its way into the basket."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        shown = Product.objects.on_sale().alone().select_related("group").prefetch_related("prices", WITH_OPTIONS)
        self.read(get_object_or_404(shown, slug=kwargs["slug"]))

    def get(self, request, *args, **kwargs):
        codes.from_link(request)
        return super().get(request, *args, **kwargs)

    def act(self, cycle, answers, parts) -> None:
        """Put it in."""
        options, addons = parts
        line = add_line(
            visitor.make_cart(self.request),
            product=self.product,
            cycle=cycle,
            quantity=self.quantity(),
            answers=answers,
            options=options.raw(),
            actor=self.request.actor,
        )
        set_addons(line, addons.chosen(), actor=self.request.actor)


class LineView(_Choice):
    """A line of the visitor's own basket with another domain or cycle."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        rows = CartLine.objects.select_related("product__group", "cart")
        rows = rows.prefetch_related("product__prices", WITH_PRODUCT_OPTIONS, "addons")
        self.row = get_object_or_404(rows, pk=kwargs["pk"], cart=visitor.cart_of(request) or 0)
        self.read(self.row.product)

    def initial(self):
        return dict(self.row.answers) | ({"domain": self.row.label} if "domain" in self.row.answers else {})

    def chosen(self):
        return self.row.cycle if self.row.cycle in self.on_sale else super().chosen()

    def get_context_data(self, **kwargs):
        return super().get_context_data(row=self.row, **kwargs)

    def options_now(self):
        return self.row.options

    def addons_now(self):
        return {addon.product_id: addon.cycle for addon in self.row.addons.all()}

    def quantity_now(self):
        return self.row.quantity

    def act(self, cycle, answers, parts) -> None:
        """Change it."""
        options, addons = parts
        line = update_line(
            self.row,
            cycle=cycle,
            quantity=self.quantity(),
            answers=None if self.row.parent_id or self.row.for_subscription_id else answers,
            options=options.raw(),
            actor=self.request.actor,
        )
        set_addons(line, addons.chosen(), actor=self.request.actor)
