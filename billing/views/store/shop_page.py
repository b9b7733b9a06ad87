"""What search engines and other sites are told of a public page of the shop."""

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator
from django.views.generic import TemplateView

from hostbill.core.options import COMPANY_EMAIL, COMPANY_NAME, COMPANY_PHONE
from hostbill.core.ui.structured import ld_json

LONGEST_DESCRIPTION = 160


def absolute(path: str) -> str:
    """On the address people type, whatever host the request named."""
    return settings.SITE_URL + path


class ShopPage(TemplateView):
    """A page to be found: it gets a canonical address, a description and facts. All other pages say `noindex`."""

    def canonical(self) -> str:
        """The page's one address, without questions."""
        return self.request.path

    def facts(self, context) -> list[dict]:
        """Objects of schema.org beside the breadcrumbs."""
        return []

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        facts = [*self.facts(context), *breadcrumbs(context.get("crumbs"))]
        context["canonical"] = absolute(self.canonical())
        context["description"] = Truncator(" ".join(str(context.get("description", "")).split())).chars(
            LONGEST_DESCRIPTION
        )
        context["structured"] = ld_json(*facts) if facts else ""
        context["site_url"] = settings.SITE_URL
        return context


def organization() -> dict:
    """The house."""
    found = {"@type": "Organization", "@id": absolute("/#house"), "name": COMPANY_NAME.value, "url": absolute("/")}
    if COMPANY_EMAIL.value:
        found["email"] = COMPANY_EMAIL.value
    if COMPANY_PHONE.value:
        found["telephone"] = COMPANY_PHONE.value
    return found


def breadcrumbs(crumbs) -> list[dict]:
    """The way to the page, when it has one."""
    items = [
        {"@type": "ListItem", "position": place, "name": str(label), **({"item": absolute(url)} if url else {})}
        for place, (label, url) in enumerate(crumbs or (), 1)
    ]
    return [{"@type": "BreadcrumbList", "itemListElement": items}] if items else []


def product_facts(product, plans) -> dict:
    """A product with an offer for each cycle; prices with tax, as visitors see them."""
    url = absolute(product.get_store_url())
    return {
        "@type": "Product",
        "name": product.name,
        "description": product.tagline or product.description or product.name,
        "category": product.group.name,
        "url": url,
        "brand": {"@type": "Brand", "name": COMPANY_NAME.value},
        "offers": [offer(plan, url) for plan in plans],
    }


def offer(plan, url: str) -> dict:
    """One price."""
    stock = "OutOfStock" if plan.product.is_sold_out else "InStock"
    price = {
        "@type": "UnitPriceSpecification",
        "price": str(plan.gross.amount),
        "priceCurrency": plan.gross.currency,
        "valueAddedTaxIncluded": True,
    }
    if plan.price.months:
        price |= {"billingDuration": plan.price.months, "unitCode": "MON"}
    return {
        "@type": "Offer",
        "url": f"{url}?cycle={plan.price.cycle}",
        "price": str(plan.gross.amount),
        "priceCurrency": plan.gross.currency,
        "availability": f"https://schema.org/{stock}",
        "seller": {"@id": absolute("/#house")},
        "priceSpecification": price,
    }


def home() -> str:
    """The shop's own first page."""
    return reverse("store:plans")
