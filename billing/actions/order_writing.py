"""An order with its lines, pending subscriptions and invoice, as rows: what placing one writes, in few statements."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from billing.events import OrderPlaced
from billing.models import (
    Invoice,
    LocationEvidence,
    NewLine,
    Order,
    OrderLine,
    Product,
    SetupOn,
    Subscription,
    SubscriptionItem,
)
from billing.options import ORDER_DUE_DAYS, ORDER_NUMBER_FORMAT, PROFORMA
from billing.queries.pricing import charge_of
from billing.queries.quote import Quote
from hostbill.core import bulk, clock
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.fetch import relate
from hostbill.core.gathering import gathered
from hostbill.core.sequence import next_number

from .acceptance import accept, activate_ordered
from .discount import use_up_first
from .draft import note_totals
from .evidence import location_of
from .hold import issue_or_hold, must_wait
from .invoice import draft_invoice
from .issue_many import NewInvoice, issue_new
from .lines import rules_for_writing
from .order_terms import SHOP, Terms, terms_as_seen
from .promotion import attach_discounts, use_promotions
from .subscription import tell_created
from .vat_check import note_tax_id


@dataclass(frozen=True)
class Placing:
    """Who places an order under which key, on which terms. `agreed` goes into the snapshot; `network_country`: where the visitor's
    network is."""

    key: str
    actor: object
    terms: Terms = SHOP
    agreed: dict = field(default_factory=dict)
    network_country: str = ""


def write_order(account, priced: Callable[..., Quote], placing: Placing) -> Order:
    """The order of what `priced(client)` tells, at that price. Caller holds the account's lock. AppError as `place_order`."""
    client, terms = relate(account, "client"), placing.terms
    note_tax_id(client, actor=placing.actor)
    found = _orderable(priced(client))
    with gathered():
        order = _order(client, found, placing)
        _take_stock(found)
        is_now = terms.invoice == "issue" and not PROFORMA.value and not must_wait(client)
        lines = _write_rows(order, account, found, placing, is_now=is_now)
        if terms.invoice != "none" and not is_now:
            order.invoice = draft_invoice(account, lines, kind=Invoice.Kind.ORDER, due_on=_due_on(), rules=found.taxing.rules)
            order.save(update_fields=["invoice"])
        audit(placing.actor, "billing.order_placed", order, reason=terms.reason)
        emit(OrderPlaced(order.pk))
        _begin(order, found, terms, placing.actor)
        if is_now:
            new = NewInvoice(account, lines, _due_on(), Invoice.Kind.ORDER, order.invoice_id)
            rules = rules_for_writing(client, known=found.taxing.rules)
            order.invoice = issue_new(new, actor=placing.actor, rules=rules)
        elif terms.invoice == "issue":
            issue_or_hold(order.invoice, actor=placing.actor)
        elif order.invoice:
            note_totals(order.invoice)
    if not is_now or terms.begin_now or order.invoice.state != Invoice.State.ISSUED:
        order.refresh_from_db()
    return order


def _due_on():
    return clock.today() + timedelta(days=ORDER_DUE_DAYS.value)


def _begin(order: Order, found: Quote, terms: Terms, actor) -> None:
    """At once what is set up on order; everything when staff say so; nothing when somebody has to accept it."""
    if terms.waits:
        return
    if terms.begin_now:
        accept(order, actor=actor)
    moments = set(SetupOn.values) if terms.begin_now else {SetupOn.ORDER}
    if moments & {line.product.setup_on for line in found.lines}:
        activate_ordered(order, moments, actor=actor)


def _orderable(found: Quote) -> Quote:
    if not found.lines:
        raise AppError(_("Your cart is empty."), code="empty_cart")
    for line in found.lines:
        if line.problem == "out_of_stock":
            raise AppError(_("%(product)s is sold out.") % {"product": line.product}, code="out_of_stock", quote=found)
        if line.problem == "options":
            words = _("An option of %(product)s is not offered like this any more. Please choose again.")
            raise AppError(words % {"product": line.product}, code="not_sold")
        if line.problem:
            words = _("%(product)s is not sold like this any more.")
            raise AppError(words % {"product": line.product}, code="not_sold")
    return found


