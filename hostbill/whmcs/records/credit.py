"""Movements of the credit balance."""

from billing.models import CreditMovement
from hostbill.whmcs.answers import day, money


def credit_record(movement: CreditMovement) -> dict:
    """Positive adds to the client's credit, negative uses it; ``relid`` is the invoice that it was used for."""
    return {
        "id": movement.pk,
        "date": day(movement.moved_on),
        "description": movement.note or _words(movement),
        "amount": money(movement.amount),
        "relid": movement.invoice_id or 0,
    }


def _words(movement: CreditMovement) -> str:
    words = movement.get_kind_display()
    return f"{words} ({movement.invoice})" if movement.invoice_id else words
