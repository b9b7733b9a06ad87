"""What mails about documents, money and services say: each letter is a dict for the wording's placeholders."""

from .invoice import ahead_letter, credit_note_letter, invoice_letter, late_letter
from .money import charge_letter, dispute_letter, foreign_refund_letter, payment_letter, refund_letter
from .parts import invoice_lines, what_for
from .service import change_letter, held_letter, order_letter, refused_letter, subscription_letter, transfer_letter

__all__ = [
    "ahead_letter",
    "change_letter",
    "charge_letter",
    "credit_note_letter",
    "dispute_letter",
    "foreign_refund_letter",
    "held_letter",
    "invoice_letter",
    "invoice_lines",
    "late_letter",
    "order_letter",
    "payment_letter",
    "refund_letter",
    "refused_letter",
    "subscription_letter",
    "transfer_letter",
    "what_for",
]
