"""Seller and client as documents store them at the moment of issue: from then on a document needs no other row to be read."""

from functools import lru_cache

from django.db.models import CharField, ForeignKey, TextField

from clients.models import Client
from hostbill.core import options

SELLER = (
    "address1",
    "postcode",
    "city",
    "country",
    "tax_id",
    "register",
    "email",
    "phone",
    "bank",
    "iban",
    "bic",
    "time_zone",
)
#: Columns of a client that are not part of who it is to the reader of a document.
NOT_PRINTED = {"status", "currency", "language"}


def seller_now() -> dict:
    """The seller as printed on documents issued now."""
    seller = {name: options.find(f"company.{name}").value for name in SELLER}
    seller["name"] = options.COMPANY_LEGAL_NAME.value or options.COMPANY_NAME.value
    return seller


def buyer_now(client: Client) -> dict:
    """The client as printed on documents issued now: every text that is kept of it, so that a field added later is stored too."""
    buyer = {name: str(getattr(client, name) or "") for name in _texts()}
    return {**buyer, "name": client.name}


@lru_cache
def _texts() -> tuple[str, ...]:
    return tuple(
        field.name
        for field in Client._meta.concrete_fields
        if isinstance(field, CharField | TextField)
        and not isinstance(field, ForeignKey)
        and field.name not in NOT_PRINTED
    )
