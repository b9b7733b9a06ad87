"""VAT numbers: their form, the office's answer with its proof, what it changes on invoices, and an office that is silent."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from billing.actions.hold import held_drafts
from billing.actions.vat_check import ask_for_visitor, note_tax_id, recheck, set_exemption
from billing.jobs import issue_held_invoices, recheck_vat_numbers
from billing.models import Invoice, LocationEvidence, TaxIdCheck, TaxProfile, TaxYear
from billing.options import OSS_LIMIT, VAT_CHECK_DOWN, VIES_URL
from billing.queries.books import verify
from billing.queries.quote import quote
from billing.queries.tax_rules import eu_turnover
from billing.queries.vat_id import clean_vat_id, country_of, is_well_formed
from billing.queries.vat_status import form_of
from clients.actions.client import update_client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.drain import drain
from hostbill.core.errors import AppError
from hostbill.core.models import Outgoing
from hostbill.core.options import COMPANY_TAX_ID, set_option
from tests.billing.factories import make_cart, make_order, make_product, make_tax_rate, pay, subscription_of
from tests.factories import ClientFactory

ATELIER = "FR12345678901"


class Report:
    """What a job writes into."""

    def __init__(self):
        self.counts = {}

    def guard(self, _obj):
        return transaction.atomic()

    def count(self, name, by=1):
        self.counts[name] = self.counts.get(name, 0) + by


def run(job) -> dict:
    report = Report()
    job(clock.now(), report)
    return report.counts


@pytest.fixture
def vies(sandbox, db):
    """The office, well; a German seller with a number of its own and rates for Germany and France."""
    sandbox.control("vies", "reset", {})
    set_option(VIES_URL, f"{sandbox.vies.url}/taxation_customs/vies", SYSTEM)
    set_option(COMPANY_TAX_ID, "DE 123 456 789", SYSTEM)
    make_tax_rate("19", country="DE"), make_tax_rate("20", country="FR")
    yield lambda kind, times=None: sandbox.control("vies", "faults", {"match": "check", "kind": kind, "times": times})
    sandbox.control("vies", "reset", {})


def firm(**fields):
    """A French firm."""
    return ClientFactory(**{"company": "Atelier Lumière", "country": "FR", "tax_id": "FR 12 345678901", **fields})


@pytest.mark.parametrize(
    ("raw", "country", "clean", "good"),
    [
        ("FR 12 345678901", "FR", ATELIER, True),
        ("12345678901", "FR", ATELIER, True),
        ("12345678901", "MC", ATELIER, True),
        ("de123.456.789", "DE", "DE123456789", True),
        ("ATU12345678", "AT", "ATU12345678", True),
        ("U12345678", "AT", "ATU12345678", True),
        ("GR123456789", "GR", "EL123456789", True),
        ("NL123456789B01", "NL", "NL123456789B01", True),
        ("IE1234567T", "IE", "IE1234567T", True),
        ("CHE-123.456.789", "CH", "CHE123456789", False),
        ("DE12345678", "DE", "DE12345678", False),
        ("FR1234567890\u0000", "FR", "FR1234567890\u0000", False),
        ("", "FR", "", False),
        ("９" * 9, "DE", "９" * 9, False),
        ("A" * 500, "DE", "A" * 500, False),
    ],
)
def test_the_form_of_numbers(raw, country, clean, good):
    assert (clean_vat_id(raw, country), is_well_formed(clean_vat_id(raw, country))) == (clean, good)


def test_the_country_of_a_number():
    assert [country_of(number) for number in ("EL123456789", "XI123456789", "FR1", "US1", "")] == ["GR", "GB", "FR", "", ""]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tax_id", "country", "state"),
    [(ATELIER, "FR", "waiting"), (ATELIER, "AT", "foreign"), ("12", "FR", "malformed"), ("", "FR", ""), ("12-3456789", "US", "unchecked")],
)
def test_what_can_be_said_without_asking(tax_id, country, state):
    assert form_of(tax_id, country) == state


def test_a_new_number_is_asked_about_and_a_yes_is_a_reverse_charge_with_proof(vies):
    client = firm()
    drain(30)
    check, profile = TaxIdCheck.objects.get(), TaxProfile.objects.get()
    assert (check.state, check.tax_id, check.requester) == ("valid", ATELIER, "DE123456789")
    assert (profile.state, profile.proof) == ("valid", check.request_id) and check.answer["name"].startswith("SARL")
    invoice = make_order(client).invoice
    line, group = invoice.lines.get(), invoice.taxes.get()
    assert (invoice.total_amount, invoice.tax_supply, invoice.tax_country) == (D("10"), "eu_business", "FR")
    assert (line.tax_category, line.tax_reason, group.category) == ("AE", "Reverse charge", "AE")
    assert invoice.tax_proof["request_id"] == check.request_id and invoice.tax_proof["tax_id"] == ATELIER
    assert verify() == []
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxIdCheck.objects.update(request_id="another")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.update(tax_proof={})


def test_a_no_charges_tax_and_a_corrected_number_is_asked_about_anew(vies):
    client = firm(tax_id="FR99999999999")
    drain(30)
    assert TaxProfile.objects.get().state == "invalid"
    assert make_order(client).invoice.total_amount == D("11.90")
    update_client(client, actor=SYSTEM, tax_id=ATELIER)
    drain(30)
    assert TaxProfile.objects.get().state == "valid" and TaxIdCheck.objects.count() == 2


def test_a_confirmed_number_does_not_move_with_the_address(vies):
    client = firm()
    drain(30)
    update_client(client, actor=SYSTEM, country="AT")
    client.refresh_from_db()
    assert quote(make_cart(make_product()), client=client).total.amount == D("11.90")  # before the handler has looked
    drain(30)
    assert TaxProfile.objects.get().state == "foreign"


def test_a_silent_office_never_stops_a_checkout(vies):
    vies("MS_UNAVAILABLE")
    client = firm()
    drain(5)
    order = make_order(client)
    assert (order.invoice.state, order.invoice.total_amount) == ("issued", D("11.90"))
    check = TaxIdCheck.objects.get()
    assert check.state == "waiting" and check.error


def test_an_invoice_may_wait_for_the_answer(vies):
    set_option(VAT_CHECK_DOWN, "hold", SYSTEM)
    vies("MS_UNAVAILABLE", times=1)
    client = firm()
    order = make_order(client)
    assert (order.invoice.state, order.invoice.number) == ("draft", None) and held_drafts().count() == 1
    drain(5)
    Outgoing.objects.update(next_try_at=clock.now())
    drain(30)
    order.invoice.refresh_from_db()
    assert (order.invoice.state, order.invoice.total_amount, order.invoice.tax_supply) == ("issued", D("10"), "eu_business")
    assert not held_drafts() and verify() == []


def test_waiting_ends_after_some_days_with_tax(vies):
    set_option(VAT_CHECK_DOWN, "hold", SYSTEM)
    vies("MS_UNAVAILABLE")
    invoice = make_order(firm()).invoice
    assert run(issue_held_invoices) == {"waits": 1}
    Invoice.objects.filter(pk=invoice.pk).update(held_at=clock.now() - timedelta(days=4), due_on=clock.today() - timedelta(days=1))
    assert run(issue_held_invoices) == {"released": 1}
    invoice.refresh_from_db()
    assert (invoice.state, invoice.total_amount, invoice.due_on) == ("issued", D("11.90"), clock.today())


def test_consumers_and_neighbours_never_wait(vies):
    set_option(VAT_CHECK_DOWN, "hold", SYSTEM)
    vies("MS_UNAVAILABLE")
    for fields in ({"tax_id": "", "company": ""}, {"country": "DE", "tax_id": "DE123456789"}, {"tax_id": "12"}):
        assert make_order(firm(**fields)).invoice.state == "issued"


def test_numbers_are_asked_about_again_before_a_renewal(vies, sandbox):
    client = firm()
    drain(30)
    subscription = subscription_of(make_order(client))
    pay(Invoice.objects.get())
    subscription.refresh_from_db()
    type(subscription).objects.update(next_due_on=clock.today() + timedelta(days=3))
    assert run(recheck_vat_numbers) == {}
    TaxProfile.objects.update(checked_at=clock.now() - timedelta(days=31))
    sandbox.control("vies", "traders", {"vat": ATELIER, "valid": False})
    assert run(recheck_vat_numbers) == {"asked": 1}
    drain(30)
    assert TaxProfile.objects.get().state == "invalid"
    assert quote(make_cart(make_product()), client=type(client).objects.get()).total.amount == D("11.90")


def test_an_old_yes_stands_while_nobody_answers_but_not_for_ever(vies):
    client = firm()
    drain(30)
    vies("MS_UNAVAILABLE")
    recheck(client, actor=SYSTEM)
    drain(5)

    def total():
        return quote(make_cart(make_product()), client=type(client).objects.get(pk=client.pk)).total.amount

    assert total() == D("10")
    TaxProfile.objects.update(valid_at=clock.now() - timedelta(days=121))
    assert total() == D("11.90")
    with pytest.raises(AppError, match="under way"):
        recheck(client, actor=SYSTEM)


def test_what_a_visitor_was_answered_counts_for_the_order(vies):
    assert ask_for_visitor("12", "FR") is None
    check = ask_for_visitor("12345678901", "FR")
    assert ask_for_visitor(ATELIER, "FR") == check
    drain(30)
    client = firm()
    note_tax_id(client, actor=SYSTEM)
    assert TaxProfile.objects.get().state == "valid" and TaxIdCheck.objects.count() == 1
    assert make_order(client).invoice.tax_supply == "eu_business"


def test_clients_charged_no_tax(vies):
    client = firm(country="DE", tax_id="")
    with pytest.raises(AppError, match="Say why"):
        set_exemption(client, actor=SYSTEM, is_exempt=True, exempt_reason=" ")
    yesterday = clock.today() - timedelta(days=1)
    set_exemption(client, actor=SYSTEM, is_exempt=True, exempt_reason="Diplomatic mission")
    invoice = make_order(type(client).objects.get()).invoice
    assert (invoice.total_amount, invoice.taxes.get().category, invoice.taxes.get().reason) == (D("10"), "E", "Diplomatic mission")
    set_exemption(client, actor=SYSTEM, is_exempt=True, exempt_reason="Diplomatic mission", exempt_until=yesterday)
    assert make_order(type(client).objects.get()).invoice.total_amount == D("11.90")


def test_the_invoice_that_passes_the_limit_is_taxed_where_the_consumer_lives(vies):
    """T35, with real documents; and the year after still is."""
    set_option(OSS_LIMIT, "25", SYSTEM)
    people = [firm(tax_id="", company="") for _ in range(4)]
    invoices = [make_order(client).invoice for client in people]
    assert [invoice.total_amount for invoice in invoices] == [D("11.90"), D("11.90"), D("12"), D("12")]
    assert [invoice.tax_country for invoice in invoices] == ["DE", "DE", "FR", "FR"]
    assert TaxYear.objects.get().year == clock.today().year and eu_turnover(clock.today().year)[clock.today().year] == D("40")
    codes = set(invoices[3].entries.get().postings.values_list("ledger_account__code", flat=True))
    assert "tax:standard:20:FR" in codes and verify() == []


def test_where_a_consumer_lives_is_kept_with_the_order(vies):
    client = firm(tax_id="", company="", phone="+33142685300", city="Paris")
    order = make_order(client)
    found = dict(LocationEvidence.objects.filter(order=order).values_list("kind", "country"))
    assert found == {"address": "FR", "phone": "FR"}
