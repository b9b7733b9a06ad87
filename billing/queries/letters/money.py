"""Letters about charges, payments, refunds and disputes."""

from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from billing.models import Charge, Dispute, Payment, Refund
from billing.queries.pay_link import pay_url
from hostbill.core.localized import Spoken

from .invoice import invoice_letter
from .parts import addressed, card_words, invoice_lines, reference_of, site, spoken_day, spoken_list


def charge_letter(charge: Charge, retry_on: date | None = None) -> dict:
    """A card payment that was tried, and the day on which the next try comes."""
    letter = invoice_letter(charge.invoice)
    method = charge.payment_method
    return letter | {
        "pay_url": pay_url(*charge.invoices.all()),
        "amount": charge.money,
        "card": card_words(method),
        "why": Spoken(lambda language: charge.refusal.rstrip(".")),
        "retry_on": spoken_day(retry_on),
        "method_url": site("billing_portal:payment_method_list"),
        "lines": None,
    }


def payment_letter(payment: Payment) -> dict:
    """Money that came in, and the invoices it paid."""
    invoices = [row.invoice for row in payment.allocations.select_related("invoice").order_by("id")]
    numbers = [invoice.number for invoice in invoices if invoice.number]
    url = site("billing_portal:invoice_detail", invoices[0].pk) if invoices else site("portal_home")
    return {
        **addressed(payment.client),
        "amount": payment.money,
        "method": payment.method_words,
        "received_on": payment.received_on,
        "numbers": spoken_list(numbers),
        "credited": payment.credited if payment.credited_amount else "",
        "reference": reference_of(invoices[0]) if len(invoices) == 1 else "",
        "invoice_url": url,
        "url": url,
        "facts": {
            "label": gettext_lazy("Received, thank you"),
            "value": payment.money,
            "tone": "ok",
            "side_label": gettext_lazy("On"),
            "side_value": payment.received_on,
        },
        "lines": invoice_lines(invoices[0]) if len(invoices) == 1 else None,
    }


def refund_letter(refund: Refund) -> dict:
    """Money that goes back."""
    invoice = refund.invoice
    url = site("billing_portal:invoice_detail", invoice.pk) if invoice else site("portal_home")
    return {
        **addressed(refund.client),
        "amount": refund.money,
        "why": refund.reason,
        "numbers": invoice.number if invoice else "",
        "reference": reference_of(invoice) if invoice else "",
        "method": refund.payment.method_words,
        "invoice_url": url,
        "url": url,
        "facts": {
            "label": gettext_lazy("Goes back to you"),
            "value": refund.money,
            "side_label": gettext_lazy("To"),
            "side_value": refund.payment.method_words,
        },
    }


def foreign_refund_letter(refund: Refund) -> dict:
    """Words for staff about a refund made at the gateway: all its parts together."""
    parts = list(Refund.objects.filter(payment=refund.payment, remote_id=refund.remote_id).select_related("invoice"))
    numbers = [part.invoice.number for part in parts if part.invoice]
    opened = format_lazy(gettext_lazy("open again is {numbers}"), numbers=", ".join(numbers))
    return {
        "client_name": refund.client.name,
        "amount": sum((part.money for part in parts[1:]), parts[0].money),
        "why": opened if numbers else gettext_lazy("it came out of the client's credit"),
        "url": site("billing_staff:payment_detail", refund.payment_id),
        "reference": "",
    }


def dispute_letter(dispute: Dispute) -> dict:
    """A chargeback, for staff."""
    return {
        "client_name": dispute.client.name,
        "amount": dispute.money,
        "why": dispute.state_words[2],
        "url": site("billing_staff:payment_detail", dispute.payment_id),
    }
