"""Quotes and statements of account."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

QUOTES = _("Quotes and statements")

QUOTE_VALID_DAYS = Option(
    "billing.quote_valid_days",
    int,
    30,
    label=_("Days a new quote is valid"),
    help=_("Suggested when a quote is written; each can have its own last day."),
    group=QUOTES,
    min=1,
    max=730,
)
QUOTE_CONVERTS = Option(
    "billing.quote_converts",
    bool,
    True,
    label=_("An accepted quote is invoiced at once"),
    help=_("Its invoice is issued and its products are ordered with the signature. Off: staff do it on the quote's page."),
    group=QUOTES,
)
QUOTE_AGREEMENT = Option(
    "billing.quote_agreement",
    "text",
    "",
    label=_("What people agree to who sign a quote"),
    help=_("Stored with each signature. Empty: a plain sentence in the reader's language."),
    group=QUOTES,
)
QUOTE_REMINDER_DAYS = Option(
    "billing.quote_reminder_days",
    int,
    3,
    label=_("Reminder of a quote, days before its last day"),
    help=_("A mail to those who have neither signed nor declined. 0: none."),
    group=QUOTES,
    min=0,
    max=60,
)
STATEMENTS_MONTHLY = Option(
    "billing.statements_monthly",
    bool,
    False,
    label=_("Statements of account are mailed each month"),
    help=_(
        "On the first day, for the month before, to clients with something booked in it or still open. Each client can be set "
        "otherwise on its money page."
    ),
    group=QUOTES,
)
