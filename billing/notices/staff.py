"""What colleagues must look at."""

from django.utils.translation import gettext_lazy as _

from .placeholders import ORDER, ORDERED, TROUBLE, notice

notice(
    "order_placed",
    _("New order"),
    _("Order {{ number }}: {{ client_name }}, {{ amount }}"),
    _("**{{ client_name }}** ordered {{ what }} for {{ amount }}. The order is: {{ state }}."),
    ORDER,
    (_("Open the order"), "url"),
    audience="staff",
    sample=ORDERED,
)
notice(
    "refund_failed",
    _("A refund failed"),
    _("A refund of {{ amount }} to {{ client_name }} failed"),
    _(
        "The gateway could not return {{ amount }} to **{{ client_name }}**: {{ why }}. "
        "Please look at the payment and choose another way."
    ),
    TROUBLE,
    (_("Open the payment"), "url"),
    audience="staff",
    sample={"reference": ""},
)
notice(
    "refund_made_elsewhere",
    _("A refund was made at the gateway"),
    _("{{ amount }} were returned to {{ client_name }} at the gateway"),
    _(
        "Somebody returned {{ amount }} to **{{ client_name }}** at the gateway, not here. It is booked: {{ why }}. "
        "What is open again is not charged by itself."
    ),
    TROUBLE,
    (_("Open the payment"), "url"),
    audience="staff",
    sample={"reference": ""},
)
notice(
    "dispute_opened",
    _("A payment is disputed"),
    _("{{ client_name }} disputes a payment of {{ amount }}"),
    _(
        "The bank of **{{ client_name }}** took {{ amount }} back: {{ why }}. The invoice is open again and will not be "
        "charged by itself. Answer at the gateway within its time limit."
    ),
    TROUBLE,
    (_("Open the payment"), "url"),
    audience="staff",
    sample={"reference": ""},
)
notice(
    "einvoice_held",
    _("An e-invoice is held"),
    _("The e-invoice of {{ number }} breaks a rule"),
    _(
        "The {{ format }} of {{ number }} for **{{ client_name }}** is held, and its mail waits: {{ why }}. Mend what is missing and "
        "have it written again, or send the invoice without it."
    ),
    {
        "number": _("invoice number"),
        "client_name": _("client"),
        "format": _("kind of e-invoice"),
        "why": _("the rule it breaks"),
        "url": _("address of the e-invoice"),
    },
    (_("Open the e-invoice"), "url"),
    audience="staff",
    sample={"number": "2027-0412", "format": "XRechnung (UBL)", "why": "BR-DE-15: The buyer reference (Leitweg-ID) is needed"},
)
