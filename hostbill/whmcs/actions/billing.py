"""Billing besides documents and payments: the renewal run on request, and billable items."""

from datetime import timedelta
from decimal import Decimal

from billing.actions.account import open_account
from billing.actions.billable import create_billable
from billing.actions.renewal import raise_renewals_of
from billing.api.drafts import exact
from billing.forms.billable import BillableForm
from billing.models import Account, BillableItem, Subscription
from billing.options import RENEWAL_DAYS_BEFORE
from hostbill.core import clock
from hostbill.core.events import without
from hostbill.core.money import Money
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.invoices import MAIL_OF_ISSUE
from hostbill.whmcs.billing_words import BILLABLE_ACTIONS
from hostbill.whmcs.bodies import from_body
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import client_of
from hostbill.whmcs.values import Values

UNITS = {"hours": BillableItem.Unit.HOURS, "quantity": BillableItem.Unit.QUANTITY}
CYCLES = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
NAMES = {"unit_amount": "amount", "first_on": "duedate", "times": "recurfor", "every": "recur", "every_unit": "recurcycle"}
#: More accounts than this are left to the nightly run: a caller does not wait for them.
MOST_ACCOUNTS = 500


@action(
    "GenInvoices", "Billing", needs="billing.invoice.create", optional="noemails clientid serviceids domainids addonids",
    missing="What is due is invoiced, as by the nightly run, for at most 500 clients in one call; serviceids and addonids name "
    "the clients whose due services are invoiced, and do not invoice what is not due; domainids is refused",
)  # fmt: skip
def gen_invoices(call: Call) -> dict:
    """Invoice what is due, of one client or of all."""
    values = call.values
    if values.several("domainids"):
        raise Refused("domainids: HostBill does not register or manage domain names yet")
    until = clock.today() + timedelta(days=RENEWAL_DAYS_BEFORE.value)
    accounts = _accounts(call, until)
    left_out = [MAIL_OF_ISSUE] if values.flag("noemails") else []
    with without(*left_out):
        invoices = raise_renewals_of(accounts, until=until, actor=call.actor) if accounts else []
    latest = max((invoice.pk for invoice in invoices), default=0)
    return {"numcreated": len(invoices)} | ({"latestinvoiceid": latest} if len(accounts) == 1 else {})


def _accounts(call: Call, until) -> list[int]:
    """Of the client, of the services, or of whoever has something due."""
    values = call.values
    if values.whole("clientid"):
        return [open_account(client_of(call)).pk]
    named = [pk for name in ("serviceids", "addonids") for pk in values.several(name) if pk]
    if named:
        rows = Subscription.objects.visible_to(call.actor).filter(pk__in=[_id(pk) for pk in named])
        return sorted(set(rows.values_list("account_id", flat=True)))[:MOST_ACCOUNTS]
    periods = Subscription.objects.due_by(until).values("account_id")
    items = BillableItem.objects.due_by(until).values("account_id")
    rows = Account.objects.filter(parked_at=None, pk__in=periods.union(items))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_ACCOUNTS])


def _id(text: str) -> int:
    return Values({"id": text}).whole("id")


@action(
    "AddBillableItem", "Billing", needs="billing.billable.edit", required="clientid description amount unit",
    optional="quantity invoiceaction recur recurcycle recurfor duedate",
)  # fmt: skip
def add_billable_item(call: Call) -> dict:
    """Work or things to be charged: ``amount`` is all of it."""
    values, client = call.values, client_of(call)
    body = {
        "description": values.text("description"),
        "unit_kind": _one_of(values, "unit", UNITS),
        **_price(values, open_account(client).currency),
        **_calendar(values),
    }
    item = create_billable(client=client, actor=call.actor, **from_body(lambda data=None: BillableForm(data), body, NAMES))
    return {"billableid": item.pk, "status": "success"}


def _one_of(values: Values, name: str, words: dict, default: str = ""):
    found = words.get(values.text(name, default).lower() or default)
    if found is None:
        raise Refused(f"{name} is one of {', '.join(words)}")
    return found


def _price(values: Values, currency: str) -> dict:
    """Quantity and the price of one. Where the amount cannot be divided by it, one piece for all, which says so."""
    amount, quantity = values.amount("amount"), values.amount("quantity") or Decimal(1)
    if quantity <= 0:
        raise Refused("quantity must be above zero")
    unit = round(amount / quantity, 4)
    if Money(unit * quantity, currency) == Money(amount, currency):
        return {"unit_amount": exact(unit), "quantity": exact(quantity)}
    words = f"{values.text('description')} ({exact(quantity)} × {values.text('unit').lower()})"
    return {"unit_amount": exact(amount), "quantity": "1", "description": words}


def _calendar(values: Values) -> dict:
    asked = values.text("invoiceaction", "noinvoice").lower() or "noinvoice"
    found = {"action": _one_of(values, "invoiceaction", BILLABLE_ACTIONS, "noinvoice")}
    day = values.day("duedate")
    if asked == "nextcron":
        day = clock.today()
    if asked in ("duedate", "recur") and day is None:
        raise Refused("duedate is required for this invoiceaction")
    if asked in ("nextcron", "duedate", "recur"):
        found["first_on"] = day.isoformat()
    if asked == "recur":
        unit = values.text("recurcycle").lower().rstrip("s")
        if unit not in CYCLES:
            raise Refused("recurcycle is one of Days, Weeks, Months, Years")
        found |= {"every": values.whole("recur", 1) or 1, "every_unit": CYCLES[unit], "times": values.whole("recurfor") or None}
    return found
