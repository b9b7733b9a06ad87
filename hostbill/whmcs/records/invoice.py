"""An invoice and its items, as WHMCS's samples show them."""

from decimal import Decimal

from django.db.models import Prefetch
from django.utils.timezone import localtime

from billing.models import ChargePart, CreditMovement, Invoice, InvoiceLine, PaymentAllocation, PaymentMethod
from hostbill.core import modules
from hostbill.whmcs.answers import day, instant, money
from hostbill.whmcs.billing_words import ITEM_TYPES, gateway_word, is_taxed, percent, status_of
from hostbill.whmcs.currencies import prefix, suffix
from hostbill.whmcs.records.payment import payment_record, refund_record
from hostbill.whmcs.words import module_words

#: What a record reads besides the invoice: one query each, for a page of any length.
READ = (
    "taxes",
    Prefetch("credit_movements", CreditMovement.objects.filter(kind=CreditMovement.Kind.USED)),
    Prefetch("allocations", PaymentAllocation.objects.select_related("payment__gateway").order_by("pk")),
    Prefetch("charge_parts", ChargePart.objects.select_related("charge").order_by("pk")),
    Prefetch(
        "client__payment_methods",
        PaymentMethod.objects.filter(is_default=True, removed_at=None).select_related("gateway"),
        to_attr="default_methods",
    ),
)


def readable(rows):
    """The queryset with all that records read."""
    return rows.select_related("client", "account").prefetch_related(*READ)


def invoice_record(invoice: Invoice, usual: str) -> dict:
    """An entry of GetInvoices. ``usual``: the name of the gateway that is offered first."""
    client, charges = invoice.client, _charges(invoice)
    is_refunded = invoice.state == Invoice.State.REFUNDED
    return {
        "id": invoice.pk,
        "userid": invoice.client_id,
        "firstname": client.first_name,
        "lastname": client.last_name,
        "companyname": client.company,
        "invoicenum": invoice.number or "",
        "date": day(issue_day(invoice)),
        "duedate": day(invoice.due_on),
        "datepaid": instant(invoice.paid_at),
        "last_capture_attempt": instant(_last_capture(charges)),
        "date_refunded": instant(invoice.updated_at if is_refunded else None),
        "date_cancelled": instant(invoice.cancelled_at),
        **sums(invoice),
        **rates(invoice),
        "status": status_of(invoice, charges),
        "paymentmethod": _method(invoice, usual),
        "paymethodid": next((method.pk for method in client.default_methods), None),
        "notes": invoice.notes,
        "created_at": instant(invoice.created_at),
        "updated_at": instant(invoice.updated_at),
        "currencycode": invoice.currency,
        "currencyprefix": prefix(invoice.currency),
        "currencysuffix": suffix(invoice.currency),
    }


def invoice_detail(invoice: Invoice, usual: str) -> dict:
    """The answer of GetInvoice."""
    charges, method = _charges(invoice), _method(invoice, usual)
    return {
        "invoiceid": invoice.pk,
        "invoicenum": invoice.number or "",
        "userid": invoice.client_id,
        "date": day(issue_day(invoice)),
        "duedate": day(invoice.due_on),
        "datepaid": instant(invoice.paid_at),
        "lastcaptureattempt": instant(_last_capture(charges)),
        **sums(invoice),
        "balance": money(balance(invoice)),
        **rates(invoice),
        "status": status_of(invoice, charges),
        "paymentmethod": method,
        "notes": invoice.notes,
        "ccgateway": _takes_cards(method),
        "items": {"item": [item_record(line) for line in invoice.lines.select_related("subscription")]},
        "transactions": _transactions(invoice) or "",
    }


def issue_day(invoice: Invoice):
    """The day of issue; of a draft the day on which it was written."""
    return invoice.issued_on or localtime(invoice.created_at).date()


def sums(invoice: Invoice) -> dict:
    """As WHMCS counts: the total is what is left to pay in money, after the credit used."""
    first = [tax for tax in invoice.taxes.all() if tax.step == 1]
    second = [tax for tax in invoice.taxes.all() if tax.step > 1]
    credit = credit_used(invoice)
    return {
        "subtotal": money(invoice.net_amount),
        "credit": money(credit),
        "tax": money(sum((tax.tax_amount for tax in first), Decimal(0))),
        "tax2": money(sum((tax.tax_amount for tax in second), Decimal(0))),
        "total": money(invoice.total_amount - credit),
    }


def rates(invoice: Invoice) -> dict:
    """Percent of both levels of tax."""
    return {
        "taxrate": percent(rate([tax for tax in invoice.taxes.all() if tax.step == 1])),
        "taxrate2": percent(rate([tax for tax in invoice.taxes.all() if tax.step > 1])),
    }


def rate(taxes) -> Decimal:
    """The one rate of these tax groups; of several the one that comes to the same tax."""
    found = {tax.percent for tax in taxes if tax.percent}
    if len(found) < 2:
        return next(iter(found), Decimal(0))
    net = sum(tax.net_amount for tax in taxes if tax.percent)
    return round(100 * sum(tax.tax_amount for tax in taxes) / net, 4) if net else Decimal(0)


def credit_used(invoice: Invoice) -> Decimal:
    """How much of the client's credit has settled it."""
    used = CreditMovement.Kind.USED
    return -sum((row.amount for row in invoice.credit_movements.all() if row.kind == used), Decimal(0))


def balance(invoice: Invoice) -> Decimal:
    """What is left to pay; of a draft what it would come to."""
    return invoice.total_amount if invoice.state == Invoice.State.DRAFT else invoice.open_amount


def item_record(line: InvoiceLine) -> dict:
    """A line. ``relid`` is the id of the service or addon, or of the billable item, that it charges; 0 for words by hand."""
    kind, related = _relation(line)
    return {
        "id": line.pk,
        "type": kind,
        "relid": related,
        "description": line.description,
        "amount": money(line.net_amount),
        "taxed": is_taxed(line.tax_class),
    }


def _relation(line: InvoiceLine) -> tuple[str, int]:
    if line.part.startswith("billable:"):
        return "Item", int(line.part.split(":")[1])
    if line.subscription is None:
        return ITEM_TYPES.get(line.kind, ""), 0
    usual = "Addon" if line.subscription.parent_id else "Hosting"
    return ITEM_TYPES.get(line.kind, usual), line.subscription_id


def _charges(invoice: Invoice) -> list:
    return [part.charge for part in invoice.charge_parts.all()]


def _last_capture(charges):
    return max((charge.created_at for charge in charges if charge.is_off_session), default=None)


def _method(invoice: Invoice, usual: str) -> str:
    """How it was paid; how it would be, while it was not."""
    paid = [row.payment for row in invoice.allocations.all()]
    if paid:
        return gateway_word(paid[-1].gateway)
    return next((gateway_word(method.gateway) for method in invoice.client.default_methods), usual)


def _takes_cards(word: str) -> bool:
    return any(word == module_words(driver) for driver in modules.kinds()["gateway"].names() if driver != "bank_transfer")


def _transactions(invoice: Invoice) -> dict:
    """Payments with what they settled of it, and refunds of it."""
    rows = [payment_record(part.payment, _share(part), invoice.pk) for part in invoice.allocations.all()]
    refunds = invoice.refunds.filter(state="succeeded").select_related("payment__gateway").order_by("pk")
    rows += [refund_record(refund) for refund in refunds]
    return {"transaction": rows} if rows else {}


def _share(part: PaymentAllocation) -> Decimal:
    """Of a payment for this invoice alone all of it, as it came; of one for several its part."""
    return part.payment.amount if part.payment.allocations.count() == 1 else part.amount
