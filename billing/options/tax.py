"""How tax is found and numbers are checked."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

TAX = _("Tax")

TAX_SCHEME = Option(
    "tax.scheme",
    "choice",
    "auto",
    label=_("How tax is found"),
    help=_("By the country of the company, unless you say otherwise. “Rates only” charges what the table of tax rates says."),
    group=TAX,
    choices=(
        ("auto", _("By the company's country")),
        ("eu", _("EU VAT")),
        ("uk", _("UK VAT")),
        ("rates", _("Rates only")),
    ),
    required=True,
)
OSS = Option(
    "tax.oss",
    "choice",
    "limit",
    label=_("Consumers in other EU states pay the VAT of"),
    help=_("Sales below the limit, this year and the last, may be taxed at home; above it each country's own VAT is due (OSS)."),
    group=TAX,
    choices=(
        ("limit", _("home until the limit is passed, then of their country")),
        ("always", _("their country, always")),
        ("never", _("home, always")),
    ),
    required=True,
)
OSS_LIMIT = Option(
    "tax.oss_limit",
    Decimal,
    Decimal(10000),
    label=_("Limit of sales to consumers in other EU states"),
    help=_("Net, in euros, in a calendar year. The sale that passes it is taxed in the client's country as a whole."),
    group=TAX,
    min=Decimal(0),
    max=Decimal(10_000_000),
)
OSS_ELSEWHERE = Option(
    "tax.oss_elsewhere",
    Decimal,
    Decimal(0),
    label=_("Such sales made elsewhere this year"),
    help=_("Net, in euros: of another shop, or before HostBill. They count towards the limit."),
    group=TAX,
    min=Decimal(0),
    max=Decimal(1_000_000_000),
)
VAT_CHECKER = Option(
    "tax.vat_checker",
    str,
    "vies",
    label=_("Who is asked about VAT numbers"),
    help=_("The name of a driver; VIES is the service of the European Commission."),
    group=TAX,
    required=True,
)
VIES_URL = Option(
    "tax.vies_url",
    str,
    "https://ec.europa.eu/taxation_customs/vies",
    label=_("Address of VIES"),
    group=TAX,
    required=True,
)
HMRC_URL = Option(
    "tax.hmrc_url",
    str,
    "https://api.service.hmrc.gov.uk",
    label=_("Address of HMRC"),
    help=_("Who is asked about UK VAT numbers when this company sits in the United Kingdom."),
    group=TAX,
    required=True,
)
HMRC_CLIENT_ID = Option(
    "tax.hmrc_client_id",
    str,
    "",
    label=_("HMRC: client ID"),
    help=_("Of your application at HMRC's developer hub, for “Check a UK VAT number”. Empty: UK numbers are not checked."),
    group=TAX,
)
HMRC_CLIENT_SECRET = Option("tax.hmrc_client_secret", "secret", "", label=_("HMRC: client secret"), group=TAX)
VAT_CHECK_DOWN = Option(
    "tax.vat_check_down",
    "choice",
    "charge",
    label=_("When a VAT number cannot be checked"),
    help=_("VIES is often out of reach. An invoice held back is issued as soon as there is an answer."),
    group=TAX,
    choices=(
        ("charge", _("charge VAT")),
        ("hold", _("hold the invoice back")),
    ),
    required=True,
)
VAT_HOLD_DAYS = Option(
    "tax.vat_hold_days",
    int,
    3,
    label=_("Days an invoice is held back at most"),
    help=_("Then it is issued with VAT."),
    group=TAX,
    min=1,
    max=30,
)
VAT_RECHECK_DAYS = Option(
    "tax.vat_recheck_days",
    int,
    30,
    label=_("Check VAT numbers again after days"),
    help=_("Before a renewal is invoiced, when the last answer is older."),
    group=TAX,
    min=1,
    max=365,
)
VAT_ID_DAYS = Option(
    "tax.vat_id_days",
    int,
    120,
    label=_("Days a confirmed VAT number counts when nobody answers"),
    help=_("As long as the office cannot be reached the last answer stands, no longer than this."),
    group=TAX,
    min=1,
    max=730,
)
NETWORK_COUNTRY_HEADER = Option(
    "tax.network_country_header",
    str,
    "",
    label=_("Header that tells a visitor's country"),
    help=_("Set by a proxy such as Cloudflare (CF-IPCountry). It becomes one of two signs of where a consumer lives."),
    group=TAX,
)
