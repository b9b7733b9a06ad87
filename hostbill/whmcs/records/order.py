"""Orders with what was ordered."""

from django.db.models import Prefetch

from billing.models import Order, OrderLine
from billing.models.cycle import Cycle
from hostbill.whmcs.answers import instant, money
from hostbill.whmcs.currencies import prefix, suffix
from hostbill.whmcs.records.product import PROMOTION_TYPES
from hostbill.whmcs.words import ORDER_STATUS, SERVICE_STATUS, cycle_words

INVOICE_STATUS = {
    "draft": "Draft",
    "issued": "Unpaid",
    "paid": "Paid",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "bad_debt": "Collections",
}
_LINES = Prefetch("lines", OrderLine.objects.select_related("product__group", "subscription"))


def whole(rows):
    """With everything that a record says; as many queries for many rows as for one."""
    return rows.select_related("client", "invoice").prefetch_related(_LINES, "promotion_uses__promotion__amounts")


def order_record(order: Order, gateway: tuple[str, str]) -> dict:
    """A row of GetOrders."""
    said = order.said
    return {
        "id": order.pk,
        "ordernum": order.number,
        "userid": order.client_id,
        "contactid": 0,
        "requestor_id": 0,
        "admin_requestor_id": 0,
        "date": instant(order.placed_at),
        "nameservers": "",
        "transfersecret": "",
        "renewals": "",
        "renewalsByType": {},
        **_promotion(order),
        "orderdata": "[]",
        "amount": money(order.total_amount),
        "paymentmethod": said.get("paymentmethod") or gateway[0],
        "paymentmethodname": said.get("paymentmethodname") or gateway[1],
        "invoiceid": order.invoice_id or 0,
        "paymentstatus": INVOICE_STATUS[order.invoice.state] if order.invoice else "No Invoice Required",
        "status": ORDER_STATUS[order.state],
        "ipaddress": said.get("clientip") or order.ip_address or "",
        "fraudmodule": "",
        "fraudoutput": "",
        "frauddata": "",
        "notes": "",
        "name": order.client.person_name or order.client.company,
        "currencyprefix": prefix(order.currency),
        "currencysuffix": suffix(order.currency),
        "lineitems": {"lineitem": [_line(line) for line in order.lines.all()]},
    }


def _promotion(order: Order) -> dict:
    use = next(iter(order.promotion_uses.all()), None)
    if use is None:
        return {"promocode": "", "promotype": "", "promovalue": ""}
    promotion = use.promotion
    amount = next((row.value_amount for row in promotion.amounts.all() if row.currency == order.currency), None)
    value = promotion.percent if promotion.percent is not None else amount
    return {"promocode": promotion.code, "promotype": PROMOTION_TYPES[promotion.kind], "promovalue": money(value)}


def _line(line: OrderLine) -> dict:
    row = getattr(line, "subscription", None)
    amount = (line.unit_amount + line.setup_amount) * line.quantity
    is_free = line.cycle == Cycle.ONE_TIME and not amount
    return {
        "type": "addon" if line.parent_id or (row and row.parent_id) else "product",
        "relid": row.pk if row else 0,
        "producttype": "Hosting Account" if line.product.kind == "hosting" else "Other Product/Service",
        "product": f"{line.product.group.name} - {line.product.name}",
        "domain": line.label,
        "billingcycle": cycle_words(line.cycle, is_free=is_free),
        "amount": f"{prefix(line.currency)}{money(amount)}{suffix(line.currency)}",
        "status": SERVICE_STATUS[row.state] if row else "Pending",
    }
