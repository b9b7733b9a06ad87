"""A statement of account as a document: plain data, typeset on the sheet that invoices have."""

from datetime import date, timedelta
from types import SimpleNamespace

from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Account
from hostbill.core import clock
from hostbill.core.document_sign import document_sign
from hostbill.core.localized import amount_text, date_text, direction, money_text, native_digits, period_text
from hostbill.core.typeset import pdf

from .invoice_document import buyer_lines, document_language, foot_of, line_labels, seller_of
from .statement import Statement, statements_of

TEMPLATE = "invoice.typ"


def statement_pdf(account: Account, first: date, last: date) -> bytes:
    """The PDF of these days, both included."""
    return pdf(TEMPLATE, statement_data(account, first, last), made_on=clock.today())


def statement_file_name(account: Account, first: date, last: date) -> str:
    """``statement-C-10004-2027-09-01-2027-09-30.pdf``."""
    return f"statement-{account.client.number}-{first}-{last}.pdf"


def statement_data(account: Account, first: date, last: date) -> dict:
    """All that the template shows, in the client's language; a section per currency where there are several."""
    client = account.client
    letter = SimpleNamespace(client=client, language=client.language, seller={}, buyer={})
    language = document_language(letter)
    with translation.override(language):
        seller, today = seller_of(letter), clock.today()
        statements = statements_of(account, first, last)
        town = " ".join(part for part in (seller["postcode"], seller["city"]) if part)
        title = _("Statement of account")
        return {
            "lang": language.split("-")[0],
            "dir": direction(language),
            "digits": list(native_digits("0123456789", language)),
            "date": [today.year, today.month, today.day],
            "file_title": f"{title} {client.number}",
            "title": title,
            "brand": seller["name"],
            **document_sign(),
            "seller": {"name": seller["legal_name"]},
            "sender_line": ", ".join(part for part in (seller["legal_name"], seller["address1"], town) if part),
            "buyer": buyer_lines(letter),
            "facts": _facts(client, first, last, language),
            "currency_note": _("All amounts in %(currency)s") % {"currency": account.currency} if len(statements) == 1 else "",
            "labels": line_labels() | {"what": _("What"), "quantity": _("Day"), "unit": _("Billed"), "tax": _("Paid"),
                                       "net": _("Open after it")},
            "lines": [row for statement in statements for row in _rows(statement, first, len(statements) > 1, language)],
            "taxes": [],
            **_ends(statements, language),
            "box": None,
            "notes": [_("A minus means that you have credit with us. This statement is no invoice.")],
            "foot": foot_of(seller),
        }  # fmt: skip


def _facts(client, first: date, last: date, language: str) -> list[dict]:
    rows = [
        (_("Customer number"), client.number, False),
        (_("Period"), period_text(first, last, language), True),
        (_("Date"), date_text(clock.today(), language), False),
    ]
    return [{"label": label, "value": value, "strong": bold} for label, value, bold in rows]


def _rows(statement: Statement, first: date, is_one_of_several: bool, language: str) -> list[dict]:
    name = f" {statement.closing.currency}" if is_one_of_several else ""
    before = date_text(first - timedelta(days=1), language)
    rows = [_row(_("Carried over") + name, before, balance=statement.opening, language=language)]
    for line in statement.lines:
        billed, paid = (line.money, None) if line.is_billed else (None, line.minus)
        rows.append(_row(line.text, date_text(line.on, language), billed, paid, line.balance, language=language))
    return rows


def _row(text: str, day: str, billed=None, paid=None, balance=None, *, language: str) -> dict:
    amounts = [amount_text(money, language) if money is not None else "" for money in (billed, paid, balance)]
    return {"text": text, "note": "", "quantity": day, "unit": amounts[0], "rate": amounts[1], "net": amounts[2]}


def _ends(statements: list[Statement], language: str) -> dict:
    """What is open on invoices, what is credit, and both together."""
    rows = []
    for statement in statements:
        rows.append((_("Open on invoices"), statement.owed))
        rows.append((_("Your credit with us"), -statement.credit))
    for statement in statements[1:]:
        rows.append((_("Open at the end"), statement.closing))
    return {
        "totals": [{"label": label, "amount": money_text(money, language)} for label, money in rows],
        "total": {"label": _("Open at the end"), "amount": money_text(statements[0].closing, language)},
    }
