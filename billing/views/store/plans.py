"""Choosing: the shop's home, the plans of one group side by side, and the page of one plan."""

from django.contrib.auth import get_user_model
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import Product
from billing.models.cycle import Cycle
from billing.queries import catalogue
from billing.views.store import codes, visitor
from billing.views.store.shop_page import ShopPage, absolute, organization, product_facts
from hostbill.core import store_texts
from hostbill.core.options import COMPANY_NAME, STORE_FACTS, STORE_INTRO, STORE_TAGLINE
from hostbill.core.templatetags.ui import country_name


def chosen_cycle(request, on_sale: list[str]) -> str:
    """``?cycle=`` if it is on sale, else the preferred one."""
    wanted = request.GET.get("cycle", "")
    return next((cycle for cycle in (wanted, *catalogue.PREFERRED, *on_sale) if cycle in on_sale), "")


class _Comparison(ShopPage):
    """Plans of one group side by side, with a cycle switch that works without script."""

    def comparison(self, shelf, pricing) -> dict:
        """The plans, and what they can be switched by."""
        on_sale = catalogue.cycles_on_sale(shelf, pricing.currency) if shelf else []
        cycle = chosen_cycle(self.request, on_sale)
        plans = catalogue.plans(shelf, pricing, cycle) if cycle else []
        return {
            "shelf": shelf,
            "cycles": [(key, Cycle(key).label) for key in on_sale],
            "cycle": cycle,
            "plans": plans,
            "country": country_name(pricing.country),
            "currency": pricing.currency,
            "currencies": visitor.choices_of_currency(self.request),
            "promises": store_texts.facts(STORE_FACTS.value),
        }


class HomeView(_Comparison):
    """What this house offers: its groups with their least prices, and the plans of the first."""

    template_name = "billing/store/home.html"

    def get(self, request, *args, **kwargs):
        if not catalogue.shelves() and not get_user_model().objects.filter(is_staff=True).exists():
            return redirect("setup")  # an empty installation: nothing to sell and nobody to sell it yet
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        visitor.choose_currency(self.request)
        codes.from_link(self.request)
        pricing = visitor.pricing_of(self.request)
        shelves = catalogue.offers(pricing)
        return super().get_context_data(
            shelves=shelves,
            tagline=STORE_TAGLINE.value,
            intro=STORE_INTRO.value,
            description=STORE_INTRO.value,
            page_title=STORE_TAGLINE.value,
            **self.comparison(shelves[0].group if shelves else None, pricing),
            **kwargs,
        )

    def facts(self, context):
        """Who we are, and what stands on the page."""
        site = {
            "@type": "WebSite",
            "name": COMPANY_NAME.value,
            "url": absolute("/"),
            "publisher": {"@id": absolute("/#house")},
        }
        return [organization(), site, *(product_facts(plan.product, [plan]) for plan in context["plans"])]


class GroupView(_Comparison):
    """One group."""

    template_name = "billing/store/group.html"

    def get_context_data(self, group, **kwargs):
        visitor.choose_currency(self.request)
        codes.from_link(self.request)
        shelf = next((entry for entry in catalogue.shelves() if entry.slug == group), None)
        if shelf is None:
            raise Http404
        return super().get_context_data(
            page_title=shelf.name,
            description=shelf.tagline or shelf.name,
            crumbs=[(_("Shop"), reverse("store:plans")), (shelf.name, "")],
            **self.comparison(shelf, visitor.pricing_of(self.request)),
            **kwargs,
        )

    def facts(self, context):
        """Each plan with its price."""
        return [organization(), *(product_facts(plan.product, [plan]) for plan in context["plans"])]


class ProductView(ShopPage):
    """One plan: what it holds, what it costs in every cycle, questions and answers."""

    template_name = "billing/store/product.html"

    def get(self, request, *args, **kwargs):
        shown = Product.objects.on_sale().alone().select_related("group").prefetch_related("prices")
        self.product = get_object_or_404(shown, slug=kwargs["slug"])
        if self.product.group.slug != kwargs["group"]:
            return redirect(self.product.get_store_url(), permanent=True)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        visitor.choose_currency(self.request)
        codes.from_link(self.request)
        pricing = visitor.pricing_of(self.request)
        plans = pricing.plans_of(self.product)
        cycle = chosen_cycle(self.request, [plan.price.cycle for plan in plans])
        shelf = self.product.group
        return super().get_context_data(
            product=self.product,
            plans=plans,
            plan=next((plan for plan in plans if plan.price.cycle == cycle), None),
            cycle=cycle,
            has_setup=any(plan.setup_gross.is_positive for plan in plans),
            has_tax=any(plan.gross != plan.net for plan in plans),
            others=[plan for plan in catalogue.plans(shelf, pricing, cycle) if plan.product != self.product][:4],
            questions=store_texts.questions(self.product.faq),
            country=country_name(pricing.country),
            currency=pricing.currency,
            currencies=visitor.choices_of_currency(self.request),
            page_title=self.product.name,
            description=self.product.tagline or self.product.description or self.product.name,
            crumbs=[
                (_("Shop"), reverse("store:plans")),
                (shelf.name, reverse("store:group", args=[shelf.slug])),
                (self.product.name, ""),
            ],
            **{key: value for key, value in kwargs.items() if key not in ("group", "slug")},
        )

    def facts(self, context):
        """The product with all its offers."""
        return [organization(), product_facts(self.product, context["plans"])] if context["plans"] else [organization()]
