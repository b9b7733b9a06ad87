"""The shop: what visitors see, what they can forge, and what survives."""

import json
import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from billing.actions.product import set_prices
from billing.models import Cart, CartLine, Order, Price, Product, ProductGroup, TaxRate
from billing.options import OSS
from billing.queries.catalogue import Pricing, offers
from hostbill.core import options
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_product, make_tax_rate
from tests.factories import PASSWORD, ClientFactory, UserFactory
from tests.security.conftest import browser
from tests.security.test_input import PERSON
from tests.security.test_races import bank, checkout_form, fill_cart

pytestmark = pytest.mark.django_db
PRIVATE = ("/cart/", "/auth/login/")


@pytest.fixture
def plesk():
    """A second shelf."""
    return ProductGroup.objects.create(slug="plesk", name="Plesk hosting", tagline="For studios", sort=5)


def page(browser, path, /, **data) -> str:
    """The page's HTML."""
    answer = browser.get(path, data)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def facts(html) -> list[dict]:
    """What search engines are told."""
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html).group(1)
    return json.loads(block)["@graph"]


# What is on sale.


def test_every_group_is_in_the_menu_and_on_the_first_page_with_its_least_price(client, plesk):
    make_tax_rate("19")
    make_product(name="Small"), make_product(name="Big", prices={"monthly": ("30.00", "0")})
    studio = make_product(name="Studio", prices={"monthly": ("9.00", "0")})
    Product.objects.filter(pk=studio.pk).update(group=plesk)
    html = page(client, "/")
    assert html.count('href="/plans/plesk/"') >= 2  # menu and card
    assert "€10.71" in html and "€11.90" in html  # from-prices with tax
    assert page(client, "/plans/plesk/").count("Choose Studio") == 1


def test_a_plan_has_its_own_page_with_every_price_before_and_after_tax(client):
    make_tax_rate("19")
    faq = "May I move?\nYes, at any time.\n\nHow fast?\nA minute."
    product = make_product(name="Grow", features=["10 sites"], faq=faq)
    html = page(client, product.get_store_url())
    for words in ("10 sites", "€11.90", "€10.00", "€119.00", "€59.50", "May I move?", "Yes, at any time."):
        assert words in html, words
    assert "Price with tax" in html and "Before tax" in html
    TaxRate.objects.all().delete()
    html = page(client, product.get_store_url())
    assert "€10.00" in html and "Price with tax" not in html and "Before tax" not in html  # where there is none, one price is enough
    moved = client.get(f"/plans/elsewhere/{product.slug}/")
    assert moved.status_code == 301 and moved.url == product.get_store_url()


def test_a_plan_that_is_not_sold_in_the_cycle_stands_there_in_its_own(client):
    make_product(name="Yearly"), make_product(name="Only monthly", prices={"monthly": ("3.00", "0")})
    make_product(name="Paid once", prices={"one_time": ("50.00", "0")})
    html = page(client, "/plans/plans/", cycle="annual")
    assert "Choose Only monthly" in html and "Choose Paid once" in html and "Paid once, never renewed" in html


def test_free_hidden_sold_out_and_nothing(client):
    UserFactory(is_staff=True)
    assert "Nothing is on sale yet" in page(client, "/")
    free = make_product(name="Gift", prices={"monthly": ("0", "0")})
    hidden, gone = make_product(name="Hidden", is_hidden=True), make_product(name="Scarce", stock=0)
    html = page(client, "/")
    assert "Free" in html and "Hidden" not in html and "Sold out at the moment" in html
    assert "Renews" not in page(client, free.get_store_url())
    assert f'href="{reverse("store:configure", args=[gone.slug])}' not in html
    assert client.get(hidden.get_store_url()).status_code == 404


def test_twelve_plans_cost_as_many_queries_as_one(client, django_assert_max_num_queries):
    make_tax_rate()
    counts = []
    for wanted in (1, 12):
        while Product.objects.count() < wanted:
            make_product()
        client.get("/")
        with django_assert_max_num_queries(20) as found:
            client.get("/")
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_a_visitor_chooses_the_currency_and_the_basket_follows(client):
    product = make_product()
    Price.objects.create(product=product, currency="USD", cycle="monthly", amount=Decimal(12))
    fill_cart(client, product)
    assert "$12.00" in page(client, product.get_store_url(), currency="USD", cycle="monthly")
    assert "$12.00" in page(client, "/cart/")
    for forged in ("XXX", "usd'--", "BDT", "\x00"):
        page(client, "/", currency=forged)
    assert Cart.objects.get().currency == "USD"


def test_least_prices_compare_months(plesk):
    make_product(prices={"annual": ("100.00", "0")}), make_product(prices={"monthly": ("9.00", "0")})
    (shelf,) = offers(Pricing("EUR", "DE"))
    assert shelf.least.price.cycle == "annual"  # 8.33 a month


# The basket.


