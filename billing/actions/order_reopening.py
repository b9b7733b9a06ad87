"""Going back on what was decided about an order: it is cancelled although something runs, or waits again as if nothing had been said."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from billing.events import OrderReopened
from billing.models import Invoice, InvoiceLine, NewLine, Order, Product, Subscription, Suspension
from billing.options import ORDER_DUE_DAYS
from billing.queries.planned import planned_again
from billing.queries.pricing import PRICED
from hostbill.core import access, clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.states import transition

from .account import lock_account, open_account
from .cancellation import NOW, cancel_subscription
from .discount import use_up_first
from .hold import issue_or_hold
from .invoice import draft_invoice
from .lines import note_totals
from .order import cancel_order, check_account
from .promotion import use_promotions
from .suspension import lift_suspension

REOPEN, CANCEL, END = "billing.order.accept", "billing.order.cancel", "billing.subscription.cancel"


def end_order(order: Order, *, actor, reason: str) -> Order:
    """Cancel an order with what is served of it: that ends at once, and what is given back follows the setting."""
    access.require(actor, CANCEL)
    access.require(actor, END)
    with transaction.atomic():
        lock_account(open_account(order.client))
        served = Subscription.objects.filter(order_line__order=order, state__in=["active", "suspended"])
        for row in served.order_by("pk"):
            row.refresh_from_db(fields=["state"])
            if row.is_running:  # an addon ended with its parent
                cancel_subscription(row, when=NOW, reason=reason, actor=actor)
        return cancel_order(order, actor=actor, reason=reason)


def reopen_order(order: Order, *, actor, reason: str) -> Order:
    """The order waits for acceptance again. What of it runs goes on. What was cancelled with it waits again at the prices agreed to:
    stock and codes are taken once more, and what is not invoiced any more is invoiced anew. A suspension as fraud is lifted.

    AppError: "client_closed", "ended" (what was served and ended stays so), "too_late" when a first period is over, "out_of_stock",
    "promotion"; IllegalTransition when it waits already."""
    access.require(actor, REOPEN)
    with transaction.atomic():
        account = lock_account(open_account(order.client))
        order = Order.objects.select_related("client", "invoice").get(pk=order.pk)
        since = order.fraud_at or order.cancelled_at
        transition(order, "pending", accepted_at=None, cancelled_at=None, fraud_at=None)
        if since:
            check_account(account, order.client)
            _take_back(order, account, since, actor)
        audit(actor, "billing.order_reopened", order, reason=reason)
        emit(OrderReopened(order.pk))
    return order


def _take_back(order: Order, account, since, actor) -> None:
    """What was done to its parts since the moment at which it was cancelled."""
    ordered = Subscription.objects.filter(order_line__order=order).select_related("product", "order_line", "client__group", "account")
    rows = list(ordered.filter(state="cancelled", cancelled_at__gte=since).prefetch_related(*PRICED).order_by("pk"))
    if not rows and not ordered.filter(state__in=["active", "suspended"]).exists():
        raise AppError(_("What was served and has ended does not begin again: place a new order."), code="ended")
    _take_stock(rows)
    use_promotions(order, {use.promotion: use.net for use in order.promotion_uses.filter(released_at__gte=since)})
    lines = [line for row in rows for line in _again(row, order)]
    if lines:
        _invoice(order, account, lines, actor)
    for suspension in Suspension.objects.filter(
        subscription__in=ordered, kind=Suspension.Kind.ABUSE, lifted_at=None, started_at__gte=since
    ):
        lift_suspension(suspension, actor=actor, reason=_("The order is looked at again."))


def _take_stock(rows: list[Subscription]) -> None:
    for row in sorted(rows, key=lambda row: row.product_id):
        stocked = Product.objects.filter(pk=row.product_id, stock__isnull=False)
        if not stocked.filter(stock__gte=row.quantity).update(stock=F("stock") - row.quantity) and stocked.exists():
            raise AppError(_("%(product)s is sold out.") % {"product": row.product}, code="out_of_stock")


def _again(row: Subscription, order: Order) -> list[NewLine]:
    """It waits again; what has to be invoiced of it, nothing where an invoice still stands or none was to be written."""
    transition(row, "pending", cancelled_at=None, cancel_reason="")
    planned = planned_again(row)
    row.save(update_fields=["period_index", "next_due_on"])
    if row.next_due_on and row.next_due_on <= clock.today():
        raise AppError(_("The first period of %(name)s is over: place a new order.") % {"name": row}, code="too_late")
    stands = row.invoice_lines.filter(released=False).exclude(kind=InvoiceLine.Kind.USAGE).exists()
    if stands or order.snapshot.get("terms", {}).get("invoice") == "none":
        return []
    with translation.override(order.client.language):
        lines = planned.first_lines
    use_up_first(row, planned)
    return lines


def _invoice(order: Order, account, lines: list[NewLine], actor) -> None:
    """As it was ordered: issued, or left as a draft."""
    due_on = clock.today() + timedelta(days=ORDER_DUE_DAYS.value)
    draft = draft_invoice(account, lines, kind=Invoice.Kind.ORDER, due_on=due_on)
    if order.invoice is None or order.invoice.state == Invoice.State.CANCELLED:
        order.invoice = draft
        order.save(update_fields=["invoice"])
    if order.snapshot.get("terms", {}).get("invoice") == "draft":
        note_totals(draft)
    else:
        issue_or_hold(draft, actor=actor)
