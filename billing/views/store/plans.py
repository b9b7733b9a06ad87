"""Choosing: the plan comparison and the page on which a plan gets its domain and cycle."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from billing import kinds
from billing.actions.cart import add_line
from billing.models import Product
from billing.models.cycle import Cycle
from billing.queries import catalogue
from billing.views.store import visitor
from hostbill.core.errors import AppError
from hostbill.core.options import STORE_INTRO, STORE_TAGLINE, TERMS_URL
from hostbill.core.templatetags.ui import country_name

#: The cycle shown first where it is on sale: most people pay by the year.
PREFERRED = (Cycle.ANNUAL, Cycle.MONTHLY)


def chosen_cycle(request, on_sale: list[str]) -> str:
    """``?cycle=`` if it is on sale, else the preferred one."""
    wanted = request.GET.get("cycle", "")
    return next((cycle for cycle in (wanted, *PREFERRED, *on_sale) if cycle in on_sale), "")


class PlansView(TemplateView):
    """Plans of one shelf side by side, with a cycle switch that works without script."""

    template_name = "billing/store/plans.html"

    def get(self, request, *args, **kwargs):
        if not catalogue.shelves() and not get_user_model().objects.filter(is_staff=True).exists():
            return redirect("setup")  # an empty installation: nothing to sell and nobody to sell it yet
        return super().get(request, *args, **kwargs)

    def get_context_data(self, group=None, **kwargs):
        visitor.choose_currency(self.request)
        shelves = catalogue.shelves()
        shelf = next((entry for entry in shelves if entry.slug == group), None) if group else next(iter(shelves), None)
        if group and shelf is None:
            raise Http404
        currency = visitor.currency_of(self.request)
        on_sale = catalogue.cycles_on_sale(shelf, currency) if shelf else []
        cycle = chosen_cycle(self.request, on_sale)
        country = visitor.country_of(self.request)
        plans = catalogue.plans(shelf, currency, cycle, country) if cycle else []
        return super().get_context_data(
            shelves=shelves,
            shelf=shelf,
            cycles=[(key, Cycle(key).label) for key in on_sale],
            cycle=cycle,
            plans=plans,
            country=country_name(country),
            currency=currency,
            tagline=STORE_TAGLINE.value,
            intro=STORE_INTRO.value,
            has_featured=any(plan.product.is_featured for plan in plans),
            page_title=shelf.name if group else STORE_TAGLINE.value,
            **kwargs,
        )


class ConfigureView(TemplateView):
    """One plan: its domain (or whatever its kind asks), its cycle, and into the basket."""

    template_name = "billing/store/configure.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.product = get_object_or_404(
            Product.objects.on_sale().select_related("group").prefetch_related("prices"), slug=kwargs["slug"]
        )
        self.currency = visitor.currency_of(request)
        self.on_sale = [c for c in Cycle.values if self.product.price_for(self.currency, c)]
        if not self.on_sale:
            raise Http404

    def get_context_data(self, form=None, cycle=None, error="", **kwargs):
        country = visitor.country_of(self.request)
        options = [catalogue.plan_of(self.product, self.currency, key, country) for key in self.on_sale]
        return super().get_context_data(
            product=self.product,
            options=options,
            cycle=cycle or chosen_cycle(self.request, self.on_sale),
            form=form or self._form(),
            error=error,
            page_title=self.product.name,
            **kwargs,
        )

    def _form(self, data=None):
        order_form = kinds.get(self.product.kind).order_form
        initial = {"domain": self.request.GET.get("domain", "")}
        return order_form(data, initial=initial) if order_form else None

    def post(self, request, *args, **kwargs):
        form = self._form(request.POST)
        cycle = request.POST.get("cycle", "")
        error = "" if cycle in self.on_sale else _("Choose how often to pay.")
        if not error and (form is None or form.is_valid()):
            try:
                add_line(
                    visitor.make_cart(request),
                    product=self.product,
                    cycle=cycle,
                    answers=request.POST.dict(),
                    actor=request.actor,
                )
                return redirect("store:cart")
            except AppError as refusal:
                if form is not None and refusal.field in form.fields:
                    form.add_error(refusal.field, str(refusal.message))
                else:
                    error = refusal.message
        if error:
            messages.error(request, error)
        return self.render_to_response(self.get_context_data(form=form, cycle=cycle, error=error), status=422)


class TermsView(TemplateView):
    """The terms of service as the seller wrote them: plain text, never a template."""

    template_name = "billing/store/terms.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(terms=TERMS_URL.value, page_title=_("Terms of service"), **kwargs)
