"""Signs and corrections of tax: the bank of a card, credit notes and the limit, numbers that turn out wrong, UK numbers."""

from decimal import Decimal as D

import pytest

from billing.actions.credit_note import credit_invoice
from billing.actions.vat_check import note_tax_id, recheck
from billing.models import LocationEvidence, TaxIdCheck, TaxProfile
from billing.options import HMRC_CLIENT_ID, HMRC_CLIENT_SECRET, HMRC_URL
from billing.queries.tax_report import Period, other_states
from billing.queries.tax_rules import eu_turnover
from billing.queries.vat_status import form_of
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.drain import drain
from hostbill.core.models import Message
from hostbill.core.options import COMPANY_COUNTRY, COMPANY_TAX_ID, set_option
from tests.billing.factories import make_order
from tests.billing.shop import Shop
from tests.billing.test_vat_check import firm
from tests.billing.test_vat_check import vies as vies_office
from tests.factories import ClientFactory, make_staff

vies = vies_office
pytestmark = pytest.mark.django_db


def test_the_country_of_the_card_s_bank_is_a_sign_of_the_place(sandbox, vies):
    client = firm(tax_id="", company="", country="DE")
    shop, order = Shop(sandbox, client), make_order(client)
    charge = shop.open_form(order.invoice)
    shop.confirm(charge, "pm_card_de")
    shop.ask(charge)
    sign = LocationEvidence.objects.get(order=order, kind="card")
    assert (sign.country, sign.client) == ("DE", client) and sign.detail.startswith("Visa")
    assert client.payment_methods.get().country == "DE"
    shop.ask(charge)
    assert LocationEvidence.objects.filter(order=order, kind="card").count() == 1


def test_what_a_credit_note_takes_back_lowers_the_limit_and_the_return(vies):
    invoice, other = (make_order(firm(tax_id="", company="")).invoice for _ in range(2))
    year, today = clock.today().year, clock.today()
    assert eu_turnover(year)[year] == D("20")
    credit_invoice(invoice, total=D("5.95"), reason="Agreed", actor=SYSTEM)
    assert eu_turnover(year)[year] == D("15")
    credit_invoice(other, reason="Ordered twice", actor=SYSTEM)  # whole: the invoice is cancelled, and does not count at all
    assert eu_turnover(year)[year] == D("5")
    rows = other_states(Period(today, today), "EUR")
    assert rows == [] or {(row["country"], row["net"]) for row in rows} == {("FR", D("5"))}


def test_the_oss_return_is_lower_by_a_credit_note(vies):
    from billing.options import OSS

    set_option(OSS, "always", SYSTEM)
    invoice, today = make_order(firm(tax_id="", company="")).invoice, clock.today()
    before = other_states(Period(today, today), "EUR")
    assert [(row["country"], row["net"], row["tax"]) for row in before] == [("FR", D("10"), D("2"))]
    credit_invoice(invoice, total=D("6"), reason="Agreed", actor=SYSTEM)
    after = other_states(Period(today, today), "EUR")
    assert [(row["country"], row["net"], row["tax"]) for row in after] == [("FR", D("5"), D("1"))]


def told(kind: str) -> list[str]:
    return list(Message.objects.filter(kind=f"billing.vat_number_refused{kind}").values_list("to_email", flat=True))


def test_a_number_refused_after_the_order_is_told_once(vies, sandbox):
    make_staff("owner", email="stella@nordhost.example")
    client = firm(tax_id="FR99999999999", email="zoe@atelier.example")
    make_order(client)
    note_tax_id(client, actor=SYSTEM)
    drain()
    assert TaxProfile.objects.get(client=client).state == "invalid"
    assert told("") and told("_staff") == ["stella@nordhost.example"]
    mail = Message.objects.filter(kind="billing.vat_number_refused").first()
    assert "FR99999999999" in mail.subject and mail.client_id == client.pk
    count = Message.objects.count()
    recheck(client, actor=SYSTEM)
    drain()
    assert TaxIdCheck.objects.filter(client=client).count() == 2 and Message.objects.count() == count


def test_nobody_is_written_to_who_has_not_ordered_or_whose_number_is_right(vies):
    note_tax_id(firm(tax_id="FR99999999999"), actor=SYSTEM)
    good = firm()
    make_order(good)
    note_tax_id(good, actor=SYSTEM)
    drain()
    assert not told("") and not told("_staff")


@pytest.fixture
def british(sandbox, db):
    """A British seller with credentials at HMRC."""
    sandbox.control("hmrc", "reset", {})
    set_option(COMPANY_COUNTRY, "GB", SYSTEM)
    set_option(COMPANY_TAX_ID, "GB 146 295 999", SYSTEM)
    for option, value in ((HMRC_URL, sandbox.hmrc.url), (HMRC_CLIENT_ID, "app"), (HMRC_CLIENT_SECRET, sandbox.hmrc.client_secret)):
        set_option(option, value, SYSTEM)


def test_numbers_of_the_united_kingdom_are_asked_about_at_hmrc(british):
    client = ClientFactory(company="Credite", country="GB", tax_id="GB 553 5578 81")
    note_tax_id(client, actor=SYSTEM)
    drain()
    profile = TaxProfile.objects.get(client=client)
    assert profile.state == "valid" and profile.proof
    assert TaxIdCheck.objects.get(client=client).answer["name"] == "Credite Sberger Donal Inc."
    wrong = ClientFactory(company="Nobody", country="GB", tax_id="999999999")
    note_tax_id(wrong, actor=SYSTEM)
    drain()
    assert TaxProfile.objects.get(client=wrong).state == "invalid"
    assert form_of("GBGD001", "GB") == "malformed" and form_of("FR12345678901", "FR") == "unchecked"


def test_without_credentials_they_are_not_checked(british):
    set_option(HMRC_CLIENT_ID, "", SYSTEM)
    assert form_of("GB553557881", "GB") == "unchecked"