def _order(client, found: Quote, placing: Placing) -> Order:
    """Numbered, not stored."""
    return Order(
        number=ORDER_NUMBER_FORMAT.value.format(number=next_number("order")),
        client=client,
        currency=found.currency,
        total_amount=found.total.amount,
        snapshot=_snapshot(found, placing.agreed) | terms_as_seen(found, placing.terms, client),
        idempotency_key=placing.key,
        placed_at=clock.now(),
        placed_by=placing.actor.label[:200],
        ip_address=placing.actor.ip,
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


def _write_rows(order: Order, account, found: Quote, placing: Placing, *, is_now: bool) -> list[NewLine]:
    """The order with its lines and their pending subscriptions; returns what an invoice says of them. `is_now`: it is written
    next, under a key that the order has already."""
    evidence = location_of(order, placing.network_country)
    items = [item for quoted in found.lines for item in quoted.planned.items]
    keys = bulk.reserve_all(
        {Order: 1, Invoice: int(is_now), OrderLine: len(found.lines), Subscription: len(found.lines), SubscriptionItem: len(items),
         LocationEvidence: len(evidence)}
    )  # fmt: skip
    order.pk, order.invoice_id = keys[Order][0], next(iter(keys[Invoice]), None)
    tables = [(Order, [order]), *_ordered(account, found), (SubscriptionItem, items), (LocationEvidence, evidence)]
    for model, rows in tables:
        for row, key in zip(rows, keys[model], strict=True):
            row.pk = key
    _connect(order, found, tables)
    bulk.insert_all(tables)
    use_promotions(order, found.promotions)
    lines = [line for quoted in found.lines for line in _begun(order, quoted, found, placing)]
    order._state.adding = False
    return lines


def _ordered(account, found: Quote) -> list[tuple]:
    """Lines and subscriptions as tables, not yet connected."""
    rows = [
        OrderLine(
            product=quoted.product,
            cycle=quoted.cycle,
            quantity=quoted.quantity,
            currency=found.currency,
            unit_amount=quoted.unit.amount,
            setup_amount=quoted.setup.amount,
            label=quoted.label,
            answers=quoted.cart_line.answers,
        )
        for quoted in found.lines
    ]
    subscriptions = [quoted.planned.subscription for quoted in found.lines]
    for subscription in subscriptions:
        subscription.account, subscription.client_id = account, account.client_id
    return [(OrderLine, rows), (Subscription, subscriptions)]


def _connect(order: Order, found: Quote, tables: list[tuple]) -> None:
    """What rows say of each other, now that they have their keys."""
    placed = {}
    (_order, _orders), (_lines, rows), _subscriptions, _items, (_evidence, signs) = tables
    for sign in signs:
        sign.order = order
    for quoted, row in zip(found.lines, rows, strict=True):
        above, subscription = placed.get(quoted.cart_line.parent_id), quoted.planned.subscription
        row.order, row.parent = order, above and above.order_line
        subscription.order_line, subscription.parent = row, above or quoted.cart_line.for_subscription
        for item in quoted.planned.items:
            item.subscription = subscription
        placed[quoted.cart_line.pk] = subscription


def _begun(order: Order, quoted, found: Quote, placing: Placing) -> list[NewLine]:
    """One of its subscriptions is there: told, with its discounts; what the first invoice says of it."""
    subscription, promotions = quoted.planned.subscription, {f"code:{row.pk}": row for row in found.promotions}
    tell_created(subscription, actor=SYSTEM)
    cuts = attach_discounts(subscription, quoted.planned.cuts, promotions, actor=placing.actor, reason=placing.terms.reason)
    with translation.override(order.client.language):
        lines = replace(quoted.planned, cuts=tuple(cuts)).first_lines
    subscription._state.adding = False
    if cuts:
        use_up_first(subscription, quoted.planned)
    return lines
