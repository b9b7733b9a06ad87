"""Nothing is called here: the driver words what the client needs to pay."""

from django.utils.translation import gettext as _

from billing.gateways.bank_transfer.config import BankTransferConfig
from billing.gateways.base import Gateway
from hostbill.core.money import Money, format_money


class BankTransferGateway(Gateway):
    """Staff book payments by hand, found by their reference."""

    label = "Bank transfer"
    capabilities = frozenset({"manual"})
    Config = BankTransferConfig
    secret_fields = ()

    def reference_for(self, invoice_number: str) -> str:
        """What the client should write: upper case, and only signs every bank carries."""
        return "".join(sign for sign in invoice_number.upper() if sign.isascii() and (sign.isalnum() or sign in "-/"))

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
