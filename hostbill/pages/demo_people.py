"""The demo's customers: invented people who order as anybody would, through the same actions, and pay at the sandbox."""

import uuid

from django.db import transaction

from billing.actions.cart import add_line, create_cart, set_addons
from billing.actions.charge import note_checkout, start_checkout
from billing.actions.gateway_event import check_charge
from billing.actions.order import place_order
from billing.actions.payment_method import note_customer
from billing.gateways.base import ChargeRequest
from billing.models import Product
from billing.queries.quote import quote
from clients.actions.client import create_client
from clients.actions.user import create_user, set_password
from clients.models import Client, User
from clients.queries.actor import actor_of
from hostbill.core import http, modules
from hostbill.core.access import SYSTEM
from hostbill.core.drain import drain
from hostbill.core.models import ModuleConfig
from support.actions.ticket import open_ticket
from support.models import Department

CONSENT = "Keep this card and charge it for renewals of my services until I remove it."
CARD = "4242424242424242"
#: E-mail, first and last name, company, own script, street, postcode, city, country, language, orders (product, cycle, domain, paid).
PEOPLE = (
    ("lena@brandt-keramik.example", "Lena", "Brandt", "Brandt Keramik", "", "Osterstraße 41", "20259", "Hamburg", "DE", "en",
     (("grow", "annual", "brandt-keramik.example", True), ("scale", "monthly", "shop.brandt-keramik.example", True))),
    ("tanvir@sundarbanweaves.example", "Tanvir", "Hossain", "Sundarban Weaves Ltd.", "তানভীর হোসেন", "14 Khan Jahan Ali Road", "9100",
     "Khulna", "BD", "en", (("grow", "annual", "sundarbanweaves.example", True), ("start", "monthly", "weaves-blog.example", False))),
    ("selam@habeshacoffee.example", "Selam", "Tadesse", "Habesha Coffee Export", "ሰላም ታደሰ", "Bole Road 212", "1000", "Addis Ababa", "ET",
     "en", (("studio", "monthly", "habeshacoffee.example", True),)),
    ("nour@atelier-nour.example", "Nour", "Haddad", "Atelier Nour", "نور حداد", "Rue Monnot 18", "2034", "Beirut", "LB", "en",
     (("agency", "annual", "atelier-nour.example", True),)),
    ("jana@donau-energie.example", "Jana", "Krüger", "Donau-Energieberatung und Gebäudesanierungsgesellschaft mbH", "", "Donaulände 7",
     "94032", "Passau", "DE", "en", (("scale", "annual", "donau-energieberatung.example", True),)),
    ("mikkel@fjordcykler.example", "Mikkel", "Sørensen", "", "", "Havnegade 3", "5000", "Odense", "DK", "en",
     (("start", "monthly", "fjordcykler.example", False),)),
)  # fmt: skip


def load(password: str) -> list[dict]:
    """Make whoever is missing; returns everybody's login."""
    for row in PEOPLE:
        if not User.objects.filter(email=row[0]).exists():
            _person(password, *row)
        set_password(User.objects.get(email=row[0]), password, actor=SYSTEM)
    drain(120)
    return [{"email": row[0], "password": password, "name": f"{row[1]} {row[2]}"} for row in PEOPLE]


def _person(password, email, first, last, company, native, street, postcode, city, country, language, orders):
    with transaction.atomic():
        user = create_user(email, password, name=f"{first} {last}", native_name=native, language=language)
        client = create_client(
            actor=SYSTEM, user=user, first_name=first, last_name=last, company=company, native_name=native,
            address1=street, postcode=postcode, city=city, country=country, currency="EUR",
        )  # fmt: skip
    actor = actor_of(user)
    for slug, cycle, domain, paid in orders:
        _order(client, actor, Product.objects.get(slug=slug), cycle, domain, paid)
    if country == "BD":
        department = Department.objects.filter(is_public=True, is_active=True).first()
        open_ticket(
            actor=actor,
            client=client,
            department=department,
            subject="Mail to Outlook lands in junk",
            body="Since this morning our mails to Outlook addresses land in junk. What can I do?",
        )


def _options_for(product) -> dict:
    """Two staging copies and more memory for the middle plan."""
    if product.slug != "grow":
        return {}
    options = {option.key: option for group in product.option_groups.all() for option in group.options.all()}
    memory, staging = options["php_memory_mb"], options["staging_sites"]
    return {str(memory.pk): memory.choices.get(value="512").pk, str(staging.pk): 2}


def _order(client: Client, actor, product, cycle, domain, paid) -> None:
    cart = create_cart(currency="EUR", actor=actor, client=client)
    line = add_line(cart, product=product, cycle=cycle, answers={"domain": domain}, options=_options_for(product), actor=actor)
    set_addons(line, {addon.pk: cycle for addon in product.addons.filter(slug="care") if cycle == "annual"}, actor=actor)
    order = place_order(
        cart,
        client=client,
        actor=actor,
        idempotency_key=str(uuid.uuid4()),
        expected_total=quote(cart, country=str(client.country)).total.amount,
        agreed={"terms": "1"},
    )
    drain()
    if paid:
        pay_by_card(order.invoice, actor)


def pay_by_card(invoice, actor, number: str = CARD) -> None:
    """What the pay page and the browser do, without a browser: the sandbox's element confirms with the public key."""
    gateway = ModuleConfig.objects.get(kind="gateway", driver="stripe")
    driver = modules.load(gateway)
    charge = start_checkout(invoice, gateway, actor=actor, consent_text=CONSENT)
    customer = note_customer(
        invoice.client, gateway, driver.ensure_customer(invoice.client.email, invoice.client.name, invoice.client.number)
    )
    start = driver.checkout(ChargeRequest(amount=charge.money, key=charge.key, customer_id=customer.remote_id))
    charge = note_checkout(charge, remote_id=start.remote_id, client_secret=start.client_secret)
    http.request(
        "POST",
        f"{gateway.config['api_base']}/v1/payment_intents/{start.remote_id}/confirm",
        mutating=True,
        data={
            "key": gateway.config["publishable_key"],
            "client_secret": start.client_secret,
            "payment_method_data[type]": "card",
            "payment_method_data[card][number]": number,
            "payment_method_data[card][exp_month]": "9",
            "payment_method_data[card][exp_year]": "2034",
            "payment_method_data[card][cvc]": "314",
        },
    ).raise_for_status()
    check_charge(charge, reason="demo")
    drain()
