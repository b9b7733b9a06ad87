"""An issued invoice as an e-invoice sees it: everything from what was stored at issue.

Only how to reach somebody (electronic addresses, contact, the buyer's reference, the account to pay to) is filled from today's settings
where the document has none, so that a held e-invoice can be mended; names, addresses, tax numbers and amounts never are.
"""

import re
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from billing.einvoice.document import (
    CORRECTIVE,
    CREDIT_NOTE,
    INVOICE,
    Allowance,
    Document,
    Endpoint,
    Line,
    Party,
    Payment,
    Tax,
    TaxGroup,
)
from billing.models import CreditNote, Invoice, InvoiceLine
from billing.models.cycle import whole_months
from billing.models.tax_sums import components_of
from billing.options import EINVOICE_ADDRESS, EINVOICE_CONTACT
from billing.queries.crediting import split
from billing.queries.exchange import together
from billing.queries.invoice_document import document_language, seller_of
from billing.queries.vat_id import clean_vat_id, is_expected_in, is_well_formed, prefix_of
from hostbill.core import modules, options
from hostbill.core.models import ModuleConfig
from hostbill.core.money import exponent
from hostbill.core.options import COMPANY_CURRENCY

#: What is filled from today's settings where the stored seller has none.
_REACH = ("email", "phone", "iban", "bic")


def einvoice_of(issued: Invoice | CreditNote) -> Document:
    """What the e-invoice of an issued document says. It comes with its client."""
    lines = list(issued.lines.all())
    outside = any(category_of(line) == "O" for line in lines)
    with translation.override(document_language(issued)):
        return Document(
            number=issued.number or "",
            issued_on=issued.issued_on,
            currency=issued.currency,
            digits=exponent(issued.currency),
            seller=_seller(issued, outside=outside),
            buyer=_buyer(issued, outside=outside),
            buyer_reference=issued.client.buyer_reference,
            lines=tuple(_line(line) for line in lines if not is_allowance(line)),
            allowances=tuple(_allowance(line) for line in lines if is_allowance(line)),
            taxes=tuple(tax_groups(lines, issued.taxes.all())),
            net=issued.net_amount,
            tax=issued.tax_amount,
            gross=issued.total_amount,
            payment=_payment(issued),
            tax_elsewhere=_tax_elsewhere(issued),
            **(_of_credit_note(issued) if isinstance(issued, CreditNote) else _of_invoice(issued)),
        )


def _of_invoice(invoice: Invoice) -> dict:
    """What was taken back of it later stands in credit notes, not here: as if it were still open."""
    corrected = invoice.corrects
    credited = sum((note.settled_amount for note in invoice.credit_notes.all()), Decimal(0))
    never_paid = invoice.state in ("cancelled", "bad_debt") and not credited
    payable = invoice.total_amount if never_paid else invoice.open_amount + credited
    return {
        "code": CORRECTIVE if corrected else INVOICE,
        "preceding": ((corrected.number, corrected.issued_on),) if corrected else (),
        "due_on": invoice.due_on,
        "paid": invoice.total_amount - payable,
        "payable": payable,
        "notes": tuple(filter(None, (invoice.notes,))),
    }


def _of_credit_note(note: CreditNote) -> dict:
    return {
        "code": CREDIT_NOTE,
        "preceding": ((note.invoice.number, note.invoice.issued_on),),
        "terms": _("Credited to your account."),
        "paid": Decimal(0),
        "payable": note.total_amount,
        "notes": (note.reason,),
    }


def category_of(line) -> str:
    """Tax category of a line."""
    return _category(line.tax_category, line.tax_percent)


def _category(stored: str, percent: Decimal) -> str:
    """Rows of before there were categories are all called taxed; without a percent they are not."""
    return stored if stored and stored != "S" else "S" if percent else "Z"


def _tax(line) -> Tax:
    return Tax(category_of(line), Decimal(line.tax_percent))


def is_allowance(line) -> bool:
    """A discount on the document, not something that was sold."""
    kind = line.kind if isinstance(line, InvoiceLine) else line.invoice_line.kind
    return kind == "discount" and line.net_amount < 0


def _line(line) -> Line:
    sign = -1 if line.unit_amount < 0 else 1
    return Line(
        name=line.description,
        quantity=line.quantity * sign,
        unit=_unit(line),
        price=_price(line) * sign,
        net=line.net_amount,
        tax=_tax(line),
        start=line.period_start,
        last=line.last_day or line.period_start,
    )


def _price(line) -> Decimal:
    """The net unit price; of prices that include tax, the part of the line's net, since that is what was charged."""
    fits = abs(line.unit_amount * line.quantity - line.net_amount) <= Decimal("0.01")
    if fits or not line.quantity:
        return line.unit_amount
    return (line.net_amount / line.quantity).quantize(Decimal("1e-8"))


def _unit(line) -> str:
    """One month and one year have units of their own; everything else is counted."""
    if line.quantity == 1 and line.period_start and line.period_end:
        months = whole_months(line.period_start, line.period_end)
        return {1: "MON", 12: "ANN"}.get(months, "C62")
    return "C62"


def _allowance(line) -> Allowance:
    return Allowance(amount=-line.net_amount, reason=line.description, tax=_tax(line))


