"""E-invoices."""

from django.utils.translation import gettext_lazy as _

from clients.models import EInvoiceWish, check_electronic_address
from hostbill.core.options import Option

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
