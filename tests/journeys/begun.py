"""What a journey finds when it begins: made through the product's own actions, by Python in the installation."""

import json
import uuid

from tests.journeys import acts

#: Two clients with logins, each with a paid service of a product that the shop does not show; prints what was made.
TWO_CLIENTS = """
import json, uuid
from decimal import Decimal
from billing.actions.cart import add_line, create_cart
from billing.actions.order import place_order
from billing.models import Price, Product, ProductGroup
from billing.queries.quote import quote
from clients.actions.client import create_client
from clients.actions.user import create_user
from clients.queries.actor import actor_of
from hostbill.core.drain import drain
from hostbill.pages.demo_people import pay_by_card

tag, price = "{tag}", Decimal("{price}")
group, _new = ProductGroup.objects.get_or_create(slug="hidden-{tag}", defaults={"name": "Hidden {tag}", "is_hidden": True})
product = Product.objects.create(kind="other", group=group, name="Care {tag}", slug="care-{tag}", is_hidden=True)
Price.objects.create(product=product, currency="EUR", cycle="monthly", amount=price)
made = {"product": product.pk, "clients": [], "numbers": [], "emails": [], "subscriptions": [], "invoices": []}
for name in ("Anna", "Bruno"):
    email = name.lower() + "-" + tag + "@begun.example"
    user = create_user(email, "{password}", name=name + " " + tag)
    client = create_client(actor=actor_of(user), user=user, first_name=name, last_name=tag, address1="Norderstrasse 1",
        postcode="24939", city="Flensburg", country="DE", phone="+49 461 123456", currency="EUR")
    actor = actor_of(user)
    cart = create_cart(currency="EUR", actor=actor, client=client)
    add_line(cart, product=product, cycle="monthly", answers={}, actor=actor)
    total = quote(cart, country="DE").total.amount
    order = place_order(cart, client=client, actor=actor, idempotency_key=str(uuid.uuid4()), expected_total=total, agreed={"terms": "1"})
    drain()
    pay_by_card(order.invoice, actor)
    made["clients"].append(client.pk), made["numbers"].append(client.number), made["emails"].append(email)
    made["subscriptions"].append(order.lines.get().subscription.pk), made["invoices"].append(order.invoice_id)
print(json.dumps(made))
"""


def two_clients(stack, price: str = "31.00") -> dict:
    """`tag`, and by client: clients, numbers, emails, subscriptions, invoices; what they bought is `product`."""
    tag = uuid.uuid4().hex[:8]
    code = TWO_CLIENTS
    for name, value in (("{tag}", tag), ("{price}", price), ("{password}", acts.PASSWORD)):
        code = code.replace(name, value)
    return {"tag": tag, **json.loads(stack.shell(code).splitlines()[-1])}


def login(begun: dict, number: int) -> dict:
    """Of the first or second client."""
    return {"email": begun["emails"][number], "password": acts.PASSWORD}
