"""A code with a limit, ordered with by many processes at the same moment: never once too often."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from billing.actions.promotion import add_code, create_promotion
from billing.models import Invoice, Order, Promotion, PromotionUse
from billing.queries.books import verify
from billing.queries.quote import quote
from hostbill.core.access import SYSTEM
from tests.billing.factories import make_cart, make_product
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
BUYER = """
import sys
import django
django.setup()
from decimal import Decimal
from django.conf import settings
from django.db import connections
connections.databases["default"]["NAME"] = sys.argv[1]
from billing.actions.order import place_order
from billing.models import Cart
from clients.models import Client
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
cart, client = Cart.objects.get(pk=sys.argv[2]), Client.objects.get(pk=sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
try:
    place_order(cart, client=client, actor=SYSTEM, idempotency_key="k" + sys.argv[2], expected_total=Decimal(sys.argv[4]))
    print("bought")
except AppError as refusal:
    print(refusal.code)
"""


def race(pairs):
    """Each (cart, client) is bought by a process of its own, all let go together."""
    name = connection.settings_dict["NAME"]
    runs = []
    for cart, client in pairs:
        total = quote(cart, client=client).total.amount
        command = [sys.executable, "-c", BUYER, name, str(cart.pk), str(client.pk), str(total)]
        runs.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        run.stdin.write("go\n")
        run.stdin.flush()
    return [run.communicate(timeout=120)[0].strip() for run in runs]


def carts(count):
    """With the code in each."""
    product, found = make_product(), []
    for _number in range(count):
        cart = make_cart(product)
        add_code(cart, text="RACE", actor=SYSTEM)
        found.append(cart)
    return found


def test_a_limit_of_two_is_two():
    create_promotion(name="Race", code="RACE", kind="percent", percent=50, max_uses=2, amounts={}, actor=SYSTEM)
    results = race([(cart, ClientFactory()) for cart in carts(5)])
    assert sorted(results).count("bought") == 2 and set(results) <= {"bought", "promotion", "price_changed"}
    assert Promotion.objects.get().used_count == PromotionUse.objects.count() == Order.objects.count() == 2
    assert Invoice.objects.count() == 2 and verify() == []


def test_once_per_client_is_once():
    create_promotion(name="Race", code="RACE", kind="percent", percent=50, once_per_client=True, amounts={}, actor=SYSTEM)
    client = ClientFactory()
    results = race([(cart, client) for cart in carts(4)])
    assert results.count("bought") == 1 and set(results) <= {"bought", "promotion", "price_changed"}
    assert PromotionUse.objects.count() == 1 and verify() == []