def test_what_was_taken_out_comes_back(client):
    fill_cart(client, make_product(name="Grow"))
    line = CartLine.objects.get()
    client.post(f"/cart/{line.pk}/remove/")
    assert "Grow is out of your basket" in page(client, "/cart/")
    client.post("/cart/undo/")
    assert CartLine.objects.get().cycle == "monthly"
    client.post("/cart/undo/")  # pressed twice
    assert CartLine.objects.count() == 1
    assert "out of your basket" not in page(client, "/cart/")


def test_a_line_gets_another_cycle_on_its_own_page(client):
    fill_cart(client, make_product())
    line = CartLine.objects.get()
    assert client.post(f"/cart/{line.pk}/", {"cycle": "annual"}).status_code == 302
    assert CartLine.objects.get().cycle == "annual"
    assert client.post(f"/cart/{line.pk}/", {"cycle": "weekly"}).status_code == 422
    assert Client().get(f"/cart/{line.pk}/").status_code == 404


def test_the_basket_survives_sign_in_and_is_there_at_the_next_one(client):
    user = UserFactory()
    account = ClientFactory(user=user, currency="EUR")
    fill_cart(client, make_product(name="Grow"))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert "Grow" in page(client, "/cart/")
    assert Cart.objects.get().client_id == account.pk
    client.logout()
    assert "Your basket is empty" in page(client, "/cart/")
    assert "Grow" in page(browser(user), "/cart/")  # another browser


def test_two_baskets_are_joined_at_sign_in_within_their_limits_and_it_is_told(client):
    """What is twice stays once, as chosen last; what is sold out meanwhile is named and left out."""
    user = UserFactory()
    account = ClientFactory(user=user, currency="EUR")
    both, old, rare = make_product(name="Both"), make_product(name="Old"), make_product(name="Rare", stock=2)
    earlier = browser(user)
    for product in (both, old, rare):
        fill_cart(earlier, product)
    for product in (both, rare, make_product(name="New")):
        fill_cart(client, product)
    Product.objects.filter(pk=rare.pk).update(stock=1)
    CartLine.objects.filter(product=rare, cart__client=account).update(cycle="annual")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/cart/")
    assert sorted(CartLine.objects.values_list("product__name", flat=True)) == ["Both", "New", "Old", "Rare"]
    assert Cart.objects.get().client_id == account.pk
    told = [str(message) for message in answer.context["messages"]]
    assert told[0] == "One thing from your last visit is in your basket too." and told[1].endswith("of your basket: Rare")
    assert not list(client.get("/cart/").context["messages"])
    assert "New" in page(earlier, "/cart/")  # the other browser finds the joined one


def test_a_basket_takes_the_currency_of_the_account(client):
    product = make_product()
    Price.objects.create(product=product, currency="USD", cycle="monthly", amount=Decimal(12))
    user = UserFactory()
    ClientFactory(user=user, currency="USD")
    fill_cart(client, product)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert "$12.00" in page(client, "/cart/")
    assert client.post("/checkout/", checkout_form(bank(), total="12.00")).status_code == 302


def test_baskets_are_kept_longer_than_a_browser_is_open(client):
    fill_cart(client, make_product())
    assert int(client.cookies["sessionid"]["max-age"]) >= 14 * 86400


# Checkout.


def test_renewals_are_shown_with_tax_and_day(client):
    make_tax_rate("19")
    fill_cart(client, make_product(prices={"monthly": ("10.00", "5.00")}))
    html = page(client, "/checkout/")
    assert "€17.85" in html and "Next: €11.90 on" in html and "14 days before" in html
    assert "Payment" in html and html.count(">Payment<") <= 1


def test_another_country_is_another_tax_at_once(client):
    make_tax_rate("19", country="DE"), make_tax_rate("25", country="DK")
    fill_cart(client, make_product())
    assert "€11.90" in page(client, "/checkout/sum/", country="DE")
    assert "€11.90" in page(client, "/checkout/sum/", country="DK")  # below the limit for sales to other EU states
    options.set_option(OSS, "always", SYSTEM)
    html = page(client, "/checkout/sum/", country="DK")
    assert 'value="12.50"' in html and "€12.50" in html
    assert "No tax" in page(client, "/checkout/sum/", country="BD")
    for forged in ("D", "DEU", "ß1", "\x00\x00", "<b"):
        page(client, "/checkout/sum/", country=forged, client="9" * 40)


def test_without_script_the_tax_is_counted_by_a_button(client):
    make_tax_rate("25", country="DK")
    options.set_option(OSS, "always", SYSTEM)
    fill_cart(client, make_product())
    answer = client.post("/checkout/", checkout_form(bank(), **{**PERSON, "country": "DK", "recount": "1"}))
    html = answer.content.decode()
    assert answer.status_code == 200 and "€12.50" in html and 'value="Nina"' in html
    assert not Order.objects.exists()


def test_a_price_that_moved_is_said_and_nothing_is_ordered(client):
    product, gateway = make_product(), bank()
    fill_cart(client, product)
    set_prices(product, {("EUR", "monthly"): (Decimal(11), Decimal(0))}, actor=SYSTEM)
    answer = client.post("/checkout/", checkout_form(gateway, **PERSON))
    html = answer.content.decode()
    assert answer.status_code == 422 and "The price has changed" in html and 'value="11.00"' in html
    assert not Order.objects.exists()
    assert client.post("/checkout/", checkout_form(gateway, total="11.00", **PERSON)).status_code == 302


