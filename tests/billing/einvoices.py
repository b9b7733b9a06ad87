"""A document with everything in it, for tests of e-invoices: two rates, a discount, something taken back, periods."""

from datetime import date
from decimal import Decimal

from billing.einvoice.document import Allowance, Document, Endpoint, Line, Party, Payment, Tax, TaxGroup

STANDARD, ZERO = Tax("S", Decimal("19.0000")), Tax("Z", Decimal(0))
SELLER = Party(
    name="Nordhost GmbH",
    vat_id="DE123456788",
    register_id="HRB 1234 Flensburg",
    address1="Norderhofenden 12",
    city="Flensburg",
    postcode="24937",
    country="DE",
    endpoint=Endpoint("9930", "DE123456788"),
    contact="Customer service",
    phone="+49 461 123456",
    email="billing@nordhost.example",
)
BUYER = Party(
    name="Stadtwerke & Söhne <Nord> \x0bAG",
    vat_id="DE987654321",
    identifier="C-10000",
    address1="Hafenstraße 1",
    address2="Hinterhaus",
    city="Berlin",
    postcode="10115",
    region="Berlin",
    country="DE",
    endpoint=Endpoint("0204", "04011000-12345-34"),
    email="rechnung@stadtwerke.example",
)
LINES = (
    Line(
        "Grow hosting",
        Decimal(1),
        "MON",
        Decimal("26"),
        Decimal("26.00"),
        STANDARD,
        date(2026, 11, 1),
        date(2026, 11, 30),
    ),
    Line("Traffic, per kilobyte", Decimal("16000"), "C62", Decimal("0.00101"), Decimal("16.16"), STANDARD),
    Line("Unused days of Start hosting", Decimal(-1), "C62", Decimal("4.50"), Decimal("-4.50"), STANDARD),
    Line("Postage stamps", Decimal(1), "C62", Decimal("10"), Decimal("10.00"), ZERO),
)
TRANSFER = Payment("58", "2026-0001", "DE89370400440532013000", "COBADEFFXXX", "Nordhost GmbH")


def sample(**changes) -> Document:
    """The document, with other values where given."""
    values = {
        "code": "380",
        "number": "2026-0001",
        "issued_on": date(2026, 11, 1),
        "due_on": date(2026, 11, 8),
        "currency": "EUR",
        "digits": 2,
        "seller": SELLER,
        "buyer": BUYER,
        "buyer_reference": "04011000-12345-34",
        "lines": LINES,
        "allowances": (Allowance(Decimal("2.00"), "Welcome discount", STANDARD),),
        "taxes": (
            TaxGroup(STANDARD, Decimal("35.66"), Decimal("6.78")),
            TaxGroup(ZERO, Decimal("10.00"), Decimal("0.00")),
        ),
        "net": Decimal("45.66"),
        "tax": Decimal("6.78"),
        "gross": Decimal("52.44"),
        "paid": Decimal("10.00"),
        "payable": Decimal("42.44"),
        "notes": ("Thank you.", "Second note"),
        "payment": TRANSFER,
    }
    return Document(**values | changes)


def untaxed(category: str, reason: str, **changes) -> Document:
    """One line of 100.00 without tax."""
    tax = Tax(category, Decimal(0))
    return sample(
        lines=(Line("Grow hosting", Decimal(1), "C62", Decimal(100), Decimal("100.00"), tax),),
        allowances=(),
        taxes=(TaxGroup(tax, Decimal("100.00"), Decimal("0.00"), reason),),
        net=Decimal("100.00"),
        tax=Decimal("0.00"),
        gross=Decimal("100.00"),
        paid=Decimal(0),
        payable=Decimal("100.00"),
        **changes,
    )
