"""The REST API of a large company over real HTTP: `python -m benchlib.api URL ROUNDS`, in the environment of the measured installation.

A list of 25 invoices out of all, one invoice, and placing an order are asked for in turn with the bare view of ``bench_urls``, so that
other programs on the machine slow all of them alike. Each meets its target when its 95th percentile is within three times that of the
bare view.
"""

import http.client
import json
import sys
import time
from urllib.parse import urlsplit

import django

django.setup()

from benchlib.pages import RATIO, WARM_UPS, Page, sign_in  # noqa: E402
from benchlib.world import STAFF_EMAIL  # noqa: E402
from billing.models import Invoice, Price  # noqa: E402
from clients.actions.api_token import create_token  # noqa: E402
from clients.models import Client, User  # noqa: E402
from clients.queries.actor import actor_of  # noqa: E402
from hostbill.core.options import API_RATE, set_option  # noqa: E402


class Asked(Page):
    """An address, its method and its body (a function of the round)."""

    method, body, token = "GET", None, ""

    def ask(self, connection, number: int, keep: bool) -> None:
        """One request, read to its end; anything but success is trouble."""
        headers = {"Host": f"{connection.host}:{connection.port}"} | ({"Cookie": self.cookie} if self.cookie else {})
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = json.dumps(self.body(number)) if self.body else None
        headers |= {"Content-Type": "application/json"} if data else {}
        began = time.perf_counter()
        connection.request(self.method, self.url, data, headers)
        answer = connection.getresponse()
        content = answer.read()
        spent = (time.perf_counter() - began) * 1000
        self.size = len(content)
        if answer.status not in (200, 201):
            self.trouble = f"answers {answer.status}: {content[:300]!r}"
        if keep:
            self.times.append(spent)


def all_asked() -> list[Asked]:
    """The bare view first."""
    person = User.objects.get(email=STAFF_EMAIL)
    set_option(API_RATE, API_RATE.max, actor_of(person))
    token = create_token(actor=actor_of(person), label="Bench", reach="all")[1]
    middle = Invoice.objects.exclude(number=None).order_by("pk")[Invoice.objects.count() // 2]
    found = [Asked("bench/bare", "/bench/bare/?number=C-20001", sign_in(person), "bare")]
    for name, url in (("list of 25 invoices", "/api/v1/invoices/?limit=25"), ("one invoice", f"/api/v1/invoices/{middle.pk}/")):
        found.append(Asked(name, url))
    found.append(order())
    for asked in found[1:]:
        asked.token = token
    return found


def order() -> Asked:
    """A new order of the cheapest plan for a client in the thick of it."""
    client = Client.objects.order_by("pk")[Client.objects.count() // 2]
    sold = Price.objects.filter(price_list=None, currency=client.currency, product__is_retired=False, product__parents=None)
    price = sold.order_by("amount").first()
    asked = Asked("create order", "/api/v1/orders/")
    asked.method = "POST"
    stamp = int(time.time())

    def body(number: int) -> dict:
        answers = {"domain": f"bench-{stamp}-{number}.example"} if price.product.kind == "hosting" else {}
        return {"client": client.pk, "mail": False, "lines": [{"product": price.product_id, "cycle": price.cycle, "answers": answers}]}

    asked.body = body
    return asked


def main(base: str, rounds: int) -> int:
    """Returns 0 when every target was met."""
    asked, server = all_asked(), urlsplit(base)
    connection = http.client.HTTPConnection(server.hostname, server.port, timeout=120)
    for number in range(-WARM_UPS, rounds):
        for one in asked:
            if not one.trouble:
                one.ask(connection, number + WARM_UPS, keep=number >= 0)
    return judge(asked[0], asked[1:])


def judge(bare: Asked, asked: list[Asked]) -> int:
    """Print the table; 0 when all is within its target."""
    print(f"\n{len(bare.times)} rounds out of {Invoice.objects.count():,} invoices.")
    print(f"Bare view, one indexed query, one line: p50 {bare.p50:.1f} ms, p95 {bare.p95:.1f} ms\n")
    missed = 0
    for one in asked:
        if one.trouble or not one.times:
            missed += 1
            print(f"{one.name:24} {one.trouble}  MISSED")
            continue
        ratio = one.p95 / bare.p95
        missed += ratio > RATIO
        print(f"{one.name:24} p50 {one.p50:7.1f}  p95 {one.p95:7.1f}  {ratio:5.1f} times  {'met' if ratio <= RATIO else 'MISSED'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
