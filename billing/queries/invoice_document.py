"""The invoice as a document: plain data out of an Invoice, typeset as PDF.

Seller and buyer come from the copies stored at issue, so that an old invoice keeps its old address; where an invoice
has none (a draft), today's are shown.
"""

import io
from datetime import date, timedelta
from decimal import Decimal

import segno
from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django_countries import countries

from billing.einvoice.hybrid import marked
from billing.models import Invoice
from billing.models.cycle import whole_months
from billing.options import INVOICE_FOOTER
from billing.queries.einvoice_wish import hybrid_xml
from hostbill.core import clock, options
from hostbill.core.document_sign import document_sign
from hostbill.core.localized import (
    amount_text,
    date_text,
    decimals_text,
    direction,
    money_text,
    native_digits,
    period_text,
)
from hostbill.core.money import Money
from hostbill.core.typeset import pdf

TEMPLATE = "invoice.typ"
SELLER_FIELDS = (
    "name", "legal_name", "address1", "postcode", "city", "country", "tax_id", "register", "email", "phone",
    "bank", "iban", "bic",
)  # fmt: skip


def invoice_pdf(invoice: Invoice) -> bytes:
    """The PDF of an invoice, the same bytes as long as the invoice's facts are the same; with its data inside where it is Factur-X."""
    return hybrid_pdf(TEMPLATE, invoice_data(invoice), hybrid_xml(invoice), made_on=invoice.issued_on or clock.today())


def hybrid_pdf(template: str, data: dict, xml: str, *, made_on: date) -> bytes:
    """A PDF/A-3, with the e-invoice attached and named in its metadata when there is one."""
    if not xml:
        return pdf(template, data, made_on=made_on)
    return marked(pdf(template, data | {"einvoice": xml}, made_on=made_on))


def invoice_file_name(invoice: Invoice) -> str:
    """``invoice-2027-0415.pdf``."""
    safe = "".join(
        char if char.isalnum() or char in "-_." else "-" for char in str(invoice.number or f"draft-{invoice.pk}")
    )
    return f"invoice-{safe}.pdf"


def invoice_data(invoice: Invoice) -> dict:
    """All that the template shows, as text in the invoice's language."""
    language = document_language(invoice)
    with translation.override(language):
        seller, lines = seller_of(invoice), list(invoice.lines.all())
        day = invoice.issued_on or clock.today()
        return {
            "lang": language.split("-")[0],
            "dir": direction(language),
            "digits": list(native_digits("0123456789", language)),
            "date": [day.year, day.month, day.day],
            "file_title": f"{_title(invoice)} {invoice.number or ''}".strip(),
            "title": _title(invoice),
            "brand": seller["name"],
            **document_sign(),
            "seller": {"name": seller["legal_name"]},
            "sender_line": ", ".join(
                part for part in (seller["legal_name"], seller["address1"], _town(seller)) if part
            ),
            "buyer": buyer_lines(invoice),
            "facts": _facts(invoice, language),
            "currency_note": _("All amounts in %(currency)s") % {"currency": invoice.currency},
            "labels": line_labels(),
            "lines": with_sums(lines, [line_data(line, language) for line in lines], language),
            "taxes": [tax_data(row, language) for row in invoice.taxes.all()],
            **_totals(invoice, language),
            "box": _box(invoice, seller, language),
            "notes": _notes(invoice, seller),
            "foot": foot_of(seller),
        }


def document_language(invoice: Invoice) -> str:
    """The language of the invoice, or English where our words are not translated: no English in a mirrored page."""
    language = invoice.language or getattr(invoice.client, "language", "") or settings.LANGUAGE_CODE
    with translation.override("en"):
        english = line_labels()
    with translation.override(language):
        return language if line_labels() != english else "en"


def _title(invoice: Invoice) -> str:
    states = {"draft": _("Draft invoice"), "cancelled": _("Cancelled invoice"), "refunded": _("Cancelled invoice")}
    kinds = {"corrective": _("Corrective invoice")}
    if invoice.is_proforma and invoice.state == "issued":
        return _("Pro-forma invoice")
    return states.get(invoice.state) or kinds.get(invoice.kind) or _("Invoice")


def with_sums(lines, rows: list[dict], language: str) -> list[dict]:
    """Each row with the net of all up to it: what is carried over when the page ends there."""
    total = Decimal(0)
    for line, row in zip(lines, rows, strict=True):
        total += line.net_amount
        row["sum"] = amount_text(Money(total, line.currency), language)
    return rows


def line_labels() -> dict:
    """The heads of the tables."""
    return {
        "what": _("What and when"),
        "quantity": _("Quantity"),
        "unit": _("Unit price"),
        "tax": _("VAT"),
        "net": _("Net"),
        "tax_by_rate": _("VAT by rate"),
        "page": _("Page {page} of {pages}"),
        "carried_over": _("Carried over"),
        "carried_forward": _("Carried forward"),
    }


