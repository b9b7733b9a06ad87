"""Orders: found, accepted, cancelled. AddOrder is in placing.py, what can be ordered in products.py."""

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from billing.actions.acceptance import ALL, BEGIN, DUE, NOTHING
from billing.actions.order import accept_order, cancel_order, mark_fraud
from billing.actions.order_removal import delete_order
from billing.actions.order_reopening import end_order, reopen_order
from billing.models import Invoice, Order, Subscription
from hostbill.core.access import require
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.modules import sent_password
from hostbill.whmcs.answers import listed, paged
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import order_of
from hostbill.whmcs.records.order import order_record, whole
from hostbill.whmcs.words import ORDER_STATUS, first_gateway, key_of
from provisioning.actions.wished import set_up_wished
from provisioning.models import Server

VIEW, ACCEPT, CANCEL = "billing.order.view", "billing.order.accept", "billing.order.cancel"
COLOURS = {"pending": "#cc0000", "accepted": "#779500", "cancelled": "#888888", "fraud": "#000000"}


@action("GetOrders", "Orders", needs=VIEW, optional="limitstart limitnum id userid requestor_id status",
        missing="requestor_id is not kept: the list is then empty")  # fmt: skip
def get_orders(call: Call) -> dict:
    """A page of orders, the newest first."""
    values, rows = call.values, Order.objects.visible_to(call.actor)
    if values.text("id"):
        rows = rows.filter(pk=values.whole("id"))
    if values.text("userid"):
        rows = rows.filter(client_id=values.whole("userid"))
    if values.text("status"):
        rows = rows.filter(state=key_of(ORDER_STATUS, values.text("status")) or "")
    if values.whole("requestor_id"):
        rows = rows.none()
    gateway = first_gateway()
    return paged(values, whole(rows).order_by("-pk"), "orders", "order", lambda row: order_record(row, gateway))


@action("GetOrderStatuses", "Orders", needs=VIEW)
def get_order_statuses(call: Call) -> dict:
    """The four states, with how many orders are in each."""
    counts = dict(Order.objects.visible_to(call.actor).values_list("state").annotate(Count("pk")).order_by())
    rows = [{"title": words, "color": COLOURS[state], "count": counts.get(state, 0)} for state, words in ORDER_STATUS.items()]
    return {"totalresults": len(rows), **listed("statuses", "status", rows)}


@action(
    "AcceptOrder",
    "Orders",
    needs=ACCEPT,
    required="orderid",
    optional="serverid serviceusername servicepassword registrar sendregistrar autosetup sendemail",
    missing="the panel is called within seconds after the answer; what was begun may wait for room on a server; no registrars; the welcome "
    "mail is always sent",
)
@transaction.atomic
def accept(call: Call) -> dict:
    """It begins, paid or not; with ``autosetup`` false it is only accepted. Whoever may not begin what is unpaid leaves that to the
    payment."""
    order, values = order_of(call), call.values
    if order.state != Order.State.PENDING:
        raise Refused(_("Order ID not found or Status not Pending"))
    accept_order(order, actor=call.actor, begin=_begin(call, order))
    wished = {"server": _server(call), "username": values.text("serviceusername"), "password": sent_password(call)}
    if not any(wished.values()):
        return {}
    require(call.actor, "provisioning.service.edit")
    rows = Subscription.objects.filter(order_line__order=order, state="active", parent=None).select_related("product")
    for row in rows.order_by("pk"):
        if set_up_wished(row, actor=call.actor, **wished):
            wished |= {"username": "", "password": ""}  # they name one account
    return {}


def _begin(call: Call, order: Order) -> str:
    if call.values.has("autosetup"):
        return ALL if call.values.flag("autosetup") else NOTHING
    paid = order.invoice is None or order.invoice.state == Invoice.State.PAID
    return ALL if paid or call.actor.may(BEGIN) else DUE


def _server(call: Call) -> Server | None:
    number = call.values.whole("serverid")
    if not number:
        return None
    server = Server.objects.visible_to(call.actor).filter(pk=number).first()
    if server is None:
        raise Refused(_("Server ID Not Found"))
    return server


@action("PendingOrder", "Orders", needs=ACCEPT, required="orderid",
        missing="what runs goes on and keeps its status; what was served and ended does not begin again")  # fmt: skip
def pending(call: Call) -> dict:
    """It waits for acceptance again; what was cancelled with it is invoiced anew."""
    order = order_of(call)
    if order.state != Order.State.PENDING:
        reopen_order(order, actor=call.actor, reason=_("By the API"))
    return {}


@action("CancelOrder", "Orders", needs=CANCEL, required="orderid", optional="cancelsub noemail",
        missing="no gateway subscriptions; what ends is told as always, noemail or not")  # fmt: skip
def cancel(call: Call) -> dict:
    """Nothing of it begins, its unpaid invoice is withdrawn, and what runs ends at once: whoever may not end it is refused."""
    order = order_of(call)
    if order.state == Order.State.CANCELLED:
        raise Refused(_("Order ID not found or Status not Pending"))
    (end_order if order.is_served else cancel_order)(order, actor=call.actor, reason=_("By the API"))
    return {}


@action("FraudOrder", "Orders", needs=CANCEL, required="orderid", optional="cancelsub", missing="no gateway subscriptions")
def fraud(call: Call) -> dict:
    """What waits is cancelled, what runs is suspended."""
    order = order_of(call)
    if order.state == Order.State.FRAUD:
        return {}
    mark_fraud(order, actor=call.actor, reason=_("By the API"))
    return {}


@action("DeleteOrder", "Orders", needs=CANCEL, required="orderid",
        missing="an order of which a numbered document, money or a service came stays, cancelled, as those have to be kept")  # fmt: skip
def delete(call: Call) -> dict:
    """As far as nothing has to be kept."""
    order = order_of(call)
    if order.state not in (Order.State.CANCELLED, Order.State.FRAUD):
        raise Refused(_("The order status must be in Cancelled or Fraud to be deleted"))
    delete_order(order, actor=call.actor)
    return {}
