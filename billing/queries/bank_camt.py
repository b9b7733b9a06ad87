"""CAMT.053 of ISO 20022: the statement that banks everywhere give as XML. Versions differ in their namespace only."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from billing.queries.bank_csv import Row
from hostbill.core.errors import AppError
from hostbill.core.safe_xml import BadXml, parse


def rows(content: str) -> list[Row]:
    """One row per transaction; an entry without details is one. Entries that are not booked yet are left out. AppError
    "unreadable"."""
    try:
        root = parse(content.lstrip("\ufeff \r\n\t").encode())
    except BadXml as error:
        raise AppError(_("This XML cannot be read: %(why)s") % {"why": error}, code="unreadable", field="file") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if root.find(".//Stmt") is None:
        raise AppError(_("This is not a CAMT.053 statement."), code="unreadable", field="file")
    found = []
    for number, entry in enumerate(root.iterfind(".//Stmt/Ntry"), 1):
        if _status(entry) == "BOOK":
            found += [_row(number, entry, part) for part in entry.findall("NtryDtls/TxDtls") or [entry]]
    return found


def _status(entry) -> str:
    """BOOK, PDNG or INFO; older versions say it without a code."""
    return _text(entry, "Sts/Cd") or _text(entry, "Sts") or "BOOK"


def _row(number: int, entry, part) -> Row:
    money = next((found for path in ("Amt", "AmtDtls/TxAmt/Amt") if (found := part.find(path)) is not None), None)
    money = entry.find("Amt") if money is None else money
    day = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")[:10]
    try:
        amount, booked_on = Decimal((money.text or "").strip()), date.fromisoformat(day)
    except (InvalidOperation, ValueError, AttributeError):
        return Row(number, problem=_("no amount or no day"))
    if not amount.is_finite():
        return Row(number, problem=_("no amount or no day"))
    side = _text(part, "CdtDbtInd") or _text(entry, "CdtDbtInd")
    came_in = (side == "CRDT") != (_text(entry, "RvslInd") == "true")
    text = " ".join(element.text.strip() for element in part.iterfind("RmtInf//*") if element.text and element.text.strip())
    return Row(
        number,
        booked_on,
        amount if came_in else -amount,
        money.get("Ccy", ""),
        payer=_text(part, "RltdPties/Dbtr/Nm") or _text(part, "RltdPties/Dbtr/Pty/Nm"),
        payer_account=_text(part, "RltdPties/DbtrAcct/Id/IBAN") or _text(part, "RltdPties/DbtrAcct/Id/Othr/Id"),
        text=text or _text(part, "AddtlTxInf") or _text(entry, "AddtlNtryInf"),
        bank_reference=_text(part, "Refs/AcctSvcrRef") or (_text(entry, "AcctSvcrRef") if part is entry else ""),
    )


def _text(element, path: str) -> str:
    return (element.findtext(path) or "").strip()
