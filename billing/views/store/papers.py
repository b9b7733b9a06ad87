"""Terms, imprint, privacy and help, as the seller wrote them."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from billing.models import Product, ProductGroup
from billing.queries.shop_pages import ALWAYS, PAPERS
from billing.views.store.shop_page import ShopPage, absolute
from hostbill.core import store_texts
from hostbill.core.brand import brand
from hostbill.core.wording import to_html

TITLES = {
    "imprint": _("Imprint"),
    "terms": _("Terms of service"),
    "privacy": _("Privacy"),
    "help": _("Help"),
}


class PaperView(ShopPage):
    """Markdown, never a template; a page elsewhere is redirected to."""

    template_name = "billing/store/paper.html"
    paper = ""

    def get(self, request, *args, **kwargs):
        self.text = PAPERS[self.paper][0].value.strip()
        if elsewhere := store_texts.elsewhere(self.text):
            return redirect(elsewhere)
        if not self.text and self.paper == "privacy":
            raise Http404
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        title = TITLES[self.paper]
        return super().get_context_data(
            paper=self.paper,
            text=mark_safe(to_html(self.text)) if self.text else "",
            house=brand(),
            page_title=title,
            description=f"{title}, {brand().name}",
            **kwargs,
        )


@require_GET
@cache_control(max_age=3600, public=True)
def robots(request):
    """What programs may read: the shop."""
    closed = "".join(
        f"Disallow: {path}\n" for path in ("/account/", "/staff/", "/auth/", "/cart/", "/checkout/", "/pay/")
    )
    text = f"User-agent: *\n{closed}Sitemap: {absolute(reverse('store:sitemap'))}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_GET
@cache_control(max_age=3600, public=True)
def sitemap(request):
    """Every public page of ours, with the day it last changed where it is known."""
    products = Product.objects.on_sale().alone().select_related("group")
    groups = ProductGroup.objects.filter(is_hidden=False, products__in=products).distinct()
    pages = [(absolute(reverse("store:plans")), None)]
    pages += [(absolute(reverse("store:group", args=[group.slug])), group.updated_at) for group in groups]
    pages += [(absolute(product.get_store_url()), product.updated_at) for product in products]
    own = [paper for paper, (option, _label) in PAPERS.items() if _is_ours(paper, option.value.strip())]
    pages += [(absolute(reverse(f"store:{paper}")), None) for paper in own]
    return render(request, "billing/store/sitemap.xml", {"pages": pages}, content_type="application/xml")


def _is_ours(paper: str, text: str) -> bool:
    return not store_texts.elsewhere(text) if text else paper in ALWAYS
