"""What people do in a history, by the product's own use cases. A refusal is an answer; anything else that is raised is a fault."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal as D

from billing.actions.account import open_account
from billing.actions.bundle import add_bundle
from billing.actions.cart import Belongs, add_line, create_cart
from billing.actions.order import accept_order, cancel_order, mark_fraud, place_order
from billing.actions.payment import book_bank_payment
from billing.actions.promotion import add_code
from billing.models import Invoice, Order, Payment, Subscription
from billing.queries.quote import quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError, IllegalTransition
from hostbill.core.money import Money, round_amount
from hostbill.core.scope import scope

from .catalogue import Catalogue

#: Refusals that nobody asked for: the product contradicts itself.
FAULTS = {"negative_total", "period_index", "empty_invoice", "IllegalTransition"}
#: Of acts in which somebody asks for sums; from the depth of any other act they are faults too.
SUMS = {"nothing_left", "too_much", "foreign_line", "not_positive", "not_standing", "not_open", "no_credit"}
ASKS_FOR_SUMS = {"credit_invoice", "refund_payment", "apply_credit", "start_checkout", "cancel_invoice", "write_off"}
#: Acts that are asked for in states in which they cannot be.
STATED = {"judge_order", "settle_refund", "settle_dispute", "accept_transfer", "decline_transfer"}
#: Of acts on lines that people write as they like.
WRITTEN = {"update_draft", "split_draft", "merge_drafts", "issue_draft"}
#: {act: {"done" or the refusal's code: times}}, for whoever wants to know what the histories reach.
TOLD: dict[str, Counter] = {}


def attempt(act, *args, **kwargs):
    """Returns its result, or None when it was refused: then it must have left nothing behind."""
    told, refused = TOLD.setdefault(act.__name__, Counter()), None
    try:
        with scope():
            result = act(*args, **kwargs)
    except (AppError, IllegalTransition) as refusal:
        refused, result = refusal, None
    code = _code(refused)
    told[code] += 1
    allowed = SUMS | {"IllegalTransition"} if act.__name__ in ASKS_FOR_SUMS | STATED else set()
    allowed = {"negative_total", "not_standing"} if act.__name__ in WRITTEN else allowed
    assert code not in (FAULTS | SUMS) - allowed, (act.__name__, code, str(refused))
    return result


def _code(refused: Exception | None) -> str:
    return "done" if refused is None else getattr(refused, "code", "") or type(refused).__name__


def pick(rows, number: int):
    """One of the rows in the order of their ids; None when there are none."""
    found = list(rows.order_by("pk"))
    return found[number % len(found)] if found else None


def share(money: Money, part: int) -> Money:
    """All of it, a third, one unit less, the smallest unit, or half as much again."""
    unit = Money.from_minor(1, money.currency)
    kinds = [money, Money(round_amount(money.amount / 3, money.currency), money.currency), money - unit, unit]
    kinds.append(Money(round_amount(money.amount * D("1.5"), money.currency), money.currency))
    return kinds[part % len(kinds)]


class Buyer:
    """Orders and payments of the clients."""

    def __init__(self, clients: list, catalogue: Catalogue):
        self.clients, self.catalogue, self.count = clients, catalogue, 0

    def order(self, client, number: int, cycle: str, quantity: int, code: int):
        """A product with options and perhaps an addon and a code; number 9 and up is the bundle."""
        cart = create_cart(currency=self.catalogue.currency, actor=SYSTEM)
        plans = self.catalogue.plans
        if number >= len(plans):
            add_bundle(cart, self.catalogue.bundle, answers={}, actor=SYSTEM)
        else:
            self._add(cart, plans[number], cycle, quantity, code)
        if code % 8:
            add_code(cart, text=self.catalogue.codes[code % 8 - 1], actor=SYSTEM)
        self.place(cart, client)

    def _add(self, cart, product, cycle, quantity, number) -> None:
        cycles = list(product.prices.filter(price_list=None).values_list("cycle", flat=True).order_by("pk"))
        cycle = cycle if cycle in cycles else cycles[0]
        has_options = product.name in ("small", "big")
        options = self.catalogue.chosen(number) if has_options else {}
        quantity = min(quantity, product.max_quantity)
        line = add_line(cart, product=product, cycle=cycle, answers={}, quantity=quantity, options=options, actor=SYSTEM)
        if number % 5 == 2 and product.name in ("small", "big", "calendar"):
            addon = self.catalogue.addons[number % 2]
            add_line(cart, product=addon, cycle=cycle, answers={}, actor=SYSTEM, belongs=Belongs(line=line))

    def place(self, cart, client) -> Order:
        """Placed twice with one key it is one order."""
        self.count += 1
        total = quote(cart, client=client).total.amount
        send = {"client": client, "actor": SYSTEM, "idempotency_key": f"h-{self.count}", "expected_total": total}
        order = place_order(cart, **send)
        assert place_order(cart, **send) == order and order.total_amount == total
        if order.invoice and order.invoice.state != "draft":
            assert order.invoice.total_amount == total, (order, order.invoice.total_amount, total)
        return order

    def addon_later(self, subscription, number: int) -> None:
        """For what the client has already."""
        cart = create_cart(currency=self.catalogue.currency, actor=SYSTEM)
        addon = self.catalogue.addons[number % 2]
        belongs = Belongs(subscription=subscription)
        add_line(cart, product=addon, cycle=subscription.cycle, answers={}, actor=SYSTEM, belongs=belongs)
        self.place(cart, subscription.client)

    def transfer_money(self, invoice: Invoice | None, client, money: Money, days_ago: int) -> Payment:
        """By bank, seen some days late; booked twice it is one payment."""
        self.count += 1
        account = open_account(client)
        told = {"reference": f"r-{self.count}", "money": money, "received_on": clock.today() - timedelta(days=days_ago)}
        payment = book_bank_payment(account, invoice=invoice, actor=SYSTEM, **told)
        assert book_bank_payment(account, invoice=invoice, actor=SYSTEM, **told).pk == payment.pk
        return payment


def judge_order(order: Order, way: int):
    """Staff accept it, cancel it, or call it fraud."""
    return [accept_order, accept_order, cancel_order, mark_fraud][way % 4](
        order, actor=SYSTEM, **({"reason": "staff said so"} if way % 4 > 1 else {})
    )


def running(**filters):
    """Subscriptions that are served."""
    return Subscription.objects.running().filter(**filters)
