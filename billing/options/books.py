"""The books and what bookkeeping programs are told."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

BOOKS = _("Books")

RECOGNISE = Option(
    "billing.recognise",
    "choice",
    "month",
    label=_("Revenue of a period is booked"),
    help=_(
        "Net amounts of lines with a period are earned by the day: until then they are deferred revenue, which is owed. This is "
        "for invoices issued from now on; what is booked already goes on as it began."
    ),
    group=BOOKS,
    choices=(
        ("month", _("as it is served, once a month")),
        ("day", _("as it is served, every day")),
        ("issue", _("at once, when the invoice is issued")),
    ),
    required=True,
)
WRITE_OFF_TAX = Option(
    "billing.write_off_tax",
    bool,
    False,
    label=_("Writing off takes back the tax"),
    help=_(
        "The tax of what is written off is no longer payable, where the law allows it at that moment. Otherwise it stays payable "
        "and the whole amount is a loss."
    ),
    group=BOOKS,
)
LEDGER_DATEV_CONSULTANT = Option(
    "ledger.datev_consultant", int, 1001, label=_("DATEV: consultant number"), group=BOOKS, min=1001, max=9_999_999
)
LEDGER_DATEV_CLIENT = Option("ledger.datev_client", int, 1, label=_("DATEV: client number"), group=BOOKS, min=1, max=99_999)
LEDGER_DATEV_LENGTH = Option(
    "ledger.datev_length", int, 4, label=_("DATEV: digits of an account number"), group=BOOKS, min=4, max=8
)
LEDGER_DATEV_YEAR_MONTH = Option(
    "ledger.datev_year_month", int, 1, label=_("DATEV: month in which the business year begins"), group=BOOKS, min=1, max=12
)
LEDGER_DATEV_KEY = Option(
    "ledger.datev_key",
    str,
    "",
    label=_("DATEV: key on each line"),
    help=_("40 where the accounts would work out tax by themselves: what is exported has its tax booked already."),
    group=BOOKS,
)
