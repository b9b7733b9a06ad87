"""Saved ways to pay. What is stored here serves to recognise them; the card itself is at the gateway."""

import json

from django.utils.timezone import localtime

from billing.models import PaymentMethod
from hostbill.whmcs.billing_words import METHOD_TYPES, gateway_word


def pay_method_record(method: PaymentMethod) -> dict:
    """A card or a bank account that the gateway keeps; a token is of use with the gateway's secret key alone."""
    common = {
        "id": method.pk,
        "type": METHOD_TYPES.get(method.kind, METHOD_TYPES["card"]),
        "description": str(method),
        "gateway_name": gateway_word(method.gateway),
        "contact_type": "Client",
        "contact_id": method.client_id,
    }
    return common | _kept(method) | {
        "remote_token": json.dumps({"customer": method.customer_id, "method": method.remote_id}),
        "last_updated": localtime(method.updated_at).strftime("%d/%m/%Y %H:%M"),
    }


def _kept(method: PaymentMethod) -> dict:
    if method.kind == "sepa_debit":
        return {"bank_name": method.brand}
    return {
        "card_last_four": method.last4,
        "expiry_date": method.expires,
        "start_date": "",
        "issue_number": "",
        "card_type": method.brand.title(),
    }
