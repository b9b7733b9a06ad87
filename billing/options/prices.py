"""Prices, promotions and rates of exchange."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

PRICES = _("Prices and promotions")

PRICE_NOTICE_DAYS = Option(
    "billing.price_notice_days",
    int,
    30,
    label=_("Days between a mail about new prices and their first day"),
    help=_("A change of prices of running services cannot be begun for an earlier day."),
    group=PRICES,
    min=0,
    max=365,
)
CODE_FIELD = Option(
    "billing.code_field",
    bool,
    True,
    label=_("The basket asks for a promotion code"),
    help=_("Codes in links work without the field too."),
    group=PRICES,
)
RATE_SOURCE = Option(
    "billing.rate_source",
    str,
    "ecb",
    label=_("Who publishes exchange rates"),
    help=_("The name of a driver. Rates are for reports only: no price, invoice or payment is ever converted."),
    group=PRICES,
    required=True,
)
RATE_URL = Option(
    "billing.rate_url",
    str,
    "https://www.ecb.europa.eu",
    label=_("Address of the European Central Bank"),
    group=PRICES,
    required=True,
)
RATE_DAYS = Option(
    "billing.rate_days",
    int,
    400,
    label=_("Days for which exchange rates are kept"),
    help=_("Reports in one currency use the rate of each day, or the last one before it."),
    group=PRICES,
    min=1,
    max=3650,
)
