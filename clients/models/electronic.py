"""How a client wants invoices as data: the kind of e-invoice, and the address and reference that e-invoices are delivered by."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

#: Identifier schemes of electronic addresses (the EAS code list of EN 16931).
SCHEMES = frozenset(
    "0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188 0190 0191 0192 "
    "0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213 0215 0216 0217 0218 0219 0220 "
    "0221 0225 0230 0235 0240 0242 0244 0245 0246 0248 9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 "
    "9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 "
    "9953 9957 9959 AN AQ AS AU EM".split()
)
_ADDRESS = re.compile(r"([0-9A-Z]{2,4}):([^\s:][^\s]{0,90})")


class EInvoiceWish(models.TextChoices):
    """Which e-invoice goes with a client's documents. The values are those of `billing.einvoice.PROFILES`, and none."""

    NONE = "none", _("None, the PDF only")
    FACTURX = "facturx", _("Factur-X / ZUGFeRD (PDF with data inside)")
    XRECHNUNG = "xrechnung", _("XRechnung (UBL)")
    XRECHNUNG_CII = "xrechnung_cii", _("XRechnung (CII)")
    PEPPOL = "peppol", _("Peppol BIS Billing 3 (UBL)")
    UBL = "ubl", _("EN 16931 (UBL)")
    CII = "cii", _("EN 16931 (CII)")


def check_electronic_address(value: str) -> None:
    """`scheme:value` with a scheme that exists. Raises ValidationError."""
    found = _ADDRESS.fullmatch(value)
    if not found:
        raise ValidationError(
            _("Write the scheme, a colon and the address, such as 9930:DE123456789 or 0204:04011000-12345-34.")
        )
    if found[1] not in SCHEMES:
        raise ValidationError(_("There is no scheme %(scheme)s for electronic addresses."), params={"scheme": found[1]})
