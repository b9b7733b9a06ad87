"""What stands on invoices and when they are written."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

INVOICES = _("Invoices")

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
