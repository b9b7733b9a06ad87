"""Documents by the ids that callers send, among those that the caller may see; refusals in WHMCS's words. Clients and what they
have are found by `records/found.py`."""

from billing.models import Invoice, Quote
from hostbill.whmcs.action import Call
from hostbill.whmcs.errors import Refused
from support.models import Ticket

NO_TICKET = "Ticket ID Not Found"


def one(rows, pk: int | None, refusal: str):
    """The row with this id. Refused for none."""
    found = rows.filter(pk=pk).first() if pk else None
    if found is None:
        raise Refused(refusal)
    return found


def invoice(call: Call, refusal: str = "Invoice ID Not Found") -> Invoice:
    """The invoice with its account."""
    rows = Invoice.objects.visible_to(call.actor).select_related("client", "account")
    return one(rows, call.values.whole("invoiceid"), refusal)


def quote(call: Call) -> Quote:
    """The quote with its client."""
    rows = Quote.objects.visible_to(call.actor).select_related("client__billing_account")
    return one(rows, call.values.whole("quoteid"), "Quote ID Not Found")


def ticket(call: Call) -> Ticket:
    """The ticket by ``ticketid``, else by its number."""
    rows, values = Ticket.objects.visible_to(call.actor).select_related("client", "department"), call.values
    if values.text("ticketnum") and not values.text("ticketid"):
        rows = rows.filter(number__iexact=values.text("ticketnum"))
        return one(rows, rows.values_list("pk", flat=True).first(), NO_TICKET)
    return one(rows, values.whole("ticketid"), NO_TICKET)
