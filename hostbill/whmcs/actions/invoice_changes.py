"""Changes of invoices. What is issued stays as it is: what would change it is refused in words."""

from billing.actions.collections import hand_to_collections, take_from_collections
from billing.actions.draft import update_draft
from billing.actions.invoice import cancel_invoice
from billing.models import Invoice
from hostbill.core import clock
from hostbill.core.access import require
from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.invoices import WRITE, publish
from hostbill.whmcs.answers import money
from hostbill.whmcs.billing_words import COLLECTIONS, known_status, status_of
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.items import (
    ADDED,
    CHANGED,
    ONE_DAY,
    added_lines,
    changed_lines,
    check_method,
    only_this_tax,
    only_today,
    room,
    terms,
)
from hostbill.whmcs.records.invoice import credit_used, issue_day
from hostbill.whmcs.values import Values


@action(
    "UpdateInvoice", "Billing", needs=WRITE, required="invoiceid",
    optional="status paymentmethod taxrate taxrate2 credit date duedate datepaid notes itemdescription itemamount itemtaxed "
    "newitemdescription newitemamount newitemtaxed deletelineids publish publishandsendemail",
    missing="Items, duedate and notes change while the invoice is a draft: an issued one is frozen by law; status can become "
    "Unpaid (issue), Cancelled or Collections; date, datepaid, credit and tax rates follow from the books and are refused where "
    "they differ; paymentmethod is checked, and the client may pay by any",
)  # fmt: skip
def update_invoice(call: Call) -> dict:
    """Change a draft; issue, cancel, hand to collections."""
    values, invoice = call.values, find.invoice(call)
    check_method(values)
    wanted = known_status(values.text("status")) if values.text("status") else ""
    sends = values.flag("publishandsendemail")
    publishes = sends or values.flag("publish")
    if publishes and invoice.state != Invoice.State.DRAFT:
        raise Refused("Invoice must be in Draft status to be published")
    _refuse_facts(values, invoice)
    if invoice.state == Invoice.State.DRAFT:
        _change_draft(call, invoice)
        only_this_tax(values, invoice)
        if publishes or wanted == "Unpaid":
            publish(invoice, actor=call.actor, mail=sends)
        elif wanted not in ("", "Draft"):
            raise Refused(f"A draft cannot become {wanted}: publish it first")
    else:
        only_this_tax(values, invoice)
        _refuse_changes(values, invoice)
        _move(call, invoice, wanted)
    return {"invoiceid": invoice.pk}


def _refuse_facts(values: Values, invoice: Invoice) -> None:
    """What the books say cannot be said otherwise; the same again is no change."""
    only_today(values, issue_day(invoice) if invoice.issued_on else clock.today())
    paid_on = values.day("datepaid")
    if paid_on and not (invoice.paid_at and abs(paid_on - invoice.paid_at.astimezone(clock.seller_zone()).date()) <= ONE_DAY):
        raise Refused("datepaid: an invoice is paid by its payments. Use AddInvoicePayment")
    credit = values.amount("credit")
    if credit is not None and credit != credit_used(invoice):
        raise Refused("credit: use ApplyCredit")


def _change_draft(call: Call, invoice: Invoice) -> None:
    values = call.values
    if not any(values.has(name) for name in (*CHANGED, *ADDED, "deletelineids", "duedate", "notes")):
        return
    lines = changed_lines(values, invoice) + added_lines(values)
    room(len(lines))
    update_draft(invoice, lines, actor=call.actor, **terms(values, invoice.due_on, invoice.notes))
    invoice.refresh_from_db()


def _refuse_changes(values: Values, invoice: Invoice) -> None:
    """An issued document is what it is; the same again is no change."""
    names = [name for name in (*CHANGED, *ADDED, "deletelineids") if values.found.get(name)]
    if values.has("notes") and values.text("notes") != invoice.notes:
        names.append("notes")
    due_on = values.day("duedate")
    if due_on and due_on != invoice.due_on:
        names.append("duedate")
    if names:
        raise Refused(f"This invoice is issued: {', '.join(names)} cannot be changed any more. Cancel it and write another")


def _move(call: Call, invoice: Invoice, wanted: str) -> None:
    if wanted in ("", status_of(invoice)):
        return
    if wanted == "Cancelled" or wanted == COLLECTIONS or invoice.collections_at:
        require(call.actor, "billing.invoice.cancel")
    if wanted == "Cancelled":
        cancel_invoice(invoice, actor=call.actor, reason="Cancelled by API")
    elif wanted == COLLECTIONS:
        hand_to_collections(invoice, actor=call.actor, reason="By API")
    elif wanted == "Unpaid" and invoice.collections_at:
        take_from_collections(invoice, actor=call.actor)
    elif wanted not in ("Overdue", "Unpaid") or invoice.state != Invoice.State.ISSUED:
        left = f"{money(invoice.open_amount)} is open" if invoice.open_amount else "nothing is open"
        raise Refused(f"An invoice becomes {wanted} by what happens to it ({left}): book its payments, refunds or credit")
