"""Services and addons: found and told. What is done on panels is in modules.py, what is changed in service_changes.py."""

from django.db.models import Q

from billing.models import Subscription
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import listed, paged
from hostbill.whmcs.records.found import client_of
from hostbill.whmcs.records.service import addon_record, product_of_client, whole
from hostbill.whmcs.words import first_gateway

VIEW = "billing.subscription.view"


@action("GetClientsProducts", "Client", needs=VIEW, optional="limitstart limitnum clientid serviceid pid domain username2",
        missing="passwords of accounts are kept and told only as the settings allow; no custom fields, notes, dedicated IPs")  # fmt: skip
def get_clients_products(call: Call) -> dict:
    """What clients have, by id; addons have their own list."""
    values = call.values
    rows = Subscription.objects.visible_to(call.actor).filter(parent=None)
    if values.text("clientid"):
        rows = rows.filter(client_id=client_of(call).pk)
    for name, column in (("serviceid", "pk"), ("pid", "product_id")):
        if values.text(name):
            rows = rows.filter(**{column: values.whole(name)})
    if values.text("domain"):
        domain = values.text("domain")[:253].lower()
        rows = rows.filter(Q(label=domain) | Q(service__domain=domain))
    if values.text("username2"):
        known = call.actor.may("provisioning.service.view")
        rows = rows.filter(service__username=values.text("username2")[:64]) if known else rows.none()
    gateway = first_gateway()
    page = paged(values, whole(rows).order_by("pk"), "products", "product", lambda row: product_of_client(row, gateway, call.actor))
    asked = {name: values.text(name) or None for name in ("clientid", "serviceid", "pid", "domain")}
    return {**asked, **page}


@action("GetClientsAddons", "Client", needs=VIEW, optional="serviceid clientid addonid", missing="no own notes")
def get_clients_addons(call: Call) -> dict:
    """Addons of a service or of a client; ``addonid`` is the product that was added."""
    values = call.values
    rows = Subscription.objects.visible_to(call.actor).exclude(parent=None)
    if values.text("clientid"):
        rows = rows.filter(client_id=client_of(call).pk)
    if numbers := _numbers(call, "serviceid"):
        rows = rows.filter(parent_id__in=numbers)
    if numbers := _numbers(call, "addonid"):
        rows = rows.filter(product_id__in=numbers)
    gateway = first_gateway()
    found = [addon_record(row, gateway) for row in whole(rows).order_by("pk")[:1000]]
    asked = {name: values.text(name) for name in ("serviceid", "clientid")}
    return {**asked, "totalresults": len(found), **listed("addons", "addon", found)}


def _numbers(call: Call, name: str) -> list[int]:
    """Several ids with commas between."""
    return [int(part) for part in call.values.text(name).split(",") if part.strip().isdecimal() and len(part.strip()) < 19]
