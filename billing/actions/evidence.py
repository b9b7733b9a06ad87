"""Where a client is, as far as signs of it tell: stored with each order, as proof for the tax of consumers."""

import phonenumbers

from billing.models import LocationEvidence, Order
from billing.queries.vat_id import clean_vat_id, country_of

Kind = LocationEvidence.Kind


def location_of(order: Order, network_country: str = "") -> list[LocationEvidence]:
    """What the account of an order's client and the network say, not stored. A sign that tells nothing is left out."""
    client = order.client
    country, number = str(client.country or ""), clean_vat_id(client.tax_id, str(client.country or ""))
    signs = {
        Kind.ADDRESS: (country, ", ".join(part for part in (client.postcode, client.city) if part)),
        Kind.PHONE: (_country_of_phone(client.phone), client.phone),
        Kind.VAT_ID: (country_of(number), number),
        Kind.NETWORK: (network_country.upper(), order.ip_address or ""),
    }
    return [
        LocationEvidence(client=client, kind=kind, country=code, detail=str(detail)[:100])
        for kind, (code, detail) in signs.items()
        if len(code) == 2 and code.isalpha() and code != "XX"
    ]


def note_card(invoices: list[int], card) -> None:
    """The country of the bank that issued the card (or keeps the account), for orders that it paid; the first one counts.
    `card` is a PaymentMethod or what a gateway told of one."""
    words = f"{(card.brand or '').title()} •••• {card.last4}".strip()
    LocationEvidence.objects.bulk_create(
        [
            LocationEvidence(client_id=order.client_id, order=order, kind=Kind.CARD, country=card.country.upper(), detail=words)
            for order in Order.objects.filter(invoice__in=invoices)
        ],
        ignore_conflicts=True,
    )


def _country_of_phone(phone: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or ""
    except phonenumbers.NumberParseException:
        return ""
