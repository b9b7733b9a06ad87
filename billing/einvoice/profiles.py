"""The kinds of e-invoices: how each calls itself, and what it wants beyond EN 16931.

The official rules of EN 16931 are run by `checker`. XRechnung and Peppol add demands whose files may not be passed on, so those that
an invoice of ours can meet or miss are asked here, under their official names.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .document import CORRECTIVE, MOST_DECIMALS, NEED_REASON, Document

BILLING_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
EN16931 = "urn:cen.eu:en16931:2017"
#: An amount that cannot be written: what the file says instead is not worth judging.
TOO_FINE = "BR-DEC"


@dataclass(frozen=True)
class Finding:
    """A rule that the document breaks: its official name, and what it says."""

    rule: str
    text: str
    place: str = ""


@dataclass(frozen=True)
class Profile:
    """`syntax` is ubl or cii; `specification` [BT-24] and `process` [BT-23] name it in the file; `rules` are the further demands."""

    key: str
    syntax: str
    specification: str = EN16931
    process: str = ""
    in_pdf: bool = False
    rules: tuple[Callable[[Document], Iterator[Finding]], ...] = ()

    def missing(self, document: Document) -> list[Finding]:
        """What this kind wants and the document lacks."""
        return [finding for rule in (basics, *self.rules) for finding in rule(document)]


def basics(doc: Document) -> Iterator[Finding]:
    """What the standard says in words, but its rules leave out."""
    finer = [amount for amount in doc.amounts if amount != round(amount, MOST_DECIMALS)]
    if finer:
        amount = f"{finer[0]:.{doc.digits}f} {doc.currency}"
        yield Finding(TOO_FINE, f"{amount}: an amount of an e-invoice has two decimals at most, in every currency.")
    if not doc.is_credit_note and doc.payable > 0 and not (doc.due_on or doc.terms):
        yield Finding("BR-CO-25", "A due date or terms of payment are needed while something is to be paid.")
    for group in doc.taxes:
        if group.tax.category in NEED_REASON and not (group.reason or group.reason_code):
            yield Finding(f"BR-{group.tax.category}-10", "The reason why no tax is charged is needed.")


def _wanted(*pairs: tuple[str, object, str]) -> Iterator[Finding]:
    for rule, value, words in pairs:
        if not value:
            yield Finding(rule, f"{words} is needed.")


def xrechnung(doc: Document) -> Iterator[Finding]:
    """The national rules of Germany."""
    yield from german_seller(doc)
    yield from _wanted(
        ("BR-DE-8", doc.buyer.city, "The town of the client"),
        ("BR-DE-9", doc.buyer.postcode, "The postcode of the client"),
        ("BR-DE-15", doc.buyer_reference, "The buyer reference (Leitweg-ID) of the client"),
        ("PEPPOL-EN16931-R010", doc.buyer.endpoint, "The electronic address of the client"),
        ("PEPPOL-EN16931-R020", doc.seller.endpoint, "Our electronic address"),
    )
    if doc.code == CORRECTIVE and not doc.preceding:
        yield Finding("BR-DE-26", "A corrected invoice names the one it corrects.")


def german_seller(doc: Document) -> Iterator[Finding]:
    """What every e-invoice of a German seller must say."""
    seller, payment = doc.seller, doc.payment
    yield from _wanted(
        ("BR-DE-1", payment, "A way to pay"),
        ("BR-DE-3", seller.city, "Our town"),
        ("BR-DE-4", seller.postcode, "Our postcode"),
        ("BR-DE-5", seller.contact, "Our contact"),
        ("BR-DE-6", seller.phone, "Our phone number"),
        ("BR-DE-7", seller.email, "Our e-mail address"),
    )
    taxed = any(group.tax.category != "O" for group in doc.taxes)
    if taxed and not (seller.vat_id or seller.tax_number):
        yield Finding("BR-DE-16", "Our VAT or tax number is needed.")
    if seller.phone and len(re.findall(r"\d", seller.phone)) < 3:
        yield Finding("BR-DE-27", "Our phone number has fewer than three digits.")
    if seller.email and not re.fullmatch(r"[^@\s.][^@\s]*[^@\s.]@[^@\s.][^@\s]*[^@\s.]|[^@\s.]@[^@\s.][^@\s]*[^@\s.]", seller.email):
        yield Finding("BR-DE-28", "Our e-mail address is not right.")
    if payment and payment.code in ("30", "58") and not payment.iban:
        yield Finding("BR-DE-23-a", "The account to pay to is needed.")
    if payment and payment.code == "58" and not iban_is_right(payment.iban):
        yield Finding("BR-DE-19", "Our IBAN is not right.")


def peppol(doc: Document) -> Iterator[Finding]:
    """Rules of the Peppol network."""
    yield from _wanted(
        ("PEPPOL-EN16931-R003", doc.buyer_reference, "The buyer reference of the client"),
        ("PEPPOL-EN16931-R010", doc.buyer.endpoint, "The electronic address of the client"),
        ("PEPPOL-EN16931-R020", doc.seller.endpoint, "Our electronic address"),
    )
    yield from _routable(doc)
    yield from _line_sums(doc)
    if doc.seller.country == "DE":
        yield from german_seller(doc)


def _routable(doc: Document) -> Iterator[Finding]:
    """The network delivers to participants, not to mailboxes."""
    for party, whose in ((doc.buyer, "of the client"), (doc.seller, "of ours")):
        if party.endpoint and party.endpoint.scheme == "EM":
            yield Finding(
                "PEPPOL-CODE-EAS", f"The electronic address {whose} is an e-mail address; Peppol needs a participant's."
            )


def _line_sums(doc: Document) -> Iterator[Finding]:
    for index, line in enumerate(doc.lines, 1):
        if abs(line.quantity * line.price - line.net) > Decimal("0.02"):
            yield Finding("PEPPOL-EN16931-R120", f"Line {index}: quantity times price is not its amount.")


def iban_is_right(iban: str) -> bool:
    """Its check digits fit (ISO 13616)."""
    bare = re.sub(r"\s", "", iban).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare):
        return False
    return int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1


_XRECHNUNG = f"{EN16931}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
_PEPPOL = f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILES = {
    profile.key: profile
    for profile in (
        Profile("facturx", "cii", process=BILLING_PROCESS, in_pdf=True),
        Profile("xrechnung", "ubl", _XRECHNUNG, BILLING_PROCESS, rules=(xrechnung,)),
        Profile("xrechnung_cii", "cii", _XRECHNUNG, BILLING_PROCESS, rules=(xrechnung,)),
        Profile("peppol", "ubl", _PEPPOL, BILLING_PROCESS, rules=(peppol,)),
        Profile("ubl", "ubl"),
        Profile("cii", "cii"),
    )
}
