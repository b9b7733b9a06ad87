"""VAT numbers that an office does not know."""

from django.utils.translation import gettext_lazy as _

from .placeholders import CLIENT, CONTACT, notice

NUMBER = {"tax_id": _("the VAT number"), "url": _("link to the address and VAT number")}
REFUSED = {"tax_id": "FR99999999999", "reference": ""}

notice(
    "vat_number_refused",
    _("VAT number not valid"),
    _("Your VAT number {{ tax_id }} is not valid"),
    _(
        "# Please check your VAT number\n\n"
        "{{ hello }}, the VAT office does not know the number {{ tax_id }} of {{ client_name }}. Until there is one that it confirms, "
        "VAT is charged as for a private person.\n\n"
        "Often it is a typing error, or the number is not yet released for business in other countries; your tax office "
        "does that.\n\n[[button]]"
    ),
    CLIENT | NUMBER,
    (_("Check the VAT number"), "url"),
    reason=CONTACT,
    sample=REFUSED,
)
notice(
    "vat_number_refused_staff",
    _("A client's VAT number is not valid"),
    _("The VAT number of {{ client_name }} is not valid"),
    _(
        "The VAT office does not know the number {{ tax_id }} of **{{ client_name }}**. From now on they are charged as a private "
        "person; they were told by mail. What was invoiced before stays as it is: please look whether it needs to be corrected."
    ),
    {"client_name": _("client"), **NUMBER},
    (_("Open the client"), "url"),
    audience="staff",
    sample=REFUSED,
)
