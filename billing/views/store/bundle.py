"""The page behind the one link of a bundle."""

from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from billing import kinds
from billing.actions.bundle import add_bundle
from billing.models import Bundle, CartLine
from billing.queries.chosen import WITH_PRODUCT_OPTIONS, clean_choices
from billing.queries.quote import quote_rows
from billing.views.store import visitor
from hostbill.core.errors import AppError


class BundleView(TemplateView):
    """The one link of a bundle: what is in it, what it costs together, and the answers that its products ask."""

    template_name = "billing/store/bundle.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.bundle = get_object_or_404(Bundle.objects.on_sale(), slug=kwargs["slug"])
        rows = self.bundle.items.select_related("product__group", "bundle")
        self.items = list(rows.prefetch_related("prices", "product__prices", WITH_PRODUCT_OPTIONS, "product__parents"))

    def forms(self, data=None) -> dict:
        """{item id: the form of its product's kind} for those that ask something."""
        found = {}
        for item in self.items:
            order_form = kinds.get(item.product.kind).order_form
            if order_form is not None:
                found[item.pk] = order_form(data, prefix=f"item-{item.pk}")
        return found

    def get_context_data(self, forms=None, error="", **kwargs):
        found = self.preview()
        return super().get_context_data(
            bundle=self.bundle,
            forms=[(item, (forms or self.forms()).get(item.pk)) for item in self.items],
            quote=found,
            taxes=visitor.tax_rows(found),
            error=error,
            page_title=self.bundle.name,
            **{key: value for key, value in kwargs.items() if key != "slug"},
        )

    def preview(self):
        """What it comes to; nothing is stored."""
        rows, lines = [], {}
        for number, item in enumerate(self.items, 1):
            parents = {parent.pk for parent in item.product.parents.all()}
            above = next((pk for pk, product in lines.items() if product in parents), None)
            common = {"product": item.product, "cycle": item.cycle, "quantity": item.quantity, "options": self.options_of(item)}
            rows.append(CartLine(pk=-number, bundle_item=item, parent_id=above, **common))
            lines[-number] = item.product_id
        return quote_rows(
            visitor.currency_of(self.request), rows, country=visitor.country_of(self.request), client=self.request.client
        )

    def options_of(self, item) -> dict:
        """What it fixes, and what is chosen at first of the rest: as the basket will have it."""
        try:
            return clean_choices(item.product, visitor.currency_of(self.request), item.cycle, item.options, defaults=True)
        except AppError:
            return item.options

    def post(self, request, *args, **kwargs):
        forms = self.forms(request.POST)
        if not all(form.is_valid() for form in forms.values()):
            return self.render_to_response(self.get_context_data(forms=forms), status=422)
        answers = {pk: form.cleaned_data for pk, form in forms.items()}
        try:
            with transaction.atomic():
                add_bundle(visitor.make_cart(request), self.bundle, answers=answers, actor=request.actor)
        except AppError as refusal:
            form = forms.get(refusal.details["item"].pk) if "item" in refusal.details else None
            if form is not None and refusal.field in form.fields:
                form.add_error(refusal.field, str(refusal.message))
                return self.render_to_response(self.get_context_data(forms=forms), status=422)
            return self.render_to_response(self.get_context_data(forms=forms, error=refusal.message), status=422)
        return redirect("store:cart")