def seller_of(invoice: Invoice) -> dict:
    """Every field of the seller: as stored at issue, else as configured now."""
    stored = invoice.seller or {}
    now = {name: options.find(f"company.{name}").value for name in SELLER_FIELDS}
    seller = {name: str(stored.get(name, "") if stored else now[name]) for name in SELLER_FIELDS}
    seller["legal_name"] = seller["legal_name"] or seller["name"] or now["legal_name"]
    return seller | {"name": now["name"], "legal_name": seller["legal_name"] or now["name"]}


def _town(address: dict) -> str:
    return " ".join(str(address.get(name) or "") for name in ("postcode", "city")).strip()


def _one_way(text: str) -> str:
    """In a document from right to left, words of another direction beside ours keep their order."""
    return f"\u2068{text}\u2069" if text and direction(get_language() or "") == "rtl" else text


def _country(code: str) -> str:
    return str(countries.name(code)) if code else ""


def buyer_lines(invoice: Invoice) -> list[str]:
    """The address as an envelope shows it; the name people write themselves comes first."""
    names = (
        "native_name",
        "company",
        "first_name",
        "last_name",
        "address1",
        "address2",
        "postcode",
        "city",
        "state",
        "country",
    )
    buyer = invoice.buyer or {name: str(getattr(invoice.client, name, "") or "") for name in names}
    person = " ".join(str(buyer.get(name) or "") for name in ("first_name", "last_name")).strip()
    top = [buyer.get("native_name"), buyer.get("company"), person or buyer.get("name")]
    lines = [*top, buyer.get("address1"), buyer.get("address2"), _town(buyer), buyer.get("state")]
    lines.append(buyer.get("country_name") or _country(str(buyer.get("country") or "")))
    return list(dict.fromkeys(str(line).strip() for line in lines if line and str(line).strip()))


def _facts(invoice: Invoice, language: str) -> list[dict]:
    buyer = invoice.buyer or {}
    number = buyer.get("number") or getattr(invoice.client, "number", "") or ""
    tax_id = buyer.get("tax_id") if invoice.buyer else getattr(invoice.client, "tax_id", "")
    rows = [
        (_("Pro-forma number") if invoice.is_proforma else _("Invoice number"), invoice.number or _("none yet"), True),
        (_("Corrects invoice"), invoice.corrects.number if invoice.corrects_id else "", True),
        (_("Pro-forma number"), invoice.proforma_number, False),
        (_("Invoice date"), date_text(invoice.issued_on, language) if invoice.issued_on else _("not issued"), False),
        (_("Customer number"), number, False),
        (_("Your VAT ID"), tax_id, False),
        (_("Payment due"), date_text(invoice.due_on, language), True),
    ]
    return [{"label": label, "value": str(value), "strong": bold} for label, value, bold in rows if value]


def line_data(line, language: str) -> dict:
    """A line of an invoice or credit note, as text."""
    is_deduction = line.net_amount < 0 and line.quantity == 1
    return {
        "text": line.description,
        "note": _period(line, language),
        "quantity": "" if is_deduction else _quantity(line, language),
        "unit": "" if is_deduction else decimals_text(line.unit_price, language),
        "rate": _percent(line.tax_percent, language),
        "net": amount_text(line.net, language),
    }


def _period(line, language: str) -> str:
    """Periods are stored half-open; people read the last day served."""
    if not line.period_start:
        return ""
    last = line.period_end - timedelta(days=1) if line.period_end else line.period_start
    return period_text(line.period_start, last, language)


def _quantity(line, language: str) -> str:
    months = whole_months(line.period_start, line.period_end) if line.period_start and line.period_end else 0
    if line.quantity == 1 and getattr(line, "kind", "") == "recurring" and months:
        years, rest = divmod(months, 12)
        count, words = (
            (months, ngettext("%d month", "%d months", months))
            if rest
            else (years, ngettext("%d year", "%d years", years))
        )
        return native_digits(words % count, language)
    return native_digits(_bare(line.quantity), language)


def _bare(number: Decimal) -> str:
    """Without trailing zeros: 1, 2.5."""
    return f"{number.normalize():f}"


def _percent(percent: Decimal, language: str) -> str:
    return native_digits(f"{_bare(percent)} %", language)


def tax_data(row, language: str) -> dict:
    """A tax group of an invoice or credit note, as text."""
    kind = row.name if row.percent else row.reason or row.name
    parts = [_percent(row.percent, language), kind or str(row.get_tax_class_display())]
    return {"name": ", ".join(parts), "net": amount_text(row.net, language), "tax": amount_text(row.tax, language)}


