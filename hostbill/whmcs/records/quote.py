"""Quotes and their items."""

from decimal import Decimal

from django.utils.timezone import localtime

from billing.models import Quote, QuoteLine
from hostbill.whmcs.answers import day, money
from hostbill.whmcs.billing_words import STAGES, is_taxed
from hostbill.whmcs.currencies import currency_id


def quote_record(quote: Quote) -> dict:
    """With its lines prefetched. A client's address is the client's: only somebody who is none has one here."""
    lines = quote.lines.all()
    return {
        "id": quote.pk,
        "subject": quote.subject,
        "stage": STAGES[quote.state],
        "validuntil": day(quote.valid_until),
        "userid": quote.client_id or 0,
        "firstname": quote.first_name,
        "lastname": quote.last_name,
        "companyname": quote.company,
        "email": quote.email,
        "address1": quote.address1,
        "address2": quote.address2,
        "city": quote.city,
        "state": quote.region,
        "postcode": quote.postcode,
        "country": str(quote.country or ""),
        "phonenumber": quote.phone,
        "tax_id": quote.tax_id,
        "currency": currency_id(quote.currency),
        "subtotal": money(quote.net_amount),
        **_taxes(quote),
        "total": money(quote.total_amount),
        "proposal": quote.introduction,
        "customernotes": quote.notes,
        "adminnotes": quote.staff_notes,
        "datecreated": day(localtime(quote.created_at)),
        "lastmodified": day(localtime(quote.updated_at)),
        "datesent": day(quote.issued_on),
        "dateaccepted": day(localtime(quote.accepted_at) if quote.accepted_at else None),
        "items": {"item": [item_record(line) for line in lines]},
    }


def _taxes(quote: Quote) -> dict:
    """A compound tax stands apart: the second level."""
    second = sum((Decimal(group["tax"]) for group in quote.taxes if group.get("compound")), Decimal(0))
    return {"tax1": money(quote.tax_amount - second), "tax2": money(second)}


def item_record(line: QuoteLine) -> dict:
    """``discount`` is in percent."""
    return {
        "id": line.pk,
        "description": line.description,
        "quantity": f"{line.quantity.normalize():f}",
        "unitprice": money(line.unit_amount),
        "discount": money(line.discount_percent),
        "taxable": is_taxed(line.tax_class),
    }
