"""What a host decides about billing, without touching code."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from clients.models import EInvoiceWish, check_electronic_address
from hostbill.core.options import Option

INVOICES = _("Invoices")
PRICES = _("Prices and promotions")
COLLECTION = _("Collecting money")
BOOKS = _("Books")
QUOTES = _("Quotes and statements")

RENEWAL_DAYS_BEFORE = Option(
    "billing.renewal_days_before",
    int,
    14,
    label=_("Renewal invoices, days ahead"),
    help=_("How many days before the new period begins its invoice is issued."),
    group=INVOICES,
    min=0,
    max=90,
)
ORDER_DUE_DAYS = Option(
    "billing.order_due_days",
    int,
    7,
    label=_("Days to pay a first invoice"),
    help=_("Invoices of new orders are due this many days after they are issued."),
    group=INVOICES,
    min=0,
    max=90,
)
INVOICE_NUMBER_FORMAT = Option(
    "billing.invoice_number_format",
    str,
    "{year}-{number:04d}",
    label=_("Invoice number format"),
    help=_(
        "{year} is the year of issue and makes numbers begin again each year; {number:04d} is the running number. "
        "It holds until the invoices' number series has a format of its own."
    ),
    group=INVOICES,
    required=True,
)
ORDER_NUMBER_FORMAT = Option(
    "billing.order_number_format",
    str,
    "O-{number:05d}",
    label=_("Order number format"),
    group=INVOICES,
    required=True,
)
PROFORMA = Option(
    "billing.proforma",
    bool,
    False,
    label=_("Unpaid invoices are pro-forma"),
    help=_("They get a number of a series of their own; the legal number and date are given when they are paid in full."),
    group=INVOICES,
)
CONTINUOUS_INVOICING = Option(
    "billing.continuous_invoicing",
    bool,
    True,
    label=_("Renewals are invoiced although an earlier one is unpaid"),
    help=_("Without it a service gets no further invoice before its last one is paid; what was left out comes then."),
    group=INVOICES,
)
CANCEL_BY_CREDIT_NOTE = Option(
    "billing.cancel_by_credit_note",
    bool,
    True,
    label=_("Cancelled invoices get a credit note"),
    help=_("An issued invoice is taken back by a document with a number of its own. Without it only its state changes."),
    group=INVOICES,
)
INVOICE_FOOTER = Option("billing.invoice_footer", "text", "", label=_("Text at the foot of invoices"), group=INVOICES)

E_INVOICES = _("E-invoices")
EINVOICE = Option(
    "billing.einvoice",
    "choice",
    "none",
    label=_("E-invoice of new invoices"),
    help=_("For clients who chose nothing else. It is written when an invoice is issued and goes with its mail."),
    group=E_INVOICES,
    choices=tuple(EInvoiceWish.choices),
    required=True,
)
EINVOICE_CHECK = Option(
    "billing.einvoice_check",
    bool,
    True,
    label=_("Check e-invoices by the official rules"),
    help=_("One that breaks a rule is held, its mail waits, and staff are told the rule. Off: all are sent unchecked."),
    group=E_INVOICES,
)
EINVOICE_ADDRESS = Option(
    "billing.einvoice_address",
    str,
    "",
    label=_("Our electronic address"),
    help=_("As a Peppol participant, such as 9930:DE123456789. Empty: the company's e-mail address."),
    group=E_INVOICES,
    check=check_electronic_address,
)
EINVOICE_CONTACT = Option(
    "billing.einvoice_contact",
    str,
    "",
    label=_("Contact named on e-invoices"),
    help=_("A person or a department. Empty: the company name. Phone and e-mail are the company's."),
    group=E_INVOICES,
)

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
CANCEL_VOIDS_UNSTARTED = Option(
    "billing.cancel_voids_unstarted",
    bool,
    True,
    label=_("Cancelling withdraws unpaid invoices of periods that have not begun"),
    group=COLLECTION,
)


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
