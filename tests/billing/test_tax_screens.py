"""Tax in the console, the shop and the client area: rules, a client's status, reports that equal the ledger."""

import csv
import io
import re
from decimal import Decimal as D

import pytest
from django.utils import translation

from billing.actions.invoice import cancel_invoice
from billing.models import Posting, TaxIdCheck, TaxLine, TaxProfile, TaxRate
from billing.options import OSS, VAT_CHECK_DOWN
from billing.queries import tax_report
from billing.queries.tax_report import Period
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.drain import drain
from hostbill.core.options import set_option
from tests.billing.factories import make_order, make_product, make_tax_rate
from tests.billing.test_vat_check import ATELIER, firm, vies  # noqa: F401 - a fixture
from tests.factories import ClientFactory, make_cast
from tests.security.test_input import PERSON
from tests.security.test_races import bank, checkout_form, fill_cart

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """All four people: pages need logins."""
    return make_cast()


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


def text(answer) -> str:
    assert answer.status_code in (200, 422), answer.status_code
    return answer.content.decode()


def year() -> Period:
    today = clock.today()
    return Period(today.replace(month=1, day=1), today.replace(month=12, day=31))


@pytest.fixture
def sold(vies):  # noqa: F811
    """At home, to a firm, to a consumer taxed in France, to somebody abroad, to a mission; one cancelled."""
    set_option(OSS, "always", SYSTEM)
    firms = firm()
    drain(30)
    home = ClientFactory(country="DE")
    make_order(home)
    make_order(firms)
    make_order(firm(tax_id="", company="", phone="+33142685300"))
    make_order(firm(tax_id="", company="", phone=""))
    make_order(ClientFactory(country="US"))
    gone = make_order(home, make_product(prices={"monthly": ("77.00", "0")}))
    cancel_invoice(gone.invoice, actor=SYSTEM, reason="by mistake")


def test_the_report_equals_the_ledger(sold):
    rows = tax_report.by_rate(year(), "EUR")
    assert not any(row.differs for row in rows)
    booked = sum(-row.amount for row in Posting.objects.filter(ledger_account__code__startswith="tax:"))
    assert sum(row.tax for row in rows) == booked == D("1.90") + 2 * D("2.00")
    found = {(row.category, row.country, row.supply): (row.net, row.tax) for row in rows}
    assert found == {
        ("S", "", "domestic"): (D("10"), D("1.90")),
        ("S", "FR", "eu_consumer"): (D("20"), D("4")),
        ("AE", "FR", "eu_business"): (D("10"), D("0")),
        ("O", "US", "outside"): (D("10"), D("0")),
    }
    assert tax_report.other_states(year(), "EUR") == [{"country": "FR", "percent": D("20"), "net": D("20"), "tax": D("4")}]
    firms = tax_report.reverse_charges(year(), "EUR")
    assert [(row["buyer_country"], row["net"]) for row in firms] == [("FR", D("10"))]
    assert len(tax_report.unproved(year())) == 1  # the one without a phone


def test_a_figure_that_no_document_explains_is_shown(sold):
    from billing.actions.ledger import Side, book
    from hostbill.core.money import Money

    with_tax = Money(D(1), "EUR")
    sides = [Side("tax:standard:19", -with_tax), Side("tax:other:1", -with_tax), Side("rounding", with_tax * 2)]
    book("by:hand", "A hand that slipped", sides)
    rows = tax_report.by_rate(year(), "EUR")
    assert {row.name for row in rows if row.differs} == {"VAT", "tax:other:1"}


def test_report_screen_files_and_the_documents_behind(staff, sold):
    html = text(staff.get(f"/staff/tax-report/?year={clock.today().year}"))
    assert "Tax report" in html and "OSS return" in html and "differs" not in html
    rows = list(csv.DictReader(io.StringIO(text(staff.get("/staff/tax-report/?export=rates")).lstrip("\ufeff"))))
    assert sum(D(row["tax"]) for row in rows) == D("5.90")
    assert "FR,20" in text(staff.get("/staff/tax-report/?export=oss")) and "FR" in text(staff.get("/staff/tax-report/?export=ec"))
    documents = text(staff.get("/staff/tax-report/documents/?category=S&country=FR"))
    words = re.sub(r'"[^"]*"', "", documents)  # without attributes, some of which are random
    assert words.count("20 %") == 2 and "77" not in words
    for forged in ("year=9999&part=q9", "year=x&currency=<b>", "part=13", "year=2026&part=q1&currency=EUR"):
        text(staff.get(f"/staff/tax-report/?{forged}"))


def test_rules_are_entered_and_refused_beside_the_field(staff):
    good = {"name": "QST", "percent": "9.975", "tax_class": "standard", "category": "S", "country": "ca", "state": "QC", "step": "2",
            "valid_from": "2026-01-01"}  # fmt: skip
    assert staff.post("/staff/tax-rates/new/", good).status_code == 302
    row = TaxRate.objects.get()
    assert (row.country, row.state, row.step) == ("CA", "QC", 2)
    wrong = [
        ({"percent": "-1"}, "Between 0 and 100"),
        ({"category": "E", "percent": "5"}, "the percent is 0"),
        ({"category": "E", "percent": "0"}, "Say why"),
        ({"country": "", "state": "QC"}, "needs its country"),
        ({"valid_until": "2025-01-01"}, "Not before the first day"),
        ({"step": "1", "compound": "on"}, "no taxes before it"),
        ({"step": "0"}, "Between 1 and 9"),
        ({"state": "x" * 500}, "at most 100"),
        ({"name": "N\x00"}, "Null characters"),
        ({}, "already exists"),
    ]
    for change, words in wrong:
        html = text(staff.post("/staff/tax-rates/new/", {**good, **change}))
        assert words in html, (change, words)
    assert TaxRate.objects.count() == 1


