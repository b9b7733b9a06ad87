"""AddOrder: what was sent, made into the lines of an order that waits for AcceptOrder."""

import uuid
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.order_terms import Terms
from billing.actions.staff_order import Ordered, order_for_client
from billing.models import Order, Product, ProductOption, Subscription
from billing.queries.chosen import WITH_OPTIONS, options_of
from billing.queries.price import prices_of
from hostbill.core.errors import AppError
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import client_of
from hostbill.whmcs.values import ON, Values
from hostbill.whmcs.words import cycle_of, gateway_of, gateways

DOMAIN_WORDS = "HostBill does not register or manage domain names yet"


@action(
    "AddOrder",
    "Orders",
    needs="billing.order.create",
    required="clientid paymentmethod",
    optional="pid qty domain billingcycle domaintype regperiod idnlanguage eppcode nameserver1 nameserver2 nameserver3 nameserver4 "
    "nameserver5 customfields configoptions priceoverride promocode promooverride affid noinvoice noinvoiceemail noemail addons addonsqty "
    "hostname ns1prefix ns2prefix rootpw contactid dnsmanagement domainfields emailforwarding idprotection domainpriceoverride "
    "domainrenewoverride domainrenewals clientip addonid addonidqty serviceid addonids addonidsqty serviceids servicerenewals "
    "addonrenewals",
    missing="registering and transferring domains and on-demand renewals are refused; no custom fields, affiliates, promooverride, "
    "hostname, rootpw, contactid; noinvoice leaves the invoice as a draft; noinvoiceemail and noemail are one, as there is one mail",
)
@transaction.atomic
def add_order(call: Call) -> dict:
    """Everything as one order with one invoice. Nothing begins before AcceptOrder, paid or not."""
    client, values = client_of(call), call.values
    _refuse_domains(values)
    lines = [*_products(values, client), *_addons_of_services(call)]
    if not lines:
        raise Refused(_("You must specify at least one product/service, addon or domain"))
    try:
        order = order_for_client(client, lines, terms=_terms(call), key=f"whmcs-{uuid.uuid4()}", actor=call.actor)
    except AppError as error:
        place = error.details.get("line")
        name = lines[place].product.name if place is not None else ""
        raise Refused(f"{name}: {error.message}" if name else error.message, code=error.code) from error
    return _answer(order, has_invoice=not values.flag("noinvoice"))


def _answer(order: Order, *, has_invoice: bool) -> dict:
    rows = list(Subscription.objects.filter(order_line__order=order).order_by("pk").values_list("pk", "parent_id"))
    services = ",".join(str(pk) for pk, parent in rows if parent is None)
    return {
        "orderid": order.pk,
        "productids": services,
        "serviceids": services,
        "addonids": ",".join(str(pk) for pk, parent in rows if parent is not None),
        "domainids": "",
        "invoiceid": order.invoice_id if has_invoice and order.invoice_id else 0,
    }


def _refuse_domains(values: Values) -> None:
    """What would silently not happen is refused."""
    if {text.lower() for text in values.several("domaintype")} & {"register", "transfer"} or values.pairs("domainrenewals"):
        raise Refused(DOMAIN_WORDS)
    if values.found.get("servicerenewals") or values.found.get("addonrenewals"):
        raise Refused(_("Renewals are invoiced by themselves; they cannot be ordered"))


def _terms(call: Call) -> Terms:
    values = call.values
    method = gateway_of(values.text("paymentmethod"))
    said = {"paymentmethod": method, "paymentmethodname": str(gateways()[method]), "clientip": values.text("clientip")[:45]}
    return Terms(
        reason=_("Price by the API"),
        invoice="draft" if values.flag("noinvoice") else "issue",
        mail=not (values.flag("noemail") or values.flag("noinvoiceemail")),
        codes=tuple(filter(None, [values.text("promocode")])),
        waits=True,
        said=said,
    )


# --- lines -----------------------------------------------------------------------------------------------------------


