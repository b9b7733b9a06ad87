"""Money: refused, to be confirmed, received, sent back."""

from django.utils.translation import gettext_lazy as _

from .placeholders import BACK, CHARGE, MAY_CHANGE, MONEY, PAGE_ONLY, RECEIVED, SEE_INVOICE, notice

notice(
    "charge_failed",
    _("Card declined"),
    _("Your card was declined for invoice {{ number }}"),
    _(
        "# We could not take {{ amount }}\n\n"
        "{{ hello }}, the payment of invoice {{ number }} for {{ what }} did not go through"
        "{% if card != '' %} on {{ card }}{% endif %}.{% if why != '' %} The bank says: {{ why }}.{% endif %}\n\n"
        "[[facts]]\n\n[[button]]\n\n"
        "{% if retry_on != '' %}Unless you pay before, we try the card again on {{ retry_on }}. {% endif %}"
        "Nothing is switched off today."
    ),
    CHARGE,
    (_("Pay {{ amount }} with another card"), "pay_url"),
    note=PAGE_ONLY,
)
notice(
    "charge_needs_action",
    _("The bank asks for a confirmation"),
    _("Please confirm the payment of {{ amount }}"),
    _(
        "# Your bank wants you to confirm {{ amount }}\n\n"
        "{{ hello }}, we tried to pay invoice {{ number }} for {{ what }} with {{ card }}. "
        "The bank lets it through only after you have confirmed it; that takes a minute.\n\n"
        "[[facts]]\n\n[[button]]"
    ),
    CHARGE,
    (_("Confirm {{ amount }}"), "pay_url"),
    note=PAGE_ONLY,
    sample={"why": ""},
)
notice(
    "payment_received",
    _("Receipt"),
    _("We received {{ amount }}, thank you"),
    _(
        "# {{ amount }} received, thank you\n\n"
        "{{ hello }}, your payment{% if method != '' %} by {{ method }}{% endif %}"
        "{% if numbers != '' %} for invoice {{ numbers }}{% endif %} is booked. There is nothing left to do."
        "{% if credited != '' %} {{ credited }} of it is kept as credit for your next invoice.{% endif %}\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]"
    ),
    MONEY,
    SEE_INVOICE,
    reason=MAY_CHANGE,
    sample={"facts": RECEIVED},
)
notice(
    "refund_made",
    _("Refund"),
    _("We send {{ amount }} back to you"),
    _(
        "# {{ amount }} is on its way back\n\n"
        "{{ hello }}, we refunded {{ amount }}{% if numbers != '' %} of invoice {{ numbers }}{% endif %} "
        "to the card or account you paid with. Banks show it within five to ten days."
        "{% if why != '' %}\n\nReason: {{ why }}{% endif %}\n\n[[facts]]\n\n[[button]]"
    ),
    MONEY,
    SEE_INVOICE,
    sample={"facts": BACK, "why": "paid twice"},
)
