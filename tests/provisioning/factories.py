"""Makers of provisioning's test data: panels on the sandbox, groups, hosting subscriptions."""

from itertools import count

from billing.actions.cart import add_line, create_cart
from billing.actions.order import place_order
from billing.queries.quote import quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Outgoing
from provisioning.actions.server import create_group, create_server
from tests.billing.factories import make_product, pay, subscription_of

_numbers = count(1)
DRIVERS = {"whm": "cpanel", "plesk": "plesk"}


def connection(sandbox, panel="whm", **changes) -> dict:
    """Values of the driver's form for the sandbox server."""
    server = getattr(sandbox, panel)
    host, port = server.url.removeprefix("http://").split(":")
    values = {"hostname": host, "port": int(port), "use_tls": False, "tls_check": "system"}
    names = ("username", "token", "password", "secret_key")
    return values | {key: getattr(server, key) for key in names if hasattr(server, key)} | changes


def make_group(fill="least_full"):
    """A fresh group."""
    return create_group(name=f"Group {next(_numbers)}", fill=fill, actor=SYSTEM)


def make_server(sandbox, group, panel="whm", values=None, **fields):
    """A server of the group on the sandbox."""
    fields = {"name": f"server-{next(_numbers)}", "hostname": "panel.example", "max_accounts": 100, **fields}
    values = connection(sandbox, panel, **(values or {}))
    return create_server(driver=DRIVERS[panel], connection=values, group=group, actor=SYSTEM, **fields)


def make_hosting(group, plan="start", **fields):
    """A hosting product set up in the group."""
    return make_product(kind="hosting", provisioning={"server_group": group.pk, "plan": plan}, **fields)


def order_hosting(client, product, domain=None):
    """An order for the product, unpaid; gives the order."""
    domain = domain or f"site{next(_numbers)}.example.com"
    cart = create_cart(currency="EUR", actor=SYSTEM)
    add_line(cart, product=product, cycle="monthly", answers={"domain": domain}, actor=SYSTEM)
    total = quote(cart, country=str(client.country)).total.amount
    return place_order(cart, client=client, actor=SYSTEM, idempotency_key=f"hosting-{next(_numbers)}", expected_total=total)


def buy_hosting(client, product, domain=None):
    """Ordered and paid; gives the subscription. Nothing was delivered or sent yet."""
    order = order_hosting(client, product, domain)
    pay(order.invoice)
    return subscription_of(order)


def hurry():
    """Bring every postponed call forward, as if its wait were over."""
    Outgoing.objects.filter(state__in=["queued", "unknown"]).update(next_try_at=clock.now())
