"""An invoice as EN 16931 sees it. Names in brackets are the standard's business terms (BT) and groups (BG).

Amounts are Decimals in the document's currency, already rounded as they are printed; nothing is computed here except the sums
that the standard wants beside them, so that the rules can find a document whose parts do not fit.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

INVOICE, CREDIT_NOTE, CORRECTIVE = "380", "381", "384"
#: Categories of which a document says why no tax is charged [BT-120], with the code of the standard's list [BT-121].
REASON_CODES = {"AE": "VATEX-EU-AE", "O": "VATEX-EU-O", "G": "VATEX-EU-G", "K": "VATEX-EU-IC"}
#: Decimals of any amount of an e-invoice; prices of one piece may have more.
MOST_DECIMALS = 2
#: Categories whose documents must say why in words or by a code.
NEED_REASON = frozenset({"AE", "O", "G", "K", "E"})


@dataclass(frozen=True)
class Endpoint:
    """An electronic address [BT-34, BT-49]: the scheme of the EAS list, such as 0204 or EM, and the address."""

    scheme: str
    value: str


@dataclass(frozen=True)
class Party:
    """Seller [BG-4] or buyer [BG-7]."""

    name: str
    vat_id: str = ""
    tax_number: str = ""
    register_id: str = ""
    identifier: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""
    endpoint: Endpoint | None = None
    contact: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Tax:
    """The tax of a line or an allowance: category [BT-151] and percent [BT-152]; outside scope (O) has no percent."""

    category: str
    percent: Decimal

    @property
    def rate(self) -> Decimal | None:
        """What is written."""
        return None if self.category == "O" else self.percent


@dataclass(frozen=True)
class Line:
    """One thing charged [BG-25]. `price` is net and never negative: what is taken back has a negative quantity."""

    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    net: Decimal
    tax: Tax
    start: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Allowance:
    """A discount on the whole document [BG-20]; `amount` is positive."""

    amount: Decimal
    reason: str
    tax: Tax


@dataclass(frozen=True)
class TaxGroup:
    """The tax on all lines and allowances of a category and percent [BG-23]."""

    tax: Tax
    base: Decimal
    amount: Decimal
    reason: str = ""

    @property
    def reason_code(self) -> str:
        """Of the standard's list, where it has one for every such supply."""
        return REASON_CODES.get(self.tax.category, "")


@dataclass(frozen=True)
class Payment:
    """How it may be paid [BG-16]: code of UNTDID 4461 (30 transfer, 58 SEPA transfer, 68 online). `iban` [BT-84] may be an
    account number of a country without IBANs."""

    code: str
    reference: str = ""
    iban: str = ""
    bic: str = ""
    holder: str = ""

    @property
    def has_iban(self) -> bool:
        """Or is it another kind of number?"""
        return self.iban[:2].isalpha()


@dataclass(frozen=True)
class Document:
    """An issued invoice or credit note with everything that an e-invoice says. `digits` are those of the currency; the file
    has two at most. `tax_elsewhere`: (currency of the seller's books [BT-6], the tax in it [BT-111]) where the document is in another."""

    code: str
    number: str
    issued_on: date | None
    currency: str
    digits: int
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    taxes: tuple[TaxGroup, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal
    payable: Decimal
    allowances: tuple[Allowance, ...] = ()
    due_on: date | None = None
    terms: str = ""
    buyer_reference: str = ""
    notes: tuple[str, ...] = ()
    payment: Payment | None = None
    preceding: tuple[tuple[str, date | None], ...] = field(default=())
    tax_elsewhere: tuple[str, Decimal] | None = None

    @property
    def is_credit_note(self) -> bool:
        """A type of its own in UBL."""
        return self.code == CREDIT_NOTE

    @property
    def lines_net(self) -> Decimal:
        """Sum of the lines [BT-106]."""
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def allowed(self) -> Decimal:
        """Sum of the allowances [BT-107]."""
        return sum((row.amount for row in self.allowances), Decimal(0))

    @property
    def start(self) -> date | None:
        """First day served on any line [BT-73]."""
        return min((line.start for line in self.lines if line.start), default=None)

    @property
    def last(self) -> date | None:
        """Last day served on any line [BT-74]."""
        return max((line.last for line in self.lines if line.last), default=None)

    @property
    def delivered_on(self) -> date | None:
        """The last day served, else the day of issue [BT-72]."""
        return self.last or self.issued_on

    @property
    def delivered_to(self) -> str:
        """The country [BT-80]: said of supplies within the EU, where it is the reason of their treatment."""
        return self.buyer.country if any(group.tax.category == "K" for group in self.taxes) else ""

    @property
    def amounts(self) -> list[Decimal]:
        """All of which the standard wants two decimals at most (BR-DEC-*)."""
        rows = [part for group in self.taxes for part in (group.base, group.amount)]
        rows += [line.net for line in self.lines] + [row.amount for row in self.allowances]
        return [*rows, self.net, self.tax, self.gross, self.paid, self.payable]

    def amount(self, value: Decimal) -> str:
        """With the decimals of the currency, as far as the standard has them."""
        return f"{value:.{min(self.digits, MOST_DECIMALS)}f}"
