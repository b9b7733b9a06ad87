"""Whatever is written down for a client is written in the client's language, whoever ordered and whoever did it."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import translation

from billing.actions.account import open_account
from billing.actions.credit import grant_credit
from billing.actions.dunning import end_for, suspend_for
from billing.actions.invoice import cancel_invoice
from billing.actions.renewal import raise_renewals
from billing.jobs import raise_renewal_invoices
from billing.models import Charge, Invoice
from billing.queries.quote import quote
from billing.queries.statement import statement_of
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_cart, make_order, make_product, make_tax_rate, pay

pytestmark = pytest.mark.django_db
MONTHLY = {"en": "Monthly", "de": "Monatlich", "bn": "মাসিক"}


@pytest.fixture(params=["de", "bn"])
def reader(request, cast):
    """A client who reads no English."""
    make_tax_rate("19")
    client = cast.charlie_client
    Client.objects.filter(pk=client.pk).update(language=request.param, country="DE")
    client.refresh_from_db()
    return client


def words(invoice) -> str:
    return " ".join(line.description for line in invoice.lines.all())


def in_language(language, text):
    with translation.override(language):
        return translation.gettext(text)


def test_an_order_taken_in_another_language_is_billed_in_the_clients(reader):
    """Staff (or a colleague) work in English; the first invoice is the client's."""
    product = make_product(prices={"monthly": ("10.00", "5.00")})
    with translation.override("en"):
        invoice = make_order(reader, product).invoice
    first, setup = invoice.lines.order_by("sort")
    assert first.description.endswith(MONTHLY[reader.language])
    assert setup.description == in_language(reader.language, "Set-up: %(name)s") % {"name": first.subscription}
    assert {line.tax_name for line in (first, setup)} == {invoice.taxes.get().name} == {in_language(reader.language, "VAT")}
    assert invoice.language == reader.language


def test_the_workers_renewal_speaks_to_the_client_and_stays_as_issued(reader, monkeypatch):
    active_subscription(reader)
    later = clock.now() + timedelta(days=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    with translation.override("en"):
        raise_renewal_invoices(later, Report(JobRun(name="test", slot=later)))
    renewal = Invoice.objects.get(kind="renewal")
    assert words(renewal).endswith(MONTHLY[reader.language]) and renewal.language == reader.language
    Client.objects.filter(pk=reader.pk).update(language="en")
    renewal.refresh_from_db()
    assert words(renewal).endswith(MONTHLY[reader.language]) and renewal.language == reader.language


def test_a_refusal_of_the_renewal_is_told_to_us_not_to_the_client(reader):
    """The message of a job is for staff, in the worker's own language."""
    subscription = active_subscription(reader)
    type(subscription).objects.filter(pk=subscription.pk).update(period_index=7)
    with translation.override("en"), pytest.raises(Exception, match="begins on"):
        raise_renewals(open_account(reader), until=clock.today() + timedelta(days=40), actor=SYSTEM)


def test_reasons_that_the_client_reads(reader):
    served, waiting = make_order(reader, make_product(setup_on="order")).invoice, make_order(reader).invoice
    with translation.override("en"):
        (suspension,) = suspend_for(served, actor=SYSTEM)
        (ended,) = end_for(waiting, actor=SYSTEM)
    unpaid = in_language(reader.language, "Invoice %(number)s is unpaid.")
    assert suspension.reason == unpaid % {"number": served.number}
    assert ended.cancel_reason == in_language(reader.language, "Invoice %(number)s was not paid") % {"number": waiting.number}


def test_the_basket_names_the_tax_in_the_readers_language(cast):
    make_tax_rate("19")
    cart = make_cart(make_product())
    for language in ("de", "en"):
        with translation.override(language):
            assert quote(cart).taxes[0].name == {"de": "MwSt.", "en": "VAT"}[language]


def test_the_statement_is_in_the_readers_language(cast):
    """The ledger is kept in one language; the list made of it is read in any."""
    client = cast.charlie_client
    invoice, other = make_order(client).invoice, make_order(client).invoice
    pay(invoice, Money(D("4"), "EUR"))
    cancel_invoice(invoice, actor=SYSTEM, reason="typed wrong")
    grant_credit(open_account(client), money=Money(D("3"), "EUR"), note="sorry", actor=SYSTEM)
    with translation.override("de"):
        lines = [line.text for line in statement_of(open_account(client)).lines]
    assert lines == [
        f"Rechnung {invoice.number}",
        f"Rechnung {other.number}",
        "Zahlung",
        f"Rechnungskorrektur {invoice.credit_notes.get().number}",
        "Guthaben von uns",
    ]


def test_what_the_bank_said_in_the_readers_language():
    charge = Charge(decline_code="insufficient_funds", message="Your card has insufficient funds.")
    with translation.override("de"):
        assert charge.refusal == "Auf dem Konto dieser Karte ist nicht genug Geld."
        assert Charge(decline_code="rare", message="Said by the gateway.").refusal == "Said by the gateway."
        assert Charge().refusal == ""
