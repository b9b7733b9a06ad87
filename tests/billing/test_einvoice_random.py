"""Invoices and credit notes of any shape: none is held whose seller has said everything that the standard asks of a seller."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from billing.actions.credit_note import credit_invoice
from billing.actions.invoice import NewLine
from billing.actions.payment import book_bank_payment
from billing.einvoice import PROFILES, checker, write
from billing.models import Account, CreditNote, ExchangeRate, Invoice, TaxProfile
from billing.models.cycle import period
from billing.queries.einvoice import einvoice_of
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.money import Money, exponent
from tests.billing.test_einvoice import account as seller_and_client
from tests.billing.test_einvoice import configure, issued

account = seller_and_client
pytestmark = pytest.mark.django_db
BUYERS = {
    "firm at home": {"company": "Müller & Söhne", "country": "DE", "city": "Berlin", "postcode": "10115", "tax_id": "DE811907980"},
    "person at home": {"first_name": "Ada", "last_name": "Ruß", "country": "DE", "city": "Köln", "postcode": "50667"},
    "person in France": {"first_name": "Zoé", "last_name": "Roux", "country": "FR", "city": "Paris", "postcode": "75001"},
    "firm in France": {"company": "Roux SARL", "country": "FR", "city": "Paris", "postcode": "75001", "tax_id": "FR40303265045"},
    "outside": {"company": "Weaves", "country": "BD", "city": "ঢাকা", "postcode": "1207"},
}
IN_UBL = rb'<cac:TaxTotal>\s*<cbc:TaxAmount currencyID="EUR">17.27</cbc:TaxAmount>\s*</cac:TaxTotal>'
IN_CII = rb'<ram:TaxTotalAmount currencyID="EUR">17.27</ram:TaxTotalAmount>'
amounts = st.decimals("0.01", 2000, places=4)


@st.composite
def lines(draw):
    """Some things sold, perhaps something taken back or a discount; sometimes at prices that include tax."""
    with_tax = draw(st.booleans())
    found = []
    for number in range(draw(st.integers(1, 5))):
        quantity = draw(st.sampled_from(["1", "1", "3", "0.5", "2.25", "12"]))
        values = {"quantity": Decimal(quantity), "tax_class": draw(st.sampled_from(["standard", "standard", "reduced"]))}
        if draw(st.booleans()):
            cycle = draw(st.sampled_from(["monthly", "quarterly", "annual"]))
            values |= {"kind": "recurring", "period": period(date(2027, 10, 31), 31, cycle, number)}
        if with_tax:
            values["gross_amount"] = draw(amounts)
        found.append(NewLine(f"Thing {number} <&> ক", draw(amounts), **values))
    if not with_tax and draw(st.booleans()):
        found.append(NewLine("Unused days", -draw(amounts) / 100, tax_class=found[0].tax_class))
    if not with_tax and draw(st.booleans()):
        found.append(NewLine("Welcome", -draw(amounts) / 100, kind="discount", tax_class=found[0].tax_class))
    return found


def judged(document) -> dict[str, list]:
    """Findings by format."""
    return {key: checker.check(document, profile, write(document, profile)) for key, profile in PROFILES.items()}


def held(found: dict, document) -> list:
    """What holds it although nothing is missing: all but amounts with a third decimal, and Peppol without participants."""
    finer = any(amount != round(amount, 2) for amount in document.amounts)
    excused = {"PEPPOL-CODE-EAS"} | ({"BR-DEC"} if finer else set())
    return [(key, row) for key, rows in found.items() for row in rows if row.rule not in excused]


def client_of(kind: str, currency: str) -> Account:
    number = f"R-{Client.objects.count()}"
    client = Client.objects.create(
        number=number, currency=currency, email="a@b.example", address1="Weg 1", buyer_reference="04011000-12345-34", **BUYERS[kind]
    )
    if kind == "firm in France":
        TaxProfile.objects.create(client=client, tax_id=client.tax_id, state="valid", valid_at=clock.now())
    return Account.objects.create(client=client, currency=currency)


@settings(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    lines=lines(),
    buyer=st.sampled_from(list(BUYERS)),
    currency=st.sampled_from(["EUR", "EUR", "USD", "JPY", "KWD"]),
    paid=st.integers(0, 100),
    back=st.integers(1, 100),
)
def test_none_is_held_that_says_everything(account, lines, buyer, currency, paid, back):
    ExchangeRate.objects.get_or_create(
        source="ecb", base="EUR", currency=currency, on=date(2026, 1, 5), defaults={"rate": Decimal("1.23")}
    )
    try:
        invoice = issued(client_of(buyer, currency), lines)
    except AppError:
        assume(False)
    assume(invoice.total_amount > 0)
    unit = Decimal(1).scaleb(-exponent(currency))
    part = (invoice.total_amount * paid / 100).quantize(unit)
    if part:
        book_bank_payment(
            invoice.account, reference=f"x{invoice.pk}", money=Money(part, currency), received_on=clock.today(), actor=SYSTEM,
            invoice=invoice,
        )  # fmt: skip
    invoice = Invoice.objects.select_related("client").get(pk=invoice.pk)
    document = einvoice_of(invoice)
    assert document.paid == invoice.total_amount - invoice.open_amount
    assert (document.tax_elsewhere is None) == (currency == "EUR")
    assert held(judged(document), document) == []
    taken = max((invoice.total_amount * back / 100).quantize(unit), unit)
    note = credit_invoice(invoice, total=taken, reason="Agreed", actor=SYSTEM)
    document = einvoice_of(CreditNote.objects.select_related("client", "invoice").get(pk=note.pk))
    assert document.preceding == ((invoice.number, invoice.issued_on),)
    assert held(judged(document), document) == []


def test_tax_in_the_currency_of_the_books_at_the_rate_of_the_day(account):
    for on, rate in ((date(2026, 1, 5), "1.25"), (clock.today(), "1.10"), (date(2099, 1, 1), "9")):
        ExchangeRate.objects.create(source="ecb", base="EUR", currency="USD", on=on, rate=Decimal(rate))
    invoice = issued(client_of("firm at home", "USD"), [NewLine("Plan", Decimal(100))])
    document = einvoice_of(invoice)
    assert document.tax_elsewhere == ("EUR", Decimal("17.27"))  # 19.00 / 1.10
    for key, said in (("ubl", IN_UBL), ("cii", IN_CII)):
        xml = write(document, PROFILES[key])
        assert checker.check(document, PROFILES[key], xml) == []
        without, count = re.subn(said, b"", xml)
        assert count == 1 and "BR-53" in {row.rule for row in checker.check_xml(key, without)}
    ExchangeRate.objects.all().delete()
    document = einvoice_of(invoice)
    assert document.tax_elsewhere is None and judged(document)["ubl"] == []


def test_dinars_that_have_two_decimals_are_sent_and_others_held(account):
    whole = einvoice_of(issued(client_of("outside", "KWD"), [NewLine("Plan", Decimal("12.5"))]))
    assert held(judged(whole), whole) == [] and b">12.50<" in write(whole, PROFILES["ubl"])
    fine = einvoice_of(issued(client_of("outside", "KWD"), [NewLine("Plan", Decimal("12.345"))]))
    found = judged(fine)["ubl"]
    assert found[0].rule == "BR-DEC" and "12.345 KWD" in found[0].text


@pytest.mark.parametrize("number", ["DE89370400440532013000", "12345678"])
def test_the_account_of_bank_transfers_is_said_where_the_company_has_none(account, number):
    from hostbill.core import modules
    from hostbill.core.models import ModuleConfig

    configure(iban="", bic="")
    module = ModuleConfig.objects.create(kind="gateway", driver="bank_transfer", label="Bank", is_active=True)
    modules.store_values(module, {"iban": number, "bic": "COBADEFFXXX", "account_holder": "Nordhost Treuhand"})
    document = einvoice_of(issued(account))
    assert (document.payment.iban, document.payment.holder) == (number, "Nordhost Treuhand")
    assert document.payment.code == ("58" if number[0] == "D" else "30")
    assert judged(document)["cii"] == judged(document)["ubl"] == []
    assert (b"<ram:ProprietaryID>12345678<" in write(document, PROFILES["cii"])) == (number == "12345678")
