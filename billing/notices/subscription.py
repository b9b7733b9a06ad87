"""A product that ends."""

from django.utils.translation import gettext_lazy as _

from .placeholders import PRODUCT, SUBSCRIPTION, notice

notice(
    "subscription_cancelled",
    _("Cancellation confirmed"),
    _("{{ label }} ends on {{ cancel_on }}"),
    _(
        "# Your cancellation is confirmed\n\n"
        "{{ hello }}, {{ what }}{% if label != what %} for **{{ label }}**{% endif %} "
        "runs until {{ cancel_on }}. We charge nothing more for it. "
        "Save what you need before that day: afterwards the files, databases and mailboxes are deleted.\n\n"
        "[[button]]\n\nChanged your mind? Until then you can take the cancellation back there."
    ),
    SUBSCRIPTION,
    (_("Open my services"), "url"),
    area="services",
    sample=PRODUCT,
)
notice(
    "subscription_ended",
    _("Subscription ended"),
    _("{{ label }} has ended"),
    _(
        "# {{ label }} has ended\n\n"
        "{{ hello }}, {{ what }}{% if label != what %} for **{{ label }}**{% endif %} "
        "ended on {{ ended_on }}. Nothing more is charged for it. "
        "Your invoices stay in your account.\n\n[[button]]\n\n"
        "Thank you for having been with us; if we can do better, an answer to this mail reaches a person."
    ),
    SUBSCRIPTION,
    (_("Open my account"), "url"),
    area="services",
    sample=PRODUCT,
)