def test_the_rates_of_the_eu_by_one_button(staff):
    make_tax_rate("10", country="AT")
    assert staff.post("/staff/tax-rates/eu/").status_code == 302
    assert TaxRate.objects.count() == 27 and TaxRate.objects.get(country="AT").percent == 10
    staff.post("/staff/tax-rates/eu/")
    assert TaxRate.objects.count() == 27 and "Add the rates of the EU" in text(staff.get("/staff/tax-rates/"))


def test_a_clients_tax_in_the_console(staff, vies):  # noqa: F811
    client = firm()
    drain(30)
    html = text(staff.get(f"/staff/clients/{client.pk}/tax/"))
    assert "Valid" in html and "Reverse charge" in html and TaxIdCheck.objects.get().request_id in html
    assert staff.post(f"/staff/clients/{client.pk}/tax/ask/").status_code == 302
    assert "under way" in text(staff.post(f"/staff/clients/{client.pk}/tax/ask/"))
    drain(30)
    assert TaxIdCheck.objects.count() == 2
    url = f"/staff/clients/{client.pk}/tax/exemption/"
    assert "Say why" in text(staff.post(url, {"is_exempt": "on"}))
    assert staff.post(url, {"is_exempt": "on", "exempt_reason": "Diplomatic mission"}).status_code == 302
    assert TaxProfile.objects.get().exempt_reason == "Diplomatic mission"


def test_checkout_says_what_the_office_says_and_the_sum_follows(client, vies):  # noqa: F811
    fill_cart(client, make_product())
    typed = {"country": "FR", "tax_id": ATELIER}
    html = text(client.post("/checkout/vat/", typed))
    assert "is being checked" in html and "€11.90" in html
    drain(30)
    html = text(client.get("/checkout/sum/", typed))
    assert "is confirmed" in html and "€10.00" in html and "Reverse charge" in html
    answer = client.post("/checkout/", checkout_form(bank(), **{**PERSON, **typed, "expected_total": "10.00"}))
    assert answer.status_code == 302
    assert TaxProfile.objects.get().state == "valid" and TaxIdCheck.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"country": "FR", "tax_id": "FR99999999999"}, "is not valid"),
        ({"country": "FR", "tax_id": "123"}, "begin with FR"),
        ({"country": "AT", "tax_id": ATELIER}, "another country"),
    ],
)
def test_checkout_says_why_a_number_does_not_help(client, vies, typed, words):  # noqa: F811
    fill_cart(client, make_product())
    text(client.post("/checkout/vat/", typed))
    drain(30)
    html = text(client.get("/checkout/sum/", typed))
    assert words in html and "€11.90" in html


def test_checkout_goes_on_when_nobody_answers(client, vies):  # noqa: F811
    vies("MS_UNAVAILABLE")
    fill_cart(client, make_product())
    typed = {"country": "FR", "tax_id": ATELIER}
    client.post("/checkout/vat/", typed)
    drain(5)
    assert "does not answer" in text(client.get("/checkout/sum/", typed))
    set_option(VAT_CHECK_DOWN, "hold", SYSTEM)
    answer = client.post("/checkout/", checkout_form(bank(), **{**PERSON, **typed, "expected_total": "11.90"}))
    assert answer.status_code == 302 and "/pay/" not in answer["Location"]
    assert "the invoice follows by mail" in text(client.get(answer["Location"]))


def test_a_browser_asks_about_a_few_numbers_only(client, vies):  # noqa: F811
    fill_cart(client, make_product())
    for number in range(20):
        client.post("/checkout/vat/", {"country": "FR", "tax_id": f"FR{number:011d}"})
    assert TaxIdCheck.objects.count() == 15


def test_the_client_area_says_it_too(client, cast, vies):  # noqa: F811
    owner = cast.alice_client
    type(owner).objects.filter(pk=owner.pk).update(country="FR", tax_id=ATELIER, company="Atelier")
    client.force_login(cast.alice)
    assert "VAT number" in text(client.get("/account/tax/"))
    from billing.actions.vat_check import note_tax_id

    note_tax_id(type(owner).objects.get(pk=owner.pk), actor=SYSTEM)
    drain(30)
    assert "is confirmed" in text(client.get("/account/tax/"))
    assert client.post("/account/tax/").status_code == 302 and TaxIdCheck.objects.count() == 2


def test_one_tax_in_words_of_several_languages_is_one_row(db):
    """Documents name it in their client's language; the report in its reader's."""
    make_tax_rate()
    for language in ("en", "de"):
        make_order(ClientFactory(country="DE", language=language))
    assert {line.name for line in TaxLine.objects.all()} == {"VAT", "MwSt."}
    [row] = tax_report.by_rate(year(), "EUR")
    assert (row.name, row.documents, row.net, row.tax) == ("VAT", 2, D("20"), D("3.80")) and not row.differs
    with translation.override("de"):
        assert [row.name for row in tax_report.by_rate(year(), "EUR")] == ["MwSt."]
