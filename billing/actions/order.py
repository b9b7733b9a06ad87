"""Placing, accepting and cancelling orders."""

from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from billing.events import OrderCancelled
from billing.models import Cart, Order, Product, Subscription
from billing.queries.quote import Quote, quote
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.fetch import fetch
from hostbill.core.locks import joined, lock
from hostbill.core.states import transition

from .acceptance import DUE, accept, activate_ordered, moments
from .account import lock_account, open_account, open_and_lock
from .cancellation import cancel_subscription
from .order_terms import SHOP, Terms, check_terms
from .order_writing import Placing, write_order
from .promotion import release_promotions
from .suspension import suspend_subscription


def place_order(
    cart: Cart,
    *,
    client,
    actor,
    idempotency_key: str,
    expected_total: Decimal,
    agreed: dict | None = None,
    terms: Terms = SHOP,
    network_country: str = "",
):
    """Turn a cart into an order with pending subscriptions and an issued invoice, all or nothing. Returns the Order.

    `expected_total` is the gross total the client agreed to. The same idempotency key returns the order that stands.
    `network_country`: where the visitor's network is, as a proxy told, one sign of where a consumer lives.
    `agreed` (terms version, consents) goes into the snapshot. `terms` other than the shop's are for staff who may.
    AppError: "price_changed" and "out_of_stock" (details["quote"] has the new figures), "not_sold", "empty_cart",
    "already_ordered", "currency_mismatch", "client_closed", "no_reason", "nothing_to_pay"."""
    check_terms(terms, actor)
    with joined():
        cart = lock(cart)
        account = open_and_lock(client)
        if standing := standing_order(idempotency_key, client):
            return standing
        _check_cart(cart, account, client)

        def priced(buyer) -> Quote:
            found = quote(cart, client=buyer, own_prices=terms.own_prices, granted=terms.discount)
            return as_agreed(found, expected_total)

        placing = Placing(idempotency_key, actor, terms, agreed or {}, network_country)
        order = write_order(account, priced, placing)
        cart.ordered_at, cart.client = clock.now(), client
        cart.save(update_fields=["ordered_at", "client"])
    return order


def as_agreed(found: Quote, expected_total: Decimal) -> Quote:
    """The client is charged what was shown. AppError "price_changed"."""
    if found.lines and not any(line.problem for line in found.lines) and found.total.amount != expected_total:
        words = _("The price has changed since you saw it. Please check the new total.")
        raise AppError(words, code="price_changed", quote=found)
    return found


def standing_order(idempotency_key: str, client) -> Order | None:
    """What the client placed with the key before. AppError "idempotency_conflict" when somebody else did."""
    try:
        order = fetch(Order, idempotency_key, by="idempotency_key")
    except Order.DoesNotExist:
        return None
    if order.client_id != client.pk:
        raise AppError(_("This order cannot be repeated."), code="idempotency_conflict")
    return order


def _check_cart(cart: Cart, account, client) -> None:
    if cart.ordered_at:
        raise AppError(_("This cart was ordered already."), code="already_ordered")
    check_account(account, client)
    if cart.currency != account.currency:
        raise AppError(
            _("Your account is kept in %(currency)s.") % {"currency": account.currency}, code="currency_mismatch"
        )


def check_account(account, client) -> None:
    """It can be ordered for. AppError "client_closed"."""
    if client.is_closed or account.client_id != client.pk:  # merged while the page was open
        raise AppError(_("This account is closed."), code="client_closed")


def accept_order(order: Order, *, actor, begin: str = DUE) -> Order:
    """Staff accept a pending order: what waits for staff or was to begin with the order begins, paid or not; what
    waits for payment still waits. `begin` otherwise than "due": "all" of it, paid or not (a right of its own), or "none"."""
    with transaction.atomic():
        lock_account(open_account(order.client))
        order = Order.objects.select_related("invoice").get(pk=order.pk)
        accept(order, actor=actor)
        activate_ordered(order, moments(order, begin, actor), actor=actor)
    return order


def cancel_order(order: Order, *, actor, reason: str) -> Order:
    """Cancel an order: pending subscriptions are cancelled and their unpaid invoices withdrawn, stock goes back.

    AppError "running" when something of it is already served: that is cancelled by itself."""
    with transaction.atomic():
        lock_account(open_account(order.client))
        order = Order.objects.get(pk=order.pk)
        subscriptions = Subscription.objects.filter(order_line__order=order).order_by("pk")
        if subscriptions.filter(state__in=["active", "suspended"]).exists():
            raise AppError(_("Something of this order is running. Cancel the service itself."), code="running")
        transition(order, "cancelled")
        waiting = list(subscriptions.filter(state="pending"))
        _return_stock(waiting)
        for subscription in waiting:
            cancel_subscription(subscription, when="now", reason=reason, actor=actor)
        if not subscriptions.filter(state="ended").exists():
            release_promotions(order)
        audit(actor, "billing.order_cancelled", order, reason=reason)
        emit(OrderCancelled(order.pk))
    return order


def mark_fraud(order: Order, *, actor, reason: str) -> Order:
    """Somebody orders with what is not theirs: what waits is cancelled as with `cancel_order`, what runs is suspended for
    abuse until a person decides. Money already paid stays where it is: refunds are a decision of their own."""
    with transaction.atomic():
        lock_account(open_account(order.client))
        order = Order.objects.get(pk=order.pk)
        transition(order, "fraud")
        subscriptions = Subscription.objects.filter(order_line__order=order).order_by("pk")
        waiting = list(subscriptions.filter(state="pending"))
        _return_stock(waiting)
        for subscription in waiting:
            cancel_subscription(subscription, when="now", reason=reason, actor=actor)
        with translation.override(order.client.language):  # the client reads it
            under_review = _("Under review.")
        for subscription in subscriptions.filter(state__in=["active", "suspended"]):
            suspend_subscription(subscription, kind="abuse", reason=under_review, actor=actor)
        audit(actor, "billing.order_marked_fraud", order, reason=reason)
        emit(OrderCancelled(order.pk))
    return order


def _return_stock(subscriptions: list[Subscription]) -> None:
    """Before any number is drawn: place_order takes these locks in the same order."""
    for subscription in sorted(subscriptions, key=lambda row: row.product_id):
        Product.objects.filter(pk=subscription.product_id, stock__isnull=False).update(
            stock=F("stock") + subscription.quantity
        )
