"""What clients may change, and what becomes of paid days."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

CHANGES = _("Changes and cancellations")

CLIENTS_CHANGE = Option(
    "billing.clients_change",
    bool,
    True,
    label=_("Clients may change plans by themselves"),
    help=_("To what is said on each product. The difference is shown and invoiced to the day."),
    group=CHANGES,
)
CHANGE_DAYS_TO_PAY = Option(
    "billing.change_days_to_pay",
    int,
    7,
    label=_("Days to pay for a change"),
    help=_("The service changes when its invoice is paid. Unpaid after so many days the change lapses and its invoice is cancelled."),
    group=CHANGES,
    min=1,
    max=60,
)
DOWNGRADE_NOW = Option(
    "billing.downgrade_now",
    bool,
    False,
    label=_("Clients may downgrade at once"),
    help=_("What is left of the dearer plan becomes credit, never cash. Otherwise a cheaper plan begins when the paid time is over."),
    group=CHANGES,
)
CANCEL_CREDIT = Option(
    "billing.cancel_credit",
    "choice",
    "none",
    label=_("Cancelled at once: the time not used"),
    help=_("Staff may decide otherwise each time."),
    group=CHANGES,
    choices=(("none", _("is not given back")), ("prorated", _("becomes credit, to the day"))),
    required=True,
)
PAUSE_CREDIT = Option(
    "billing.pause_credit",
    "choice",
    "prorated",
    label=_("Paused: the paid days that are left"),
    help=_("While a service rests nothing is charged; a new period begins when it goes on."),
    group=CHANGES,
    choices=(("prorated", _("become credit, to the day")), ("none", _("pass"))),
    required=True,
)
SUSPENDED_CREDIT = Option(
    "billing.suspended_credit",
    bool,
    False,
    label=_("Days suspended for non-payment are given back"),
    help=_(
        "When it is paid and goes on, the days between become credit. Otherwise they are charged: the server was kept ready. The days of "
        "billing stay as they are either way."
    ),
    group=CHANGES,
)
CLIENTS_PAUSE = Option(
    "billing.clients_pause", bool, False, label=_("Clients may pause services by themselves"), group=CHANGES
)
CLIENTS_TRANSFER = Option(
    "billing.clients_transfer",
    bool,
    True,
    label=_("Clients may hand services over to other clients"),
    help=_("The other client has to accept. Open invoices have to be paid first, and stay with who they were written to."),
    group=CHANGES,
)
