"""What clients have: services and addons. Rows come with all that is read here (`WHOLE`)."""

from decimal import Decimal

from django.db.models import Prefetch

from billing.models import Subscription, SubscriptionItem, Suspension
from clients.options import WHMCS_PASSWORDS
from hostbill.core.access import Actor
from hostbill.whmcs.answers import day, instant, money
from hostbill.whmcs.records.product import OPTION_TYPES
from hostbill.whmcs.words import SERVICE_STATUS, cycle_words

MB = 1_000_000
_ITEMS = Prefetch("items", SubscriptionItem.objects.select_related("option", "choice"))
_HELD = Prefetch("suspensions", Suspension.objects.filter(lifted_at=None).order_by("started_at"), to_attr="held")


def whole(rows):
    """With everything that a record says; as many queries for many rows as for one."""
    related = ("product__group", "client", "order_line__order", "service__server", "parent")
    return rows.select_related(*related).prefetch_related(_ITEMS, _HELD, "discounts")


def status_of(row: Subscription) -> str:
    """As WHMCS calls it."""
    return SERVICE_STATUS[row.state]


def recurring_of(row: Subscription) -> Decimal:
    """Of a whole period with its options, before discounts, net or with tax as the price is kept."""
    if not row.is_recurring:
        return Decimal(0)
    return (row.price_amount + _options_sum(row, "unit_amount")) * row.quantity


def first_of(row: Subscription) -> Decimal:
    """What the first period and the set-up cost when it was ordered, before discounts."""
    line = row.order_line
    if line is None:
        return recurring_of(row)
    options = _options_sum(row, "unit_amount") + _options_sum(row, "setup_amount")
    return (line.unit_amount + line.setup_amount + options) * row.quantity


def _options_sum(row: Subscription, name: str) -> Decimal:
    return sum((getattr(item, name) * item.quantity for item in row.items.all()), Decimal(0))


def is_free(row: Subscription) -> bool:
    """Costs nothing, now and later."""
    return not row.price_amount and not row.items.all() and not (row.order_line and first_of(row))


def product_of_client(row: Subscription, gateway: tuple[str, str], actor: Actor) -> dict:
    """A row of GetClientsProducts. The technical side is told to those who may see services."""
    service = service_row(row) if actor.may("provisioning.service.view") else None
    password = WHMCS_PASSWORDS.value and actor.may("provisioning.service.password")
    return {**_what(row), **_technical(row, service), **_paid(row, gateway), **_rest(row, service, password)}


def service_row(row: Subscription):
    """The technical side; None where there is none."""
    return getattr(row, "service", None)


def _what(row: Subscription) -> dict:
    order, service = row.order_line.order if row.order_line else None, service_row(row)
    return {
        "id": row.pk,
        "qty": row.quantity,
        "clientid": row.client_id,
        "orderid": order.pk if order else 0,
        "ordernumber": order.number if order else "",
        "pid": row.product_id,
        "regdate": day(row.started_on),
        "name": row.product.name,
        "translated_name": row.product.name,
        "groupname": row.product.group.name,
        "translated_groupname": row.product.group.name,
        "domain": service.domain if service else row.label,
    }


def _technical(row: Subscription, service) -> dict:
    server = service.server if service else None
    return {
        "dedicatedip": "",
        "serverid": server.pk if server else 0,
        "servername": server.name if server else "",
        "serverip": (server.ip_address or "") if server else "",
        "serverhostname": server.hostname if server else "",
        "suspensionreason": row.held[0].reason if row.held else "",
    }


def _paid(row: Subscription, gateway: tuple[str, str]) -> dict:
    said = row.order_line.order.said if row.order_line else {}
    return {
        "firstpaymentamount": money(first_of(row)),
        "recurringamount": money(recurring_of(row)),
        "paymentmethod": said.get("paymentmethod") or gateway[0],
        "paymentmethodname": said.get("paymentmethodname") or gateway[1],
        "billingcycle": cycle_words(row.cycle, is_free=is_free(row)),
        "nextduedate": day(row.next_due_on or row.cancel_on),
        "status": status_of(row),
    }


def _rest(row: Subscription, service, password: bool) -> dict:
    servers = list(service.server.nameservers) if service and service.server else []
    usage = (service.usage or {}) if service else {}
    return {
        "username": service.username if service else "",
        "password": service.password if service and password else "",
        "subscriptionid": "",
        "promoid": next((cut.promotion_id for cut in row.discounts.all() if cut.is_live and cut.promotion_id), 0),
        "overideautosuspend": 0,
        "overidesuspenduntil": "0000-00-00",
        "ns1": servers[0] if servers else "",
        "ns2": servers[1] if len(servers) > 1 else "",
        "assignedips": "",
        "notes": "",
        "diskusage": _mb(usage, "disk_used"),
        "disklimit": _mb(usage, "disk_limit"),
        "bwusage": _mb(usage, "bandwidth_used"),
        "bwlimit": _mb(usage, "bandwidth_limit"),
        "lastupdate": instant(service.usage_at if service else None),
        "customfields": {"customfield": []},
        "configoptions": {"configoption": [_option(item) for item in row.items.all()]},
    }


def _mb(usage: dict, name: str) -> int:
    """WHMCS counts megabytes."""
    return int(usage.get(name) or 0) // MB


def _option(item: SubscriptionItem) -> dict:
    kinds = {1: "dropdown", 2: "radio", 3: "yesno", 4: "quantity"}
    return {
        "id": item.option_id,
        "option": item.option.name,
        "type": kinds[OPTION_TYPES[item.option.kind]],
        "value": str(item.quantity) if item.option.kind == "quantity" else item.choice.name,
    }


def addon_record(row: Subscription, gateway: tuple[str, str]) -> dict:
    """A row of GetClientsAddons."""
    order = row.order_line.order if row.order_line else None
    return {
        "id": row.pk,
        "qty": row.quantity,
        "userid": row.client_id,
        "orderid": order.pk if order else 0,
        "serviceid": row.parent_id,
        "addonid": row.product_id,
        "name": row.product.name,
        "setupfee": money(row.order_line.setup_amount if row.order_line else 0),
        "recurring": money(recurring_of(row)),
        "billingcycle": cycle_words(row.cycle, is_free=is_free(row)),
        "tax": "1",
        "status": status_of(row),
        "regdate": day(row.started_on),
        "nextduedate": day(row.next_due_on or row.cancel_on),
        "nextinvoicedate": day(row.next_due_on),
        "terminationdate": day(row.ended_on or row.cancel_on),
        "paymentmethod": gateway[0],
        "subscriptionid": "",
        "notes": "",
    }
