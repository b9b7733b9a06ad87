"""The credit note as a document: plain data out of a CreditNote, typeset like an invoice."""

from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import CreditNote
from hostbill.core.document_sign import document_sign
from hostbill.core.localized import amount_text, date_text, direction, money_text, native_digits

from .einvoice_wish import hybrid_xml
from .invoice_document import (
    buyer_lines,
    document_language,
    foot_of,
    hybrid_pdf,
    line_data,
    line_labels,
    seller_of,
    tax_data,
    with_sums,
)

TEMPLATE = "invoice.typ"


def credit_note_pdf(note: CreditNote) -> bytes:
    """The PDF, always the same bytes: nothing of a credit note ever changes; with its data inside where it is Factur-X."""
    return hybrid_pdf(TEMPLATE, credit_note_data(note), hybrid_xml(note), made_on=note.issued_on)


def credit_note_file_name(note: CreditNote) -> str:
    """``credit-note-CN-2027-0004.pdf``."""
    return f"credit-note-{''.join(char if char.isalnum() or char in '-_.' else '-' for char in note.number)}.pdf"


def credit_note_data(note: CreditNote) -> dict:
    """All that the template shows, as text in the note's language."""
    language = document_language(note)
    with translation.override(language):
        seller, day, lines = seller_of(note), note.issued_on, list(note.lines.all())
        town = " ".join(part for part in (seller["postcode"], seller["city"]) if part)
        return {
            "lang": language.split("-")[0],
            "dir": direction(language),
            "digits": list(native_digits("0123456789", language)),
            "date": [day.year, day.month, day.day],
            "file_title": _("Credit note %(number)s") % {"number": note.number},
            "title": _("Credit note"),
            "brand": seller["name"],
            **document_sign(),
            "seller": {"name": seller["legal_name"]},
            "sender_line": ", ".join(part for part in (seller["legal_name"], seller["address1"], town) if part),
            "buyer": buyer_lines(note),
            "facts": _facts(note, language),
            "currency_note": _("All amounts in %(currency)s") % {"currency": note.currency},
            "labels": line_labels(),
            "lines": with_sums(lines, [line_data(line, language) for line in lines], language),
            "taxes": [tax_data(row, language) for row in note.taxes.all()],
            "totals": [
                {"label": label, "amount": amount_text(money, language)}
                for label, money in ((_("Net"), note.net), (_("VAT"), note.tax))
            ],
            "total": {"label": _("Credited"), "amount": money_text(note.total, language)},
            "box": _box(note, language),
            "notes": [_("Reason: %(reason)s") % {"reason": note.reason}, *_reasons(note)],
            "foot": foot_of(seller),
        }


def _facts(note: CreditNote, language: str) -> list[dict]:
    buyer = note.buyer or {}
    rows = [
        (_("Credit note number"), note.number, True),
        (_("Date"), date_text(note.issued_on, language), False),
        (_("Invoice number"), note.invoice.number, True),
        (_("Invoice date"), date_text(note.invoice.issued_on, language), False),
        (_("Customer number"), buyer.get("number", ""), False),
        (_("Your VAT ID"), buyer.get("tax_id", ""), False),
    ]
    return [{"label": label, "value": str(value), "strong": bold} for label, value, bold in rows if value]


def _box(note: CreditNote, language: str) -> dict:
    """Where the money is."""
    rows = [
        (_("Less to pay on invoice %(number)s") % {"number": note.invoice.number}, note.settled),
        (_("Kept as your credit, or sent back"), note.credited),
    ]
    return {
        "title": _("There is nothing to pay"),
        "text": _("This document takes back what is named above from invoice %(number)s.")
        % {"number": note.invoice.number},
        "rows": [
            {"label": label, "value": money_text(money, language), "strong": False}
            for label, money in rows
            if money.is_positive
        ],
        "qr": "",
    }


def _reasons(note: CreditNote) -> list[str]:
    """Why no tax is charged, as on the invoice."""
    return sorted({row.reason for row in note.taxes.all() if row.reason})
