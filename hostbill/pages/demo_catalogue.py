"""The demo's company, catalogue, servers and gateways: invented, believable, made by code."""

from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings

from billing.actions.promotion import create_promotion
from billing.actions.tax_rate import add_eu_rates
from billing.gateways.stripe.driver import EVENTS
from billing.models import Price, Product, ProductGroup, Promotion, TaxRate
from clients.models import ClientGroup
from hostbill.core import http, modules, options
from hostbill.core.access import SYSTEM
from hostbill.core.models import ModuleConfig
from provisioning.models import Server, ServerGroup

TERMS = """## What you get

The plan you order, at the price shown, from the day it is paid. It renews for the same time at the renewal price shown, until you cancel.

## How you end it

In your account, at any time, to the end of what is paid. Some days later files and mailboxes are deleted.

## When a bill stays open

We remind you, then take the service offline until it is paid. Your data is kept meanwhile, for the days named in the mail.

## What we ask

Nothing unlawful, no spam, and no load that takes the machine from its neighbours.
"""
COMPANY = {
    "company.name": "Nordhost",
    "company.legal_name": "Nordhost GmbH",
    "company.address1": "Schiffbrücke 12",
    "company.postcode": "24939",
    "company.city": "Flensburg",
    "company.country": "DE",
    "company.tax_id": "DE000000000",
    "company.register": "Amtsgericht Flensburg, HRB 00000",
    "company.email": "hello@nordhost.example",
    "company.phone": "+49 461 555010",
    "company.bank": "Fördebank",
    "company.iban": "DE02100100100006820101",
    "company.bic": "FOERDE21XXX",
    "company.time_zone": "Europe/Berlin",
    "company.currency": "EUR",
    "store.intro": "Servers in Germany and Finland. People who answer.",
    "store.privacy": "We keep what we need to serve and bill you, and nothing measures you.\n\n"
    "The shop sets no cookie until you fill a basket, choose a language or sign in.",
    "store.terms_text": TERMS,
    "store.imprint": "Nordhost GmbH, Schiffbrücke 12, 24939 Flensburg, Germany\n\nAmtsgericht Flensburg, HRB 00000. VAT DE000000000.\n\n"
    "hello@nordhost.example, +49 461 555010",
}

CYCLES = ("monthly", "quarterly", "semi_annual", "annual", "biennial", "triennial")
#: Months paid for in each cycle: a year costs ten months.
PAID_MONTHS = {
    "monthly": 1,
    "quarterly": 3,
    "semi_annual": Decimal("5.5"),
    "annual": 10,
    "biennial": 19,
    "triennial": 27,
}

GROUPS = (
    ("web-hosting", "Web hosting", "On cPanel, in Falkenstein and Helsinki.", "cpanel"),
    ("plesk-hosting", "Plesk hosting", "For studios that look after many sites.", "plesk"),
)
#: slug, name, tagline, EUR and USD net a month, panel plan, featured, features
PRODUCTS = {
    "web-hosting": (
        ("start", "Start", "One small site: a portfolio, a club, a café with a menu.", "5.00", "5.50", "start", False,
         ["1 website", "10 GB of storage", "5 mailboxes", "Daily backups, kept 7 days", "Help by ticket"]),
        ("grow", "Grow", "Several sites that earn your living: a studio, a practice, a shop.", "10.00", "11.00", "grow", True,
         ["10 websites", "50 GB of storage, 2 GB of memory", "50 mailboxes", "Daily backups, kept 30 days",
          "Help by ticket and phone"]),
        ("scale", "Scale", "A busy shop that must not slow down on its best day.", "21.00", "23.00", "scale", False,
         ["Unlimited websites, staging copies", "150 GB of storage, 6 GB of memory", "Unlimited mailboxes",
          "Hourly backups, kept 30 days", "Phone help first in line"]),
    ),
    "plesk-hosting": (
        ("studio", "Studio", "A handful of client sites under one roof.", "9.00", "10.00", "start", False,
         ["5 subscriptions", "40 GB of storage", "Git and staging", "Daily backups, kept 14 days"]),
        ("agency", "Agency", "For people who run sites for others every day.", "19.00", "21.00", "grow", True,
         ["25 subscriptions", "120 GB of storage", "Git, staging, WordPress tools", "Daily backups, kept 30 days"]),
    ),
}  # fmt: skip