def _products(values: Values, client) -> list[Ordered]:
    """``pid[0]``, ``qty[0]``, ... or the same without brackets: a product, then its addons."""
    found, sent = [], values.found.get("pid")
    if not sent:
        return found
    keyed = sent if isinstance(sent, dict) else {"0": sent}
    for place, (key, pid) in enumerate(keyed.items()):
        one = Values({name: _at(values, name, key, first=place == 0) for name in _OF_A_LINE})
        product = _product(pid)
        line = _line(product, one, client)
        addons = [_addon(_product(addon), client, cycle=line.cycle) for addon in one.text("addons").split(",") if addon.strip()]
        found += [line, *addons]
    return found


_OF_A_LINE = ("qty", "domain", "billingcycle", "configoptions", "priceoverride", "addons")
#: A single value of these holds for every product; of the others only for the first.
_COMMON = ("billingcycle",)


def _at(values: Values, name: str, key: str, *, first: bool):
    """The value for the product with this key."""
    value = values.found.get(name, "")
    if name == "configoptions" and isinstance(value, dict) and not isinstance(values.found.get("pid"), dict):
        return value  # the options themselves, of the only product
    if isinstance(value, dict):
        return value.get(key, "")
    return value if first or name in _COMMON else ""


def _product(pid) -> Product:
    """By its id, with prices and options. Retired ones are not sold."""
    number = Values({"pid": pid}).whole("pid")
    rows = Product.objects.filter(is_retired=False).select_related("group").prefetch_related("prices", WITH_OPTIONS)
    product = rows.filter(pk=number).first()
    if product is None:
        raise Refused(_("Product ID Not Found"))
    return product


def _line(product: Product, one: Values, client) -> Ordered:
    price = one.amount("priceoverride")
    return Ordered(
        product,
        _cycle(product, one.text("billingcycle"), client),
        one.whole("qty", 1) or 1,
        {"domain": one.text("domain")} if one.text("domain") else {},
        None if price is None else (price, Decimal(0)),
        options=choices_of(product, one.serialised("configoptions")),
    )


def _cycle(product: Product, text: str, client) -> str:
    """As sent; without it, or for a product that is paid in one way only, the shortest in which it is sold."""
    sold = list(prices_of(product, client.currency, client))
    wanted = cycle_of(text) if text else ""
    if wanted in sold or not sold:
        return wanted or "monthly"
    if not wanted or sold == ["one_time"]:
        return sold[0]
    raise Refused(_("%(product)s is not sold in that billing cycle") % {"product": product})


def choices_of(product: Product, sent: dict) -> dict:
    """WHMCS's values of options, by option id, as our forms take them."""
    found = {}
    for option in options_of(product):
        value = sent.get(str(option.pk), sent.get(option.pk))
        if value is not None and not isinstance(value, dict):
            found[str(option.pk)] = _choice(option, str(value).strip())
    return found


def _choice(option: ProductOption, text: str):
    if option.kind == ProductOption.Kind.YES_NO:
        return text.lower() in ON
    return Values({option.name: text}).whole(option.name)


def _addon(product: Product, client, *, cycle: str = "", belongs: Subscription | None = None, quantity: int = 1) -> Ordered:
    """In the cycle of what it belongs to, where it is sold so."""
    sold = list(prices_of(product, client.currency, client))
    return Ordered(product, cycle if cycle in sold or not sold else sold[0], quantity, belongs=belongs)


def _addons_of_services(call: Call) -> list[Ordered]:
    """``addonid`` with ``serviceid``, or lists of both: addons for what the client has already."""
    values, client = call.values, client_of(call)
    addons = values.several("addonids") or values.several("addonid")
    services = values.several("serviceids") or values.several("serviceid")
    quantities = values.several("addonidsqty") or values.several("addonidqty")
    if len(addons) != len(services):
        raise Refused(_("Each addon needs the id of its service"))
    found = []
    for place, (addon, service) in enumerate(zip(addons, services, strict=True)):
        row = _service(call, client, service)
        quantity = Values({"addonqty": quantities[place]}).whole("addonqty", 1) if place < len(quantities) else 1
        found.append(_addon(_product(addon), client, cycle=row.cycle, belongs=row, quantity=quantity or 1))
    return found


def _service(call: Call, client, text: str) -> Subscription:
    rows = Subscription.objects.visible_to(call.actor).filter(client=client)
    row = rows.filter(pk=Values({"serviceid": text}).whole("serviceid")).first()
    if row is None:
        raise Refused(_("Service ID Not Found"))
    return row