def test_a_cycle_no_longer_sold_stops_at_the_basket(client):
    product = make_product()
    fill_cart(client, product)
    set_prices(product, {("EUR", "annual"): (Decimal(11), Decimal(0))}, actor=SYSTEM)
    assert "Not sold like this any more" in page(client, "/cart/")
    assert client.post("/checkout/", checkout_form(bank(), total="0", **PERSON)).status_code == 422
    assert not Order.objects.exists()


def test_nothing_to_pay_needs_no_way_to_pay(client):
    fill_cart(client, make_product(prices={"monthly": ("0", "0")}))
    html = page(client, "/checkout/")
    assert "Order, nothing to pay today" in html and 'name="gateway"' not in html
    form = checkout_form(bank(), total="0.00", **PERSON)
    del form["gateway"]
    answer = client.post("/checkout/", form, follow=True)
    assert answer.status_code == 200 and Order.objects.get().invoice.state == "paid"
    assert "€0.00 paid" not in answer.content.decode()


def test_the_second_tab_leads_to_the_payment_of_the_first(client):
    gateway = bank()
    fill_cart(client, make_product())
    first = client.post("/checkout/", checkout_form(gateway, **PERSON))
    again = client.post("/checkout/", checkout_form(gateway, **PERSON))
    assert again.status_code == 302 and urlsplit(again.url).path.startswith("/pay/")
    assert Order.objects.count() == 1
    assert "waits for its payment" in page(client, "/cart/")
    assert first.url.split(":")[0] == again.url.split(":")[0]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(client, target):
    user = UserFactory()
    answer = client.post("/auth/login/", {"login": user.email, "password": PASSWORD, "next": target})
    assert answer.status_code == 302 and answer.url.startswith("/") and "evil" not in answer.url


@pytest.mark.parametrize(
    "data", [{"cycle": "monthly'"}, {"cycle": ""}, {"cycle": "triennial"}, {"cycle": "\x00"}, {"currency": "USD"}]
)
def test_forged_choices_are_refused(client, data):
    answer = client.post(reverse("store:configure", args=[make_product().slug]), data)
    assert answer.status_code == 422 and not CartLine.objects.exists()


# Found by search engines, and by nobody else.


def test_public_pages_say_what_they_are(client):
    make_tax_rate("19")
    product = make_product(name="Grow </script><b>", tagline="Several sites")
    for path in ("/", "/plans/plans/", product.get_store_url(), "/imprint/", "/help/"):
        html = page(client, path)
        assert f'<link rel="canonical" href="{project.SITE_URL}{path}">' in html
        assert re.search(r'<meta name="description" content="[^"]+">', html) and "og:image" in html
        assert "noindex" not in html and html.count("</script><b>") == 0
    graph = facts(page(client, product.get_store_url()))
    found = next(thing for thing in graph if thing["@type"] == "Product")
    assert {offer["price"] for offer in found["offers"]} == {"11.90", "119.00", "59.50"}
    assert {thing["@type"] for thing in graph} >= {"Organization", "Product", "BreadcrumbList"}


def test_other_pages_say_noindex(client):
    fill_cart(client, make_product())
    for path in (*PRIVATE, "/checkout/", "/order/nothing/"):
        assert '<meta name="robots" content="noindex">' in client.get(path).content.decode(), path


def test_robots_and_sitemap(client):
    product = make_product()
    make_product(slug="secret", is_hidden=True)
    robots, sitemap = page(client, "/robots.txt"), page(client, "/sitemap.xml")
    assert f"Sitemap: {project.SITE_URL}/sitemap.xml" in robots and "Disallow: /staff/" in robots
    assert f"<loc>{project.SITE_URL}{product.get_store_url()}</loc>" in sitemap and "secret" not in sitemap


def test_no_cookie_before_a_basket(client):
    product = make_product()
    for path in ("/", "/plans/plans/", product.get_store_url(), "/imprint/", "/help/", "/terms/", "/cart/"):
        client.get(path)
        assert not client.cookies, path
    fill_cart(client, product)
    assert set(client.cookies) == {"sessionid"}


def test_papers_are_texts_or_addresses(client):
    assert client.get("/privacy/").status_code == 404
    options.set_option(options.STORE_PRIVACY, "# Data\n\n<script>alert(1)</script> **None**", SYSTEM)
    options.set_option(options.STORE_HELP, "https://help.example/start", SYSTEM)
    options.set_option(options.STORE_FOOTER_LINKS, "Status | https://status.example/", SYSTEM)
    html = page(client, "/privacy/")
    assert "<strong>None</strong>" in html and "<script>alert" not in html
    assert client.get("/help/").url == "https://help.example/start"
    for link in ('href="https://status.example/"', 'href="https://help.example/start"', 'href="/privacy/"'):
        assert link in html
    for bad in ("Evil | javascript:alert(1)", "No bar", "X | //evil.example"):
        with pytest.raises(Exception, match="Label"):
            options.set_option(options.STORE_FOOTER_LINKS, bad, SYSTEM)
