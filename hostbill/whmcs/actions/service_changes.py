"""What a service is and costs: changed by fields, or exchanged for another plan, cycle or options."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing import kinds
from billing.actions.acceptance import begin_subscription
from billing.actions.cancellation import cancel_subscription
from billing.actions.stay import give_days
from billing.actions.subscription import change_label, change_price
from billing.actions.suspension import resume_subscription, suspend_subscription
from billing.models import Invoice, Subscription
from hostbill.core.access import require
from hostbill.core.money import Money
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.modules import sent_password
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import addon_of, service_of
from hostbill.whmcs.records.service import first_of, recurring_of, service_row
from hostbill.whmcs.words import SERVICE_STATUS, cycle_of, key_of
from provisioning.actions.service import move_service, set_password, terminate_service
from provisioning.models import Server

CHANGE, SUSPEND, SERVICE = "billing.subscription.change", "billing.subscription.suspend", "provisioning.service.edit"
SAME_ONLY = "cannot be set: UpgradeProduct changes plan, cycle and options, the console everything else"
STATES = {**SERVICE_STATUS, "ended": "Terminated"}


@action(
    "UpdateClientProduct",
    "Service",
    needs="billing.subscription.view",
    required="serviceid",
    optional="pid serverid regdate nextduedate terminationdate domain firstpaymentamount recurringamount paymentmethod billingcycle "
    "subscriptionid status notes serviceusername servicepassword overideautosuspend overidesuspenduntil ns1 ns2 dedicatedip assignedips "
    "diskusage disklimit bwusage bwlimit suspendreason promoid unset autorecalc customfields configoptions",
    missing="domain, recurringamount, status, servicepassword, serverid before there is an account, and overidesuspenduntil are done, with "
    "what follows on the panel; pid, billingcycle, regdate, nextduedate, firstpaymentamount and serviceusername are refused unless they "
    "are as they were; the rest is not kept",
)
@transaction.atomic
def update_client_product(call: Call) -> dict:
    """The agreement first, the panel after it."""
    row = service_of(call)
    _refuse_others(call, row)
    _rename(call, row)
    _price(call, row, "recurringamount")
    _hold_back(call, row)
    _status(call, row)
    _panel(call, row)
    return {"serviceid": row.pk}


def _refuse_others(call: Call, row: Subscription) -> None:
    """What moves money or an account is not swallowed."""
    values, service = call.values, service_row(row)
    cycle = values.text("billingcycle")
    differs = {
        "pid": values.whole("pid", row.product_id) != row.product_id,
        "billingcycle": bool(cycle) and cycle_of(cycle) != row.cycle,
        "regdate": _is_other(values.day("regdate"), row.started_on),
        "nextduedate": _is_other(values.day("nextduedate"), row.next_due_on),
        "firstpaymentamount": values.amount("firstpaymentamount", first_of(row)) != first_of(row),
        "serviceusername": values.text("serviceusername") not in ("", service.username if service else ""),
    }
    for name, other in differs.items():
        if other:
            raise Refused(f"{name} {SAME_ONLY}")


def _is_other(sent: date | None, known: date | None) -> bool:
    return sent is not None and sent != known


def _rename(call: Call, row: Subscription) -> None:
    """The domain that it is for."""
    domain = call.values.text("domain")
    if not domain or domain.lower() in (row.label, row.answers.get("domain")):
        return
    require(call.actor, SERVICE)
    kind = kinds.get(row.product.kind)
    if kind.order_form is None:
        answers, label = row.answers, domain
    else:
        answers = kinds.clean_answers(row.product, {**row.answers, "domain": domain})
        label = kind.label_from(answers)
    change_label(row, label=label, answers=answers, actor=call.actor)


def _price(call: Call, row: Subscription, name: str) -> None:
    """The amount of a whole period, from the next one on; options keep theirs."""
    wanted = call.values.amount(name)
    if wanted is None or wanted == round(recurring_of(row), 2):
        return
    require(call.actor, "billing.subscription.price")
    options = recurring_of(row) / row.quantity - row.price_amount
    price = wanted / row.quantity - options
    if price < 0:
        raise Refused(f"{name} is less than the options cost")
    change_price(row, price=Money(price, row.currency), actor=call.actor, reason=_("By the API"))


def _hold_back(call: Call, row: Subscription) -> None:
    """Not suspended before that day, though its invoices are unpaid."""
    until = call.values.day("overidesuspenduntil")
    if until is None or not call.values.flag("overideautosuspend", default=True):
        return
    require(call.actor, SUSPEND)
    unpaid = Invoice.objects.unpaid().filter(pk__in=row.invoice_lines.values("invoice_id"))
    for invoice in unpaid.order_by("pk"):
        give_days(invoice, until=until, actor=call.actor, reason=_("By the API"))


def _status(call: Call, row: Subscription) -> None:
    text = call.values.text("status")
    wanted = key_of(STATES, text)
    if not text or wanted == row.state:
        return
    step = _STEPS.get((row.state, wanted))
    if step is None:
        raise Refused(_("Invalid status: it cannot become that from what it is"))
    permission, do = step
    require(call.actor, permission)
    do(call, row)


def _begin(call: Call, row: Subscription) -> None:
    begin_subscription(row, actor=call.actor)


def _suspend(call: Call, row: Subscription) -> None:
    reason = call.values.text("suspendreason") or _("Suspended by our staff.")
    suspend_subscription(row, kind="manual", reason=reason, actor=call.actor)


def _resume(call: Call, row: Subscription) -> None:
    resume_subscription(row, actor=call.actor, reason=_("By the API"))


def _cancel(call: Call, row: Subscription) -> None:
    cancel_subscription(row, when="now", reason=_("By the API"), actor=call.actor)


def _terminate(call: Call, row: Subscription) -> None:
    service = service_row(row)
    if service is None:
        _cancel(call, row)
    else:
        require(call.actor, "provisioning.service.terminate")
        terminate_service(service, reason=_("By the API"), actor=call.actor)


CANCEL = "billing.subscription.cancel"
#: (from, to): the right it takes, and what is done.
_STEPS = {
    ("pending", "active"): ("billing.order.begin", _begin),
    ("active", "suspended"): (SUSPEND, _suspend),
    ("suspended", "active"): (SUSPEND, _resume),
    ("pending", "cancelled"): (CANCEL, _cancel),
    **{(state, "cancelled"): (CANCEL, _cancel) for state in ("active", "suspended")},
    **{(state, "ended"): (CANCEL, _terminate) for state in ("active", "suspended")},
}


def _panel(call: Call, row: Subscription) -> None:
    """Server and password."""
    service, wanted = service_row(row), call.values.whole("serverid")
    if service and wanted and wanted != service.server_id:
        require(call.actor, SERVICE)
        server = Server.objects.visible_to(call.actor).filter(pk=wanted).first()
        if server is None:
            raise Refused(_("Server ID Not Found"))
        move_service(service, server=server, actor=call.actor)
    if service and call.values.found.get("servicepassword"):
        require(call.actor, "provisioning.service.password")
        set_password(service, password=sent_password(call), actor=call.actor)


@action(
    "UpdateClientAddon",
    "Addons",
    needs="billing.subscription.view",
    required="id",
    optional="status addonid name setupfee recurring billingcycle nextduedate terminationdate notes autorecalc",
    missing="status and recurring are done; addonid, billingcycle, nextduedate and setupfee are refused unless they are as they were; the "
    "rest is not kept",
)
@transaction.atomic
def update_client_addon(call: Call) -> dict:
    """Its price and whether it runs."""
    row, values = addon_of(call), call.values
    cycle = values.text("billingcycle")
    differs = {
        "addonid": values.whole("addonid", row.product_id) != row.product_id,
        "billingcycle": bool(cycle) and cycle_of(cycle) != row.cycle,
        "nextduedate": _is_other(values.day("nextduedate"), row.next_due_on),
        "setupfee": values.amount("setupfee", _set_up_fee(row)) != _set_up_fee(row),
    }
    for name, other in differs.items():
        if other:
            raise Refused(f"{name} {SAME_ONLY}")
    _price(call, row, "recurring")
    _status(call, row)
    return {"id": row.pk}


def _set_up_fee(row: Subscription) -> Decimal:
    return row.order_line.setup_amount if row.order_line else Decimal(0)
