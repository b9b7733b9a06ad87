"""Invoices: read, write and issue them."""

from billing.actions.account import open_account
from billing.actions.draft import create_draft, issue_draft
from billing.actions.einvoice import request_einvoice
from billing.forms.invoice import default_due_on
from billing.models import Invoice
from billing.queries.einvoice_wish import wished_format
from hostbill.core import clock
from hostbill.core.events import without
from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import paged
from hostbill.whmcs.billing_words import known_status, of_status, status_of, usual_gateway
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.items import check_method, numbered_lines, only_this_tax, only_today, terms
from hostbill.whmcs.records.found import client_of
from hostbill.whmcs.records.invoice import invoice_detail, invoice_record, readable
from hostbill.whmcs.values import Values

VIEW, WRITE = "billing.invoice.view", "billing.invoice.create"
MAIL_OF_ISSUE = "billing.mail_on_invoice_issued"
ORDERS = {
    "id": ("id",),
    "invoicenumber": ("series_number", "id"),
    "date": ("issued_on", "id"),
    "duedate": ("due_on", "id"),
    "total": ("total_amount", "id"),
    "status": ("state", "due_on", "id"),
}


@action(
    "GetInvoices", "Billing", needs=VIEW, optional="limitstart limitnum userid status orderby order",
)  # fmt: skip
def get_invoices(call: Call) -> dict:
    """A page; the newest first unless another order is asked for."""
    values, rows = call.values, Invoice.objects.visible_to(call.actor)
    if (client := values.whole("userid")) is not None:
        rows = rows.filter(client_id=client)
    if status := values.text("status"):
        rows = of_status(rows, status)
    usual = usual_gateway()
    return paged(values, readable(_ordered(values, rows)), "invoices", "invoice", lambda row: invoice_record(row, usual))


def _ordered(values: Values, rows):
    by, way = values.text("orderby", "id").lower() or "id", values.text("order", "desc").lower() or "desc"
    if by not in ORDERS or way not in ("asc", "desc"):
        raise Refused(f"orderby is one of {', '.join(ORDERS)}; order is asc or desc")
    return rows.order_by(*(f"{'-' if way == 'desc' else ''}{column}" for column in ORDERS[by]))


@action("GetInvoice", "Billing", needs=VIEW, required="invoiceid")
def get_invoice(call: Call) -> dict:
    """One, with its items and transactions."""
    found = find.invoice(call)
    return invoice_detail(readable(Invoice.objects.filter(pk=found.pk)).get(), usual_gateway())


@action(
    "CreateInvoice", "Billing", needs=WRITE, required="userid",
    optional="status draft sendinvoice paymentmethod taxrate taxrate2 date duedate notes itemdescriptionx itemamountx itemtaxedx "
    "autoapplycredit",
    missing="An invoice bears the day on which it is issued, so date can only be today; status is Unpaid or Draft; taxrate and "
    "taxrate2 are worked out from the client's place and refused where they differ; credit is always used at issue; "
    "paymentmethod is checked, and the client may pay by any",
)  # fmt: skip
def create_invoice(call: Call) -> dict:
    """A draft, issued at once unless only a draft is wanted."""
    values, as_draft = call.values, _wants_draft(call.values)
    client = client_of(call, "userid")
    check_method(values)
    if not as_draft:
        only_today(values, clock.today())
    lines = numbered_lines(values)
    account = open_account(client)
    invoice = create_draft(account, lines, actor=call.actor, **terms(values, default_due_on(), ""))
    only_this_tax(values, invoice)
    if not as_draft:
        invoice = publish(invoice, actor=call.actor, mail=values.flag("sendinvoice"))
    return {"invoiceid": invoice.pk, "status": status_of(invoice)}


def _wants_draft(values: Values) -> bool:
    word = known_status(values.text("status") or "Unpaid")
    as_draft = values.flag("draft") or word == "Draft"
    if as_draft and values.flag("sendinvoice"):
        raise Refused("Cannot create and send a draft invoice in a single API request. Please create and send separately.")
    if not as_draft and word != "Unpaid":
        raise Refused(f"An invoice is created as Unpaid or Draft, and becomes {word} by what happens to it")
    return as_draft


def publish(draft: Invoice, *, actor, mail: bool) -> Invoice:
    """Issue it; without its mail unless one is wanted. The e-invoice that its client gets is written either way."""
    if mail:
        return issue_draft(draft, actor=actor)
    with without(MAIL_OF_ISSUE):
        invoice = issue_draft(draft, actor=actor)
    if not invoice.is_proforma and (wish := wished_format(invoice.client)):
        request_einvoice(invoice, format=wish, actor=actor)
    return invoice
