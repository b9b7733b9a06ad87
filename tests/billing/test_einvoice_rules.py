"""E-invoices against the official rules: every kind passes, and each mistake is found under its official name."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing.einvoice import PROFILES, checker, write
from billing.einvoice.document import Endpoint, Line, Tax, TaxGroup
from tests.billing.einvoices import BUYER, LINES, SELLER, STANDARD, TRANSFER, sample, untaxed

SYNTAXES = ("ubl", "cii")


def findings(document, key: str) -> list:
    """What the rules say of its file."""
    return checker.check(document, PROFILES[key], write(document, PROFILES[key]))


def rules_broken(document, key: str) -> set[str]:
    """Names only."""
    return {finding.rule for finding in findings(document, key)}


@pytest.mark.parametrize("key", PROFILES)
@pytest.mark.parametrize("code", ["380", "381", "384"])
def test_every_kind_of_document_passes_in_every_format(key, code):
    before = () if code == "380" else (("2026-0000", date(2026, 10, 1)),)
    assert findings(sample(code=code, preceding=before), key) == []


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(
    ("category", "reason", "changes"),
    [
        ("AE", "Reverse charge", {"buyer": replace(BUYER, country="FR", vat_id="FR40303265045")}),
        ("E", "Exempt under section 4", {}),
        ("Z", "", {}),
        ("G", "Export outside the EU", {}),
        (
            "O",
            "Not subject to VAT",
            {"buyer": replace(BUYER, country="US", vat_id=""), "seller": replace(SELLER, vat_id="")},
        ),
    ],
)
def test_documents_without_tax_say_why(category, reason, changes, syntax):
    document = untaxed(category, reason, **changes)
    assert findings(document, syntax) == []
    assert reason.encode() in write(document, PROFILES[syntax])


def test_small_prices_long_texts_and_what_xml_forbids():
    long = Line(
        "ক" * 480 + "\x00\x1f <&> ሰላም مرحبا", Decimal("0.5"), "C62", Decimal("0.00000001"), Decimal("0.00"), STANDARD
    )
    document = sample(lines=(*LINES, long))
    for key in ("ubl", "facturx"):
        assert findings(document, key) == []
        assert "ሰላም مرحبا".encode() in write(document, PROFILES[key])


def test_two_hundred_lines():
    lines = tuple(
        Line(f"Service {n}", Decimal(1), "C62", Decimal("1.00"), Decimal("1.00"), STANDARD) for n in range(200)
    )
    taxes = (TaxGroup(STANDARD, Decimal("200.00"), Decimal("38.00")),)
    amounts = {
        "net": Decimal("200.00"),
        "tax": Decimal("38.00"),
        "gross": Decimal("238.00"),
        "payable": Decimal("228.00"),
    }
    for key in SYNTAXES:
        assert findings(sample(lines=lines, allowances=(), taxes=taxes, **amounts), key) == []


#: (what is wrong, the rules of which at least one must say so)
MISTAKES = [
    ({"number": ""}, {"BR-02"}),
    ({"issued_on": None}, {"BR-03"}),
    ({"code": "999"}, {"BR-CL-01", "BR-04"}),
    ({"currency": "XXQ"}, {"BR-CL-04"}),
    ({"gross": Decimal("52.45")}, {"BR-CO-15"}),
    ({"payable": Decimal("42.45")}, {"BR-CO-16"}),
    ({"tax": Decimal("6.79")}, {"BR-CO-14"}),
    ({"net": Decimal("45.67")}, {"BR-CO-13"}),
    ({"taxes": ()}, {"BR-CO-18"}),
    ({"taxes": (TaxGroup(STANDARD, Decimal("35.66"), Decimal("6.78")),)}, {"BR-Z-01"}),
    ({"lines": LINES[:3]}, {"BR-CO-13", "BR-Z-08"}),
    ({"lines": ()}, {"BR-16"}),
    ({"allowances": ()}, {"BR-CO-13"}),
    ({"tax_elsewhere": ("XXQ", Decimal(1))}, {"BR-CL-05"}),
    ({"seller": replace(SELLER, name="")}, {"BR-06"}),
    ({"seller": replace(SELLER, vat_id="")}, {"BR-S-02"}),
    ({"seller": replace(SELLER, country="")}, {"BR-09"}),
    ({"seller": replace(SELLER, country="ZZ")}, {"BR-CL-14"}),
    ({"buyer": replace(BUYER, name="")}, {"BR-07"}),
    ({"buyer": replace(BUYER, country="")}, {"BR-11"}),
    ({"buyer": replace(BUYER, endpoint=Endpoint("0000", "x"))}, {"BR-CL-25"}),
    ({"lines": (replace(LINES[0], unit="QQQ"), *LINES[1:])}, {"BR-CL-23"}),
    ({"lines": (replace(LINES[0], name=""), *LINES[1:])}, {"BR-25"}),
    ({"lines": (replace(LINES[0], price=Decimal("-26")), *LINES[1:])}, {"BR-27"}),
    ({"lines": (replace(LINES[0], tax=Tax("Q", Decimal(19))), *LINES[1:])}, {"BR-CL-17", "BR-CL-18"}),
    ({"lines": (replace(LINES[0], last=date(2026, 10, 1)), *LINES[1:])}, {"BR-30"}),
    ({"payment": replace(TRANSFER, code="00")}, {"BR-CL-16"}),
    ({"due_on": None}, {"BR-CO-25"}),
]


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(
    ("change", "rules"), MISTAKES, ids=lambda value: next(iter(value)) if isinstance(value, dict) else ""
)
def test_each_mistake_is_found(change, rules, syntax):
    broken = rules_broken(sample(**change), syntax)
    # Factur-X knows code lists and elements that must be there by numbers of its own as well.
    assert broken & rules or (syntax == "cii" and any(name.startswith("FX-") for name in broken)), broken


@pytest.mark.parametrize(
    ("category", "changes", "rule"),
    [
        ("AE", {"buyer": replace(BUYER, vat_id="")}, "BR-AE-02"),
        ("O", {}, "BR-O-02"),
        ("E", {"taxes": (TaxGroup(Tax("E", Decimal(0)), Decimal("100.00"), Decimal(0)),)}, "BR-E-10"),
        ("S", {}, "BR-S-05"),
    ],
)
def test_treatments_that_lack_what_they_need(category, changes, rule):
    document = untaxed(category, "Because")
    assert rule in rules_broken(replace(document, **changes), "ubl")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"buyer_reference": ""}, "BR-DE-15"),
        ({"payment": None}, "BR-DE-1"),
        ({"payment": replace(TRANSFER, iban="DE89370400440532013001")}, "BR-DE-19"),
        ({"payment": replace(TRANSFER, iban="")}, "BR-DE-23-a"),
        ({"seller": replace(SELLER, phone="")}, "BR-DE-6"),
        ({"seller": replace(SELLER, phone="1-2")}, "BR-DE-27"),
        ({"seller": replace(SELLER, email="")}, "BR-DE-7"),
        ({"seller": replace(SELLER, email="billing@nordhost.")}, "BR-DE-28"),
        ({"seller": replace(SELLER, contact="")}, "BR-DE-5"),
        ({"seller": replace(SELLER, city="")}, "BR-DE-3"),
        ({"seller": replace(SELLER, postcode="")}, "BR-DE-4"),
        ({"buyer": replace(BUYER, city="")}, "BR-DE-8"),
        ({"buyer": replace(BUYER, postcode="")}, "BR-DE-9"),
        ({"buyer": replace(BUYER, endpoint=None)}, "PEPPOL-EN16931-R010"),
        ({"code": "384"}, "BR-DE-26"),
    ],
)
def test_xrechnung_wants_more(change, rule):
    document = sample(**change)
    assert rule in rules_broken(document, "xrechnung")
    assert rule in rules_broken(document, "xrechnung_cii")
    assert rule not in rules_broken(document, "ubl")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"buyer_reference": ""}, "PEPPOL-EN16931-R003"),
        ({"seller": replace(SELLER, endpoint=None)}, "PEPPOL-EN16931-R020"),
        ({"buyer": replace(BUYER, endpoint=Endpoint("EM", "a@b.example"))}, "PEPPOL-CODE-EAS"),
        ({"lines": (replace(LINES[0], price=Decimal("27")), *LINES[1:])}, "PEPPOL-EN16931-R120"),
    ],
)
def test_peppol_wants_more(change, rule):
    document = sample(**change)
    assert rule in rules_broken(document, "peppol")
    assert rule not in rules_broken(document, "ubl")


def test_a_third_decimal_cannot_be_said_by_the_standard():
    dinars = untaxed("Z", "", currency="KWD", digits=3)
    assert findings(dinars, "facturx") == [] and findings(dinars, "ubl") == []
    assert "BR-DEC" in rules_broken(replace(dinars, paid=Decimal("0.005")), "facturx")
    assert findings(untaxed("Z", "", currency="JPY", digits=0), "ubl") == []


def test_supplies_within_the_eu_say_where_they_went():
    document = untaxed("K", "Intra-community supply", buyer=replace(BUYER, country="FR", vat_id="FR40303265045"))
    for key in SYNTAXES:
        assert findings(document, key) == []


def test_file_that_no_rule_looks_at_does_not_pass():
    assert [finding.rule for finding in checker.check_xml("ubl", b"<Invoice/>")] == ["ROOT"]
    cii = write(sample(), PROFILES["cii"])
    assert [finding.rule for finding in checker.check_xml("ubl", cii)] == ["ROOT"]


def test_schema_finds_what_the_rules_overlook():
    xml = write(sample(), PROFILES["ubl"]).replace(b"<cbc:DueDate>", b"<cbc:Surprise>1</cbc:Surprise><cbc:DueDate>")
    assert "XSD" in {finding.rule for finding in checker.check_xml("ubl", xml)}


def test_broken_file_is_no_verdict():
    with pytest.raises(checker.CheckerDown):
        checker.check_xml("ubl", b"<Invoice>")
    assert findings(sample(), "ubl") == []


def test_process_of_the_rules_may_die():
    assert findings(sample(), "ubl") == []
    checker._process().kill()
    checker._process().wait()
    assert findings(sample(), "ubl") == []


def test_names_of_the_profiles_are_in_the_files():
    xrechnung, peppol = (write(sample(), PROFILES[key]).decode() for key in ("xrechnung", "peppol"))
    assert "#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0<" in xrechnung
    assert "#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0<" in peppol
    assert "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0<" in peppol
    assert 'schemeID="0204">04011000-12345-34<' in peppol
