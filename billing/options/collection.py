"""How money is collected."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

COLLECTION = _("Collecting money")

CHARGE_RETRY_DAYS = Option(
    "billing.charge_retry_days",
    str,
    "0,3,5,7",
    label=_("Automatic charges, days after due"),
    help=_("A saved card is charged on these days until the invoice is paid; a final refusal stops it."),
    group=COLLECTION,
    required=True,
)
SPARE_DISPUTED_CARDS = Option(
    "billing.spare_disputed_cards",
    bool,
    True,
    label=_("Cards with an open dispute are not charged by themselves"),
    help=_(
        "Each further charge of a card whose owner disputes one invites another dispute. Another card is charged as usual."
    ),
    group=COLLECTION,
)
WARNED_BEFORE = Option(
    "billing.days_between_warning_and_suspension",
    int,
    1,
    label=_("Days from the last reminder to the suspension, at least"),
    help=_(
        "When reminders come late (workers were down, or the client was given days), the suspension waits so many days after them. 0: it "
        "may come in the same run."
    ),
    group=COLLECTION,
    min=0,
    max=30,
)
BANK_TRANSFER_TEXT = Option(
    "billing.bank_transfer_text",
    "text",
    "",
    label=_("Instructions for bank transfers"),
    help=_("Shown below the account data with the reference to use."),
    group=COLLECTION,
)
BANK_TWIN_DAYS = Option(
    "billing.bank_twin_days",
    int,
    5,
    label=_("Bank statements: days around, to find what was entered by hand"),
    help=_(
        "A line of the same amount so many days before or after a payment that somebody entered is perhaps that payment: it is "
        "shown, and nothing is chosen by itself."
    ),
    group=COLLECTION,
    min=0,
    max=60,
)
PAY_LINK_DAYS = Option(
    "billing.pay_link_days",
    int,
    90,
    label=_("Days a pay link works"),
    help=_("Mails carry a link by which an invoice can be paid without signing in."),
    group=COLLECTION,
    min=1,
    max=730,
)
MORE_DAYS = Option(
    "billing.more_days",
    int,
    7,
    label=_("More days that clients may give themselves"),
    help=_(
        "With an overdue invoice a client may ask for so many more days, once per invoice: what is suspended comes back at "
        "once, and nothing is suspended or ended before they have passed. 0 means that nobody can ask."
    ),
    group=COLLECTION,
    min=0,
    max=60,
)
MORE_DAYS_EVERY = Option(
    "billing.more_days_every",
    int,
    180,
    label=_("Days between two such requests of a client"),
    help=_("Counted from the last request, for whichever invoice it was. 0: as often as there are invoices."),
    group=COLLECTION,
    min=0,
    max=3650,
)
CANCEL_VOIDS_UNSTARTED = Option(
    "billing.cancel_voids_unstarted",
    bool,
    True,
    label=_("Cancelling withdraws unpaid invoices of periods that have not begun"),
    group=COLLECTION,
)
