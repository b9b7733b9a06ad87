"""UpgradeProduct: another plan, cycle or other options, looked at or done."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.change import preview_change, request_change
from billing.models import Product, Subscription, SubscriptionChange
from billing.queries.chosen import WITH_OPTIONS, chosen_by
from billing.queries.wish import Wish
from hostbill.core import clock
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.placing import choices_of
from hostbill.whmcs.answers import money
from hostbill.whmcs.currencies import prefix, suffix
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import service_of
from hostbill.whmcs.words import CYCLES, cycle_of, gateway_of


@action(
    "UpgradeProduct",
    "Service",
    needs="billing.subscription.change",
    required="serviceid paymentmethod type",
    optional="calconly newproductid newproductbillingcycle promocode configoptions",
    missing="no order is made, so orderid is 0 and order_number empty: the change and its invoice are the record; promocode is refused; "
    "the plan follows when the invoice is paid",
)
@transaction.atomic
def upgrade_product(call: Call) -> dict:
    """Now: what is left of the period is given back, the new is charged for the same days."""
    row, values = service_of(call), call.values
    gateway_of(values.text("paymentmethod"))
    if values.text("promocode"):
        raise Refused(_("Promotion codes do not hold for upgrades"))
    product, wish = _wish(call, row)
    seen = preview_change(row, wish, when=SubscriptionChange.When.NOW, for_staff=True)
    found = {**_told(row, product, wish, seen), "upgradeinprogress": int(row.changes.under_way().exists())}
    if values.flag("calconly"):
        return found
    change = request_change(row, wish, when=SubscriptionChange.When.NOW, actor=call.actor, expected=seen.now.total,
                            reason=_("By the API"), for_staff=True)  # fmt: skip
    made = {"id": change.pk, "orderid": 0, "order_number": "", "invoiceid": change.invoice_id or 0}
    return {**found, **made, "upgradeinprogress": int(change.is_under_way)}


def _wish(call: Call, row: Subscription) -> tuple[Product, Wish]:
    """What is asked for, by ``type``."""
    values, kind = call.values, call.values.text("type").lower()
    if kind not in ("product", "configoptions"):
        raise Refused(_("Invalid Upgrade Type: product or configoptions"))
    wanted = values.whole("newproductid", row.product_id) if kind == "product" else row.product_id
    product = Product.objects.filter(pk=wanted).prefetch_related(WITH_OPTIONS).first()
    if product is None:
        raise Refused(_("Product ID Not Found"))
    if kind == "configoptions":
        chosen = {**chosen_by(row), **choices_of(product, values.serialised("configoptions"))}
        return product, Wish(chosen=chosen)
    cycle = values.text("newproductbillingcycle")
    return product, Wish(product_id=product.pk, cycle=cycle_of(cycle) if cycle else None)


def _told(row: Subscription, product: Product, wish: Wish, seen) -> dict:
    """Days are those of the present period; ``price`` is what is due now, with tax; what is given back is below zero."""
    today = clock.today()
    until = row.next_due_on or today
    return {
        "oldproductid": row.product_id,
        "oldproductname": f"{row.product.group.name} - {row.product.name}",
        "newproductid": product.pk,
        "newproductname": product.name,
        "daysuntilrenewal": max((until - today).days, 0),
        "totaldays": row.full_period(today).days if row.is_recurring else 0,
        "newproductbillingcycle": CYCLES[wish.cycle or row.cycle][1],
        "price": f"{prefix(row.currency)}{money(seen.now.total)}{suffix(row.currency)}",
        "discount": "",
        "promoqualifies": True,
    }
