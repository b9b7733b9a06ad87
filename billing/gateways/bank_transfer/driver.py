"""Nothing is called here: the driver words what the client needs to pay."""

from textwrap import shorten

from django.utils.translation import gettext as _

from billing.gateways.bank_transfer.config import BankTransferConfig
from billing.gateways.base import Gateway
from hostbill.core.money import Money, format_money

#: Letters that a SEPA transfer carries.
REFERENCE_LENGTH = 140


class BankTransferGateway(Gateway):
    """Staff book payments by hand, found by their reference."""

    label = "Bank transfer"
    capabilities = frozenset({"manual"})
    Config = BankTransferConfig
    secret_fields = ()

    def reference_for(self, invoice_number: str) -> str:
        """What the client should write: upper case, and only signs every bank carries. Several numbers stand apart, as many whole
        ones as a transfer takes; of the rest the sum tells."""
        words = invoice_number.upper().replace(",", " ").split()
        carried = ("".join(sign for sign in word if sign.isascii() and (sign.isalnum() or sign in "-/")) for word in words)
        return shorten(" ".join(carried), REFERENCE_LENGTH, placeholder="", break_on_hyphens=False)

    def instructions(self, invoice_number: str, amount: Money) -> list[tuple[str, str]]:
        """Label and value, in the order in which a bank's form asks for them."""
        iban = self.values["iban"]
        spaced = " ".join(iban[place : place + 4] for place in range(0, len(iban), 4)) if iban[:2].isalpha() else iban
        rows = [
            (_("Account holder"), self.values["account_holder"]),
            (_("IBAN") if iban[:2].isalpha() else _("Account number"), spaced),
            (_("BIC"), self.values.get("bic", "")),
            (_("Bank"), self.values.get("bank_name", "")),
            (_("Amount"), format_money(amount)),
            (_("Reference"), self.reference_for(invoice_number)),
            (_("Note"), self.values.get("instructions", "")),
        ]
        return [(label, text) for label, text in rows if text]