def _totals(invoice: Invoice, language: str) -> dict:
    rows = [(_("Net"), invoice.net), (_("VAT"), invoice.tax)]
    less = invoice.total - invoice.open
    if invoice.state == "issued" and not less.is_zero:
        credited = sum((note.settled for note in invoice.credit_notes.all()), Money.zero(invoice.currency))
        less_rows = [(_("Credited"), -credited), (_("Already paid"), credited - less)]
        rows += [(_("Total"), invoice.total), *(row for row in less_rows if not row[1].is_zero)]
    heavy = (_("To pay"), invoice.open) if invoice.state == "issued" else (_("Total"), invoice.total)
    return {
        "totals": [{"label": label, "amount": amount_text(money, language)} for label, money in rows],
        "total": {"label": heavy[0], "amount": money_text(heavy[1], language)},
    }


def _box(invoice: Invoice, seller: dict, language: str) -> dict | None:
    """How to pay what is open, or that it is paid."""
    if invoice.state == "issued":
        return _pay_box(invoice, seller, language)
    if invoice.state == "paid":
        day = invoice.paid_at.astimezone(clock.seller_zone()).date() if invoice.paid_at else None
        title = _("Paid on %(day)s. Thank you.") % {"day": date_text(day, language)} if day else _("Paid. Thank you.")
        return {"title": title, "text": _("Nothing is left to pay."), "rows": _payments(invoice, language), "qr": ""}
    return None


def _payments(invoice: Invoice, language: str) -> list[dict]:
    rows = invoice.allocations.select_related("payment").order_by("id")
    return [
        {
            "label": date_text(row.payment.received_on, language),
            "value": " · ".join(str(part) for part in (money_text(row.money, language), row.payment.method_words) if part),
            "strong": False,
        }
        for row in rows
    ]


def _pay_box(invoice: Invoice, seller: dict, language: str) -> dict:
    title = _("Pay %(amount)s by %(day)s") % {
        "amount": money_text(invoice.open, language),
        "day": date_text(invoice.due_on, language),
    }
    site = settings.SITE_URL.split("//", 1)[-1] + "/account/"
    reference = invoice.reference or invoice.number or ""
    if not seller["iban"]:
        return {"title": title, "text": _("Pay by card at %(site)s.") % {"site": site}, "rows": [], "qr": ""}
    qr = epc_svg(seller["legal_name"], seller["iban"], seller["bic"], invoice.open, reference)
    by_card = (
        _("Scan with your banking app, it fills in everything; or pay by card at %(site)s.")
        if qr
        else _("By bank transfer, or by card at %(site)s.")
    )
    rows = [
        (_("Account holder"), seller["legal_name"], False),
        (_("IBAN"), _grouped(seller["iban"]), True),
        (_("BIC"), seller["bic"], False),
        (_("Reference"), reference, True),
    ]
    return {
        "title": title,
        "text": by_card % {"site": site},
        "rows": [{"label": label, "value": value, "strong": bold} for label, value, bold in rows if value],
        "qr": qr,
    }


def _grouped(iban: str) -> str:
    bare = iban.replace(" ", "")
    return " ".join(bare[i : i + 4] for i in range(0, len(bare), 4))


def epc_svg(holder: str, iban: str, bic: str, amount: Money, reference: str) -> str:
    """The transfer as an EPC code (EPC069-12, version 2), a drawing; empty where the standard has none (not euro)."""
    if amount.currency != "EUR" or not Decimal("0.01") <= amount.amount <= Decimal("999999999.99"):
        return ""
    fields = [
        "BCD",
        "002",
        "1",
        "SCT",
        bic,
        holder[:70],
        iban.replace(" ", ""),
        f"EUR{amount.amount:.2f}",
        "",
        "",
        reference[:140],
    ]
    out = io.BytesIO()
    segno.make("\n".join(fields), error="m", micro=False, encoding="utf-8", boost_error=False, eci=False).save(
        out, kind="svg", border=1, xmldecl=False, svgns=True, nl=False
    )
    return out.getvalue().decode()


def _notes(invoice: Invoice, seller: dict) -> list[str]:
    notes = [invoice.notes.strip(), INVOICE_FOOTER.value.strip()]
    if seller["email"]:
        notes.append(
            _("Questions? Answer the mail this came with, or write to %(email)s.") % {"email": seller["email"]}
        )
    return [note for note in notes if note]


def foot_of(seller: dict) -> list[list[str]]:
    """The three columns at the foot of each page."""
    tax = _("VAT ID %(number)s") % {"number": seller["tax_id"]} if seller["tax_id"] else ""
    town = ", ".join(part for part in (_one_way(_town(seller)), _country(seller["country"])) if part)
    columns = [
        [seller["legal_name"], seller["address1"], town],
        [*seller["register"].splitlines(), tax],
        [seller["email"], seller["phone"], settings.SITE_URL.split("//", 1)[-1]],
    ]
    return [[row for row in column if row] or [""] for column in columns]
