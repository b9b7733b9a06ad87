"""Placing, accepting and cancelling orders."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from billing.events import OrderCancelled, OrderPlaced
from billing.models import Cart, Invoice, NewLine, Order, OrderLine, Product, SetupOn, Subscription
from billing.options import ORDER_DUE_DAYS, ORDER_NUMBER_FORMAT
from billing.queries.pricing import charge_of
from billing.queries.quote import Quote, quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.sequence import next_number
from hostbill.core.states import transition

from .acceptance import DUE, accept, activate_ordered, moments
from .account import lock_account, open_account
from .cancellation import cancel_subscription
from .discount import use_up_first
from .draft import note_totals
from .evidence import note_location
from .hold import issue_or_hold
from .invoice import draft_invoice
from .order_terms import SHOP, Terms, check_terms, terms_as_seen
from .promotion import attach_discounts, release_promotions, use_promotions
from .subscription import create_subscription
from .suspension import suspend_subscription
from .vat_check import note_tax_id


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
    with transaction.atomic():
        cart = lock(cart)
        account = lock_account(open_account(client))
        standing = Order.objects.filter(idempotency_key=idempotency_key).first()
        if standing:
            return _same_client(standing, client)
        _check_cart(cart, account, client)
        note_tax_id(client, actor=actor)
        found = _checked_quote(cart, client, expected_total, terms)
        order = _create_order(client, actor, idempotency_key, found, agreed or {}, terms)
        note_location(order, client, network_country)
        _take_stock(found)
        use_promotions(order, found.promotions)
        lines = _lines(order, account, found, terms, actor)
        if terms.invoice != "none":
            order.invoice = _invoice(account, lines)
            order.save(update_fields=["invoice"])
        cart.ordered_at, cart.client = clock.now(), client
        cart.save(update_fields=["ordered_at", "client"])
        audit(actor, "billing.order_placed", order, reason=terms.reason)
        emit(OrderPlaced(order.pk))
        _begin(order, terms, actor)
        if terms.invoice == "issue":
            issue_or_hold(order.invoice, actor=actor)
        elif order.invoice:
            note_totals(order.invoice)
    order.refresh_from_db()
    return order


def _begin(order: Order, terms: Terms, actor) -> None:
    """At once what is set up on order; everything when staff say so; nothing when somebody has to accept it."""
    if terms.waits:
        return
    if terms.begin_now:
        accept(order, actor=actor)
    activate_ordered(order, set(SetupOn.values) if terms.begin_now else {SetupOn.ORDER}, actor=actor)


def _same_client(order: Order, client) -> Order:
    if order.client_id != client.pk:
        raise AppError(_("This order cannot be repeated."), code="idempotency_conflict")
    return order


def _check_cart(cart: Cart, account, client) -> None:
    if cart.ordered_at:
        raise AppError(_("This cart was ordered already."), code="already_ordered")
    if client.is_closed or account.client_id != client.pk:  # merged while the page was open
        raise AppError(_("This account is closed."), code="client_closed")
    if cart.currency != account.currency:
        raise AppError(
            _("Your account is kept in %(currency)s.") % {"currency": account.currency}, code="currency_mismatch"
        )


def _checked_quote(cart: Cart, client, expected_total: Decimal, terms: Terms) -> Quote:
    found = quote(cart, client=client, own_prices=terms.own_prices, granted=terms.discount)
    if not found.lines:
        raise AppError(_("Your cart is empty."), code="empty_cart")
    for line in found.lines:
        if line.problem == "out_of_stock":
            raise AppError(_("%(product)s is sold out.") % {"product": line.product}, code="out_of_stock", quote=found)
        if line.problem == "options":
            words = _("An option of %(product)s is not offered like this any more. Please choose again.")
            raise AppError(words % {"product": line.product}, code="not_sold")
        if line.problem:
            raise AppError(
                _("%(product)s is not sold like this any more.") % {"product": line.product}, code="not_sold"
            )
    if found.total.amount != expected_total:
        raise AppError(
            _("The price has changed since you saw it. Please check the new total."), code="price_changed", quote=found
        )
    return found


def _create_order(client, actor, idempotency_key, found: Quote, agreed: dict, terms: Terms) -> Order:
    return Order.objects.create(
        number=ORDER_NUMBER_FORMAT.value.format(number=next_number("order")),
        client=client,
        currency=found.currency,
        total_amount=found.total.amount,
        snapshot=_snapshot(found, agreed) | terms_as_seen(found, terms, client),
        idempotency_key=idempotency_key,
        placed_at=clock.now(),
        placed_by=actor.label[:200],
        ip_address=actor.ip,
    )


def _snapshot(found: Quote, agreed: dict) -> dict:
    """The order as it was seen: plain JSON, amounts as text."""
    return {
        "currency": found.currency,
        "country": found.country,
        "net": str(found.net.amount),
        "tax": str(found.tax.amount),
        "total": str(found.total.amount),
        "taxes": [
            {"name": group.name, "percent": str(group.percent), "net": str(group.net), "tax": str(group.tax)}
            for group in found.taxes
        ],
        "agreed": agreed,
        "codes": [code.text for code in found.codes if not code.refusal],
        "later": [
            {"line": str(step.line.cart_line), "on": step.on.isoformat(), "net": str(step.net.amount), "total": str(step.total.amount)}
            for step in found.steps
        ],
        "renewals": [{"on": row.on.isoformat(), "total": str(row.total.amount)} for row in found.renewals],
        "lines": [
            {
                "product": line.product.name,
                "product_id": line.product.pk,
                "label": line.label,
                "answers": line.cart_line.answers,
                "cycle": line.cycle,
                "quantity": line.quantity,
                "unit": str(line.unit.amount),
                "setup": str(line.setup.amount),
                "recurring": str(line.recurring.amount),
                "today": str(line.today.amount),
                "renewal": str(line.renewal.amount),
                "full_renewal": str(line.full_renewal.amount),
                "discounts": [
                    {"words": part.description, "net": str(charge_of(part, found.currency))} for part in line.discounts
                ],
                "options": [
                    {"option": item.option.key, "words": item.description, "value": item.value, "quantity": item.quantity,
                     "unit": str(item.unit_amount), "setup": str(item.setup_amount)}
                    for item in line.items
                ],
                "addon_of": _words_of_parent(line.cart_line),
                "bundle": line.cart_line.bundle_item.bundle.name if line.cart_line.bundle_item else "",
                "free_until": line.trial.last_day.isoformat() if line.trial else None,
                "ends_on": line.ends_on.isoformat() if line.ends_on else None,
                "renews_on": line.renews_on.isoformat() if line.renews_on else None,
            }
            for line in found.lines
        ],
    }


def _words_of_parent(cart_line) -> str:
    parent = cart_line.parent or cart_line.for_subscription
    return str(parent) if parent else ""


def _take_stock(found: Quote) -> None:
    """Conditional update per product, in the order of ids: two orders can never both take the last one."""
    for line in sorted(found.lines, key=lambda line: line.product.pk):
        if line.product.stock is None:
            continue
        taken = Product.objects.filter(pk=line.product.pk, stock__gte=line.quantity).update(
            stock=F("stock") - line.quantity
        )
        if not taken:
            raise AppError(_("%(product)s is sold out.") % {"product": line.product}, code="out_of_stock", quote=found)


def _lines(order: Order, account, found: Quote, terms: Terms, actor) -> list[NewLine]:
    """The order's lines with their pending subscriptions, and what an invoice says of them."""
    new_lines, ordered = [], {}
    promotions = {f"code:{row.pk}": row for row in found.promotions}
    for quoted in found.lines:
        above = ordered.get(quoted.cart_line.parent_id)
        row = OrderLine.objects.create(
            order=order,
            product=quoted.product,
            cycle=quoted.cycle,
            quantity=quoted.quantity,
            currency=found.currency,
            unit_amount=quoted.unit.amount,
            setup_amount=quoted.setup.amount,
            label=quoted.label,
            answers=quoted.cart_line.answers,
            parent=above.order_line if above else None,
        )
        parent = above or quoted.cart_line.for_subscription
        subscription = create_subscription(account, row, quoted.planned, parent=parent, actor=SYSTEM)
        ordered[quoted.cart_line.pk] = subscription
        cuts = attach_discounts(subscription, quoted.planned.cuts, promotions, actor=actor, reason=terms.reason)
        with translation.override(order.client.language):
            new_lines += replace(quoted.planned, cuts=tuple(cuts)).first_lines
        use_up_first(subscription, quoted.planned)
    return new_lines


def _invoice(account, lines: list[NewLine]) -> Invoice:
    due_on = clock.today() + timedelta(days=ORDER_DUE_DAYS.value)
    return draft_invoice(account, lines, kind=Invoice.Kind.ORDER, due_on=due_on)


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
