"""A product that ends."""

from django.utils.translation import gettext_lazy as _

from .placeholders import CHANGE, PRODUCT, SUBSCRIPTION, TRANSFER, notice

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
CHANGED = PRODUCT | {"to": "Scale hosting", "on": "Sunday 14 November 2027"}
notice(
    "change_scheduled",
    _("Change of plan confirmed"),
    _("{{ label }} changes on {{ on }}"),
    _(
        "# Your change is noted\n\n"
        "{{ hello }}, on {{ on }} **{{ label }}** changes from {{ what }} to {{ to }}. Until then everything stays as it is.\n\n"
        "[[button]]\n\nChanged your mind? Until then you can take it back there."
    ),
    CHANGE,
    (_("Open the service"), "url"),
    area="services",
    sample=CHANGED,
)
notice(
    "change_done",
    _("Change of plan in force"),
    _("{{ label }} is {{ to }} now"),
    _(
        "# {{ label }} is changed\n\n"
        "{{ hello }}, **{{ label }}** has changed from {{ what }} to {{ to }}. On the server it takes a minute at most; "
        "nothing of your files, databases and mailboxes is touched.\n\n[[button]]"
    ),
    CHANGE,
    (_("Open the service"), "url"),
    area="services",
    sample=CHANGED,
)
notice(
    "change_lapsed",
    _("Change of plan lapsed"),
    _("{{ label }} stays as it was"),
    _(
        "# Nothing was changed\n\n"
        "{{ hello }}, the change of **{{ label }}** from {{ what }} to {{ to }} was not paid in time. Its invoice is cancelled and "
        "everything stays as it was. You can ask for it again at any time.\n\n[[button]]"
    ),
    CHANGE,
    (_("Open the service"), "url"),
    area="services",
    sample=CHANGED,
)
notice(
    "transfer_offered",
    _("A service is offered to you"),
    _("{{ giver }} offers you {{ label }}"),
    _(
        "# A service is offered to you\n\n"
        "{{ hello }}, {{ giver }} wants to hand **{{ label }}** ({{ what }}) over to your account. Nothing happens until you "
        "accept. Then it is yours as it is, and you are charged from its next period on.\n\n[[button]]"
    ),
    TRANSFER,
    (_("Look at the offer"), "url"),
    area="services",
    sample=PRODUCT | {"giver": "Sundarban Weaves Ltd."},
)
