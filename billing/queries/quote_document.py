"""The quote as a document: plain data out of a Quote, typeset like an invoice."""

from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Cycle, Quote
from billing.options import INVOICE_FOOTER
from hostbill.core import clock
from hostbill.core.document_sign import document_sign
from hostbill.core.localized import (
    amount_text,
    date_text,
    decimals_text,
    direction,
    money_text,
    native_digits,
    percent_text,
)
from hostbill.core.money import Money
from hostbill.core.typeset import pdf

from .deposit import first_part
from .invoice_document import buyer_lines, document_language, foot_of, line_labels, seller_of
from .quote_sums import addressee_of

TEMPLATE = "invoice.typ"


class _Letter:
    """What the helpers of invoices read: seller and buyer as stored, whom it is for, its language."""

    def __init__(self, quote: Quote):
        self.seller, self.buyer = quote.seller, quote.buyer
        self.client = addressee_of(quote)
        self.language = quote.language if quote.number else self.client.language


def quote_pdf(quote: Quote) -> bytes:
    """The PDF, the same bytes as long as the quote's facts are the same."""
    return pdf(TEMPLATE, quote_data(quote), made_on=quote.issued_on or clock.today())


def quote_file_name(quote: Quote) -> str:
    """``quote-Q-2027-0004-v2.pdf``."""
    name = str(quote) if quote.number else f"draft-{quote.pk}"
    return f"quote-{''.join(char if char.isalnum() or char in '-_.' else '-' for char in name)}.pdf"


def quote_data(quote: Quote) -> dict:
    """All that the template shows, as text in the quote's language."""
    letter = _Letter(quote)
    language = document_language(letter)
    with translation.override(language):
        seller, day = seller_of(letter), quote.issued_on or clock.today()
        town = " ".join(part for part in (seller["postcode"], seller["city"]) if part)
        title = _("Quote") if quote.number else _("Draft quote")
        return {
            "lang": language.split("-")[0],
            "dir": direction(language),
            "digits": list(native_digits("0123456789", language)),
            "date": [day.year, day.month, day.day],
            "file_title": f"{title} {quote if quote.number else ''}".strip(),
            "title": title,
            "brand": seller["name"],
            **document_sign(),
            "seller": {"name": seller["legal_name"]},
            "sender_line": ", ".join(part for part in (seller["legal_name"], seller["address1"], town) if part),
            "buyer": buyer_lines(letter),
            "facts": _facts(quote, language),
            "currency_note": _("All amounts in %(currency)s") % {"currency": quote.currency},
            "labels": line_labels(),
            "lead": [quote.subject, *quote.introduction.strip().split("\n")],
            "lines": [row for line in quote.lines.select_related("product") for row in _rows(line, language)],
            "taxes": [_tax(row, quote.currency, language) for row in quote.taxes],
            "totals": [
                {"label": label, "amount": amount_text(money, language)}
                for label, money in ((_("Net"), quote.net), (_("VAT"), quote.tax))
            ],
            "total": {"label": _("Total"), "amount": money_text(quote.total, language)},
            "box": _box(quote, language),
            "notes": [note for note in (quote.notes.strip(), INVOICE_FOOTER.value.strip()) if note],
            "foot": foot_of(seller),
        }


def _facts(quote: Quote, language: str) -> list[dict]:
    addressee = addressee_of(quote)
    rows = [
        (_("Quote number"), str(quote) if quote.number else _("none yet"), True),
        (_("Date"), date_text(quote.issued_on, language) if quote.issued_on else _("not delivered"), False),
        (_("Customer number"), addressee.number, False),
        (_("Your VAT ID"), quote.buyer.get("tax_id", addressee.tax_id), False),
        (_("Valid until"), date_text(quote.valid_until, language), True),
    ]
    return [{"label": label, "value": str(value), "strong": bold} for label, value, bold in rows if value]


def _rows(line, language: str) -> list[dict]:
    """The line, and its set-up fee as one of its own."""
    rate = native_digits(f"{line.tax_percent.normalize():f} %", language)
    quantity = native_digits(f"{line.quantity.normalize():f}", language)
    unit = decimals_text(line.unit_price, language)
    rows = [
        {"text": line.description, "note": _note(line, language), "quantity": quantity, "unit": unit, "rate": rate,
         "net": amount_text(line.net, language)}
    ]  # fmt: skip
    if not line.setup.is_zero:
        words = _("Set-up: %(name)s") % {"name": line.description}
        unit = amount_text(line.setup_unit, language)
        rows.append(rows[0] | {"text": words, "note": "", "unit": unit, "net": amount_text(line.setup, language)})
    return rows


def _note(line, language: str) -> str:
    """The discount, and what comes again."""
    notes = []
    if line.discount_percent:
        values = {"percent": percent_text(line.discount_percent, language), "amount": money_text(line.discount, language)}
        notes.append(_("%(percent)s discount: %(amount)s off") % values)
    if line.product_id and line.cycle:
        notes.append(again_words(line, language))
    return " · ".join(notes)


def again_words(line, language: str) -> str:
    """How often it is paid; with a discount, what it costs afterwards."""
    cycle = str(Cycle(line.cycle).label)
    if line.is_recurring and line.discount_percent:
        return _("%(cycle)s; then %(amount)s") % {"cycle": cycle, "amount": money_text(line.full, language)}
    return cycle


def _tax(row: dict, currency: str, language: str) -> dict:
    percent, net, tax = (Decimal(row[name]) for name in ("percent", "net", "tax"))
    parts = [native_digits(f"{percent.normalize():f} %", language), row["name"]]
    return {
        "name": ", ".join(part for part in parts if part),
        "net": amount_text(Money(net, currency), language),
        "tax": amount_text(Money(tax, currency), language),
    }


def _box(quote: Quote, language: str) -> dict | None:
    """How to say yes, and what is invoiced when."""
    rows = _deposit_rows(quote, language)
    signature = getattr(quote, "signature", None)
    if signature:
        day = date_text(signature.signed_at.astimezone(clock.seller_zone()).date(), language)
        title = _("Accepted on %(day)s by %(name)s") % {"day": day, "name": signature.signed_name}
        return {"title": title, "text": "", "rows": rows, "qr": ""}
    site = settings.SITE_URL.split("//", 1)[-1]
    title = _("Say yes by %(day)s") % {"day": date_text(quote.valid_until, language)}
    text = _("Open the link in our mail and sign there, or sign in at %(site)s.") % {"site": f"{site}/account/"}
    return {"title": title, "text": text, "rows": rows, "qr": ""}


def _deposit_rows(quote: Quote, language: str) -> list[dict]:
    if not quote.deposit_kind:
        return []
    rest = _("when it is delivered") if quote.rest_when == "delivery" else _days_words(quote.rest_days, language)
    first = first_part(quote)
    rows = [
        (_("First, as a deposit"), money_text(first, language)),
        (_("The rest, %(when)s") % {"when": rest}, money_text(quote.total - first, language)),
    ]
    return [{"label": label, "value": value, "strong": True} for label, value in rows]


def _days_words(days: int, language: str) -> str:
    return native_digits(ngettext("%d day later", "%d days later", days) % days, language)
