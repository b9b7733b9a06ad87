"""MT940 of SWIFT: the statement that banks gave before CAMT.053, and many still do. Fields are read by the library `mt940`; who
paid and why stands in field 86, structured as German banks (?20...), as Dutch ones (/NAME/.../) or not at all."""

import io
import re

import mt940
from django.utils.translation import gettext as _

from billing.queries.bank_csv import Row
from hostbill.core.errors import AppError
from hostbill.core.money import exponent

#: What a statement begins with, in this order; a head of the network may stand before it.
_BEGINS = re.compile(r"^:20:.*?^:(25|28C?|60[FM])[A-Z]?:", re.MULTILINE | re.DOTALL)
_LOOKED_AT = 4000
#: Words of Dutch and Belgian banks in field 86; what follows one belongs to it until the next.
_WORDS = re.compile(
    r"/(EREF|REMI|NAME|IBAN|BIC|TRTP|CSID|MARF|CNTP|ORDP|BENM|ADDR|ISDT|RTRN|PREF|PURP|TRCD|TRANSFER|USTD|STRD|CDTRREF|ULTC|ULTD|SVCL|NRTX|TYPE|ID)/"
)
_NOTHING = ("NOTPROVIDED", "NONREF")


class Statement(mt940.tags.Statement):
    """A line that does not fit is told with its number, where the library would give up the file."""

    def parse(self, transactions, value):
        """The fields, or what could not be read."""
        return super().parse(transactions, value) if self.re.match(value) else {"month": "", "unreadable": value}

    def __call__(self, transactions, value):
        """The transaction; one that cannot be one keeps its words."""
        try:
            found = {} if "unreadable" in value else super().__call__(transactions, dict(value))
        except (ValueError, ArithmeticError):  # a day or an amount that is none
            found = {}
        return found or {"id": "NONE", "unreadable": True}


def is_mt940(content: str) -> bool:
    """Whether it looks like one."""
    return bool(_BEGINS.search(content[:_LOOKED_AT].replace("\r", "")))


def rows(content: str) -> list[Row]:
    """One row per transaction. AppError "unreadable"."""
    try:
        # Never the text itself: the library would open a file of that name.
        statements = mt940.parse_statements(io.StringIO(content), tags={61: Statement()}, options=mt940.Options.all())
    except (RuntimeError, ValueError, ArithmeticError, TypeError) as error:
        raise AppError(_("This MT940 statement cannot be read."), code="unreadable", field="file") from error
    found = [transaction.data for statement in statements for transaction in statement]
    return [_row(number, data) for number, data in enumerate(found, 1)]


def _row(number: int, data: dict) -> Row:
    money = data.get("amount")
    if data.get("unreadable") or money is None or money.amount is None:
        return Row(number, problem=_("no amount or no day"))
    currency = money.currency or ""
    if money.amount != round(money.amount, exponent(currency or "EUR")):
        return Row(number, problem=_("no amount: “%(text)s”") % {"text": money.amount})
    payer, account, text = _paid_by(data)
    return Row(
        number,
        data.get("entry_date") or data["date"],
        money.amount,
        currency,
        payer=payer,
        payer_account=account,
        text=text,
        bank_reference=_said(data, "bank_reference"),
    )


def _paid_by(data: dict) -> tuple[str, str, str]:
    """(payer, account, text) of field 86 and of the line itself."""
    free = " ".join((data.get("transaction_details") or "").split())
    words = _WORDS.split(free)
    said = dict(zip(words[1::2], words[2::2], strict=True))
    if said:
        party = said.get("CNTP", said.get("ORDP", "")).split("/")  # account/bank/name/place
        account, name = party[0], party[2] if len(party) > 2 else ""
        texts = [said.get("REMI", "").removeprefix("USTD//"), said.get("EREF", "")]
        return said.get("NAME", name).strip("/ "), said.get("IBAN", account).strip("/ "), _joined(texts)
    account = _said(data, "applicant_iban") or _said(data, "gvc_applicant_iban")
    texts = [_said(data, "purpose") or free, _said(data, "end_to_end_reference"), _said(data, "customer_reference")]
    return _said(data, "applicant_name") or _said(data, "deviate_applicant"), account, _joined(texts)


def _said(data: dict, key: str) -> str:
    return " ".join((data.get(key) or "").split())


def _joined(texts: list[str]) -> str:
    """Each once, without what says that there is nothing."""
    said = [text.strip("/ ") for text in texts]
    return " ".join(dict.fromkeys(text for text in said if text and text not in _NOTHING))