def tax_groups(lines, taxes) -> list[TaxGroup]:
    """The stored tax, per category and percent. The components of one rate (state and county) are one group; what several rates have in
    common is shared by their nets."""
    bases, reasons, parts = defaultdict(Decimal), {}, defaultdict(set)
    for line in lines:
        tax = _tax(line)
        bases[tax] += line.net_amount
        reasons.setdefault(tax, line.tax_reason or _reason(tax.category))
        parts[tax] |= {Decimal(part["percent"]) for part in components_of(line)}
    amounts = defaultdict(Decimal)
    for row in taxes:
        mine = [tax for tax, known in parts.items() if _belongs(row, tax, known)]
        for tax, part in zip(mine, split(row.tax_amount, [bases[tax] for tax in mine], row.currency), strict=True):
            amounts[tax] += part
    return [TaxGroup(tax, base, amounts[tax], reasons[tax]) for tax, base in bases.items()]


def _belongs(row, tax: Tax, parts: set) -> bool:
    return _category(row.category, row.percent) == tax.category and row.percent in parts


def _reason(category: str) -> str:
    """Why no tax is charged, where nobody wrote it."""
    return {
        "AE": _("Reverse charge"),
        "O": _("Not subject to VAT"),
        "G": _("Export outside the EU"),
        "K": _("Intra-community supply"),
    }.get(category, "")


def _seller(issued, *, outside: bool) -> Party:
    now = {name: str(options.find(f"company.{name}").value) for name in _REACH}
    stored = seller_of(issued)
    stored |= {name: now[name] for name in _REACH if not stored[name]}
    country = stored["country"]
    vat_id = vat_number(stored["tax_id"], country)
    return Party(
        name=stored["legal_name"],
        vat_id="" if outside else vat_id,
        tax_number="" if vat_id else stored["tax_id"],
        register_id=stored["register"] or (stored["tax_id"] if outside else ""),
        address1=stored["address1"],
        city=stored["city"],
        postcode=stored["postcode"],
        country=country,
        endpoint=endpoint(EINVOICE_ADDRESS.value, stored["email"]),
        contact=EINVOICE_CONTACT.value or stored["name"],
        phone=stored["phone"],
        email=stored["email"],
    )


def _buyer(issued, *, outside: bool) -> Party:
    client, stored = issued.client, issued.buyer
    person = " ".join(part for part in (stored.get("first_name"), stored.get("last_name")) if part)
    country = stored.get("country") or ""
    return Party(
        name=stored.get("company") or person or stored.get("name") or "",
        vat_id="" if outside else vat_number(stored.get("tax_id") or "", country),
        identifier=stored.get("number") or "",
        address1=stored.get("address1") or "",
        address2=stored.get("address2") or "",
        city=stored.get("city") or "",
        postcode=stored.get("postcode") or "",
        region=stored.get("state") or "",
        country=country,
        endpoint=endpoint(client.electronic_address, stored.get("email") or client.email),
        contact=person if stored.get("company") else "",
        email=stored.get("email") or "",
    )


def vat_number(text: str, country: str) -> str:
    """A VAT number as the standard wants it, with its country before it; empty when the text is none (a tax number, say)."""
    bare = clean_vat_id(text, country)
    has_country = bool(country) and bare.startswith(prefix_of(country)) and len(bare) > 4
    return bare if is_well_formed(bare) or has_country and not is_expected_in(country) else ""


def endpoint(address: str, email: str) -> Endpoint | None:
    """`scheme:value` as entered, else the mailbox."""
    scheme, colon, value = (address or "").partition(":")
    if colon:
        return Endpoint(scheme, value)
    return Endpoint("EM", email) if email else None


def _payment(issued) -> Payment:
    """By transfer where we have an account (the document's, the company's, that of the bank transfers), else at our site."""
    seller = seller_of(issued)
    reference = getattr(issued, "reference", "") or issued.number or ""
    company = {"iban": options.COMPANY_IBAN.value, "bic": options.COMPANY_BIC.value}
    account = next((found for found in (seller, company, _bank()) if found.get("iban")), None)
    if account is None:
        return Payment("68", reference)
    iban, bic = (re.sub(r"\s", "", account.get(name) or "") for name in ("iban", "bic"))
    is_sepa = issued.currency == "EUR" and iban[:2].isalpha()
    return Payment("58" if is_sepa else "30", reference, iban, bic, account.get("account_holder") or seller["legal_name"])


def _bank() -> dict:
    """The account that clients are told when they pay by transfer; empty where there is none."""
    module = ModuleConfig.objects.filter(kind="gateway", driver="bank_transfer", is_active=True).order_by("pk").first()
    return modules.load(module).values if module else {}


def _tax_elsewhere(issued) -> tuple[str, Decimal] | None:
    """The tax in the currency of the books, at the central bank's last rate up to the day of issue; None in our own currency,
    or where no rate is known: the standard asks for it only where its currency is named."""
    own = COMPANY_CURRENCY.value
    if issued.currency == own or not issued.issued_on:
        return None
    found = together({issued.currency: issued.tax_amount}, own, issued.issued_on)
    return None if found.missing else (own, found.money.amount.quantize(Decimal("0.01"), ROUND_HALF_UP))