def load(sandbox: dict) -> None:
    """Company, tax, gateways, servers, products. Running it again changes nothing that is there."""
    for key, value in COMPANY.items():
        options.set_option(options.find(key), value, SYSTEM)
    TaxRate.objects.get_or_create(
        tax_class="standard", country="", valid_from=date(2020, 1, 1), defaults={"name": "VAT", "percent": Decimal(19)}
    )
    add_eu_rates(actor=SYSTEM)
    if "vies" in sandbox:
        url = f"{sandbox['vies']['url']}/taxation_customs/vies"
        options.set_option(options.find("tax.vies_url"), url, SYSTEM)
    if "hmrc" in sandbox:
        values = {"url": sandbox["hmrc"]["url"], "client_id": "sandbox", "client_secret": sandbox["hmrc"]["client_secret"]}
        for name, value in values.items():
            options.set_option(options.find(f"tax.hmrc_{name}"), value, SYSTEM)
    if "ecb" in sandbox:
        options.set_option(options.find("billing.rate_url"), sandbox["ecb"]["url"], SYSTEM)
    _gateways(sandbox)
    groups = _servers(sandbox)
    for sort, (slug, name, tagline, panel) in enumerate(GROUPS):
        shelf, _made = ProductGroup.objects.get_or_create(
            slug=slug, defaults={"name": name, "tagline": tagline, "sort": sort}
        )
        for position, row in enumerate(PRODUCTS[slug]):
            _product(shelf, groups[panel], position, *row)
    _promotions()


def _promotions() -> None:
    """Two codes to try, and the group of the resellers."""
    ClientGroup.objects.get_or_create(name="Resellers", defaults={"discount_percent": Decimal(15)})
    for code, name, values in (
        ("WELCOME20", "Welcome", {"kind": "percent", "percent": Decimal(20), "periods": 3, "who": "new"}),
        ("TWOFREE", "Two months free", {"kind": "free_months", "months": 2, "max_uses": 100, "once_per_client": True}),
    ):
        if not Promotion.objects.filter(code=code).exists():
            create_promotion(name=name, code=code, amounts={}, actor=SYSTEM, **values)


def _product(shelf, server_group, sort, slug, name, tagline, eur, usd, plan, featured, features):
    product, _made = Product.objects.get_or_create(
        slug=slug,
        defaults={
            "group": shelf,
            "name": name,
            "tagline": tagline,
            "features": features,
            "is_featured": featured,
            "sort": sort,
            "provisioning": {"server_group": server_group.pk, "plan": plan},
        },
    )
    for currency, month in (("EUR", eur), ("USD", usd)):
        for cycle in CYCLES:
            amount = Decimal(month) * PAID_MONTHS[cycle]
            Price.objects.get_or_create(product=product, currency=currency, cycle=cycle, defaults={"amount": amount})


def _module(kind, driver, label, values, **fields) -> ModuleConfig:
    module = ModuleConfig.objects.filter(kind=kind, label=label).first()
    return module or modules.store_values(ModuleConfig(kind=kind, driver=driver, label=label, **fields), values)


def _gateways(sandbox: dict) -> None:
    stripe = sandbox["stripe"]
    card = _module(
        "gateway",
        "stripe",
        "Card",
        {
            "secret_key": stripe["secret_key"],
            "publishable_key": stripe["publishable_key"],
            "webhook_secret": stripe["webhook_secret"],
            "api_base": stripe["url"],
            "element_url": f"{stripe['url']}/element.js",
        },
        is_default=True,
    )
    _register_webhook(card)
    _module(
        "gateway",
        "bank_transfer",
        "Bank transfer",
        {
            "account_holder": COMPANY["company.legal_name"],
            "iban": COMPANY["company.iban"],
            "bic": COMPANY["company.bic"],
            "bank_name": COMPANY["company.bank"],
            "instructions": "Your hosting starts as soon as the money arrives, usually in one working day.",
        },
    )


def _register_webhook(card: ModuleConfig) -> None:
    """Tell the sandbox where to report, as staff would do on the payment provider's own page."""
    address = f"{settings.SITE_URL}/hooks/gateway/{card.pk}/"
    endpoint = f"{card.config['api_base']}/v1/webhook_endpoints"
    headers = {"Authorization": f"Bearer {card.secrets['secret_key']}"}
    known = http.request("GET", endpoint, mutating=False, headers=headers).json()
    if any(row["url"] == address for row in known["data"]):
        return
    body = {"url": address, "enabled_events[]": list(EVENTS)}
    made = http.request("POST", endpoint, mutating=True, headers=headers, data=body).json()
    card.secrets = {**card.secrets, "webhook_secret": made["secret"]}
    card.save()


def _servers(sandbox: dict) -> dict:
    whm, plesk = sandbox["whm"], sandbox["plesk"]
    groups = {}
    rows = (
        (
            "cpanel",
            "cPanel, Falkenstein",
            "fra-cp-01",
            whm["url"],
            {"username": whm["username"], "token": whm["token"]},
        ),
        ("plesk", "Plesk, Helsinki", "hel-pl-01", plesk["url"], {"secret_key": plesk["secret_key"]}),
    )
    for driver, group_name, name, url, secrets in rows:
        group, _made = ServerGroup.objects.get_or_create(name=group_name)
        address = urlsplit(url)
        values = {"hostname": address.hostname, "port": address.port, "use_tls": False, "tls_check": "system"}
        module = _module("panel", driver, name, {**values, **secrets})
        Server.objects.get_or_create(
            name=name,
            defaults={
                "hostname": f"{name}.nordhost.example",
                "group": group,
                "module_config": module,
                "panel_url": url,
                "max_accounts": 450,
            },
        )
        groups[driver] = group
    return groups
