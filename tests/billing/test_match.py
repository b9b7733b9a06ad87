"""Booking a line of the bank statement: what fits, for one invoice, several, or as credit; never lost, never twice."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.payment import book_bank_payment
from billing.models import Account, Payment
from billing.queries.matching import candidates, whole_accounts
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db
URL = "billing_staff:payment_match"


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def clerk(client, cast):
    """A billing clerk's browser."""
    client.force_login(make_staff("billing-clerk"))
    return client


def bill(client, amount):
    """An open invoice."""
    return write_invoice(open_account(client), [NewLine("Work", D(amount))], due_on=clock.today(), actor=SYSTEM)


def line(amount, reference, **more):
    """A line of the statement."""
    return {"amount": amount, "currency": "EUR", "reference": reference, "received_on": clock.today().isoformat(), **more}


def test_found_by_amount_name_or_number(clerk, cast):
    first, _other = bill(cast.alice_client, "186.40"), bill(cast.charlie_client, "20")
    for reference, amount in (("T HOSSAIN weaves", "5"), ("nothing known", "186.40"), (f"Rg {first.number}", "1")):
        page = clerk.get(reverse(URL), line(amount, reference))
        assert page.context["found"]["invoices"][0].invoice == first, reference
    assert candidates("অ্যালিস", Money(D(1), "EUR"))[0].invoice == first


def test_several_invoices_at_once_and_the_rest_is_credit(clerk, cast):
    rows = [bill(cast.alice_client, "10"), bill(cast.alice_client, "20")]
    answer = clerk.post(reverse(URL), line("35", "weaves", invoice=[row.pk for row in rows]))
    payment = Payment.objects.get()
    assert answer.url == payment.get_absolute_url()
    assert payment.credited_amount == D(5) and payment.allocations.count() == 2
    assert {row.state for row in cast.alice_client.invoices.all()} == {"paid"}


def test_all_open_invoices_of_a_client_are_seen_as_one(clerk, cast):
    rows = [bill(cast.alice_client, "10"), bill(cast.alice_client, "20")]
    bill(cast.charlie_client, "7")
    assert whole_accounts("", Money(D(30), "EUR")) == [rows]
    assert rows[0].number in clerk.get(reverse(URL), line("30", "no words")).content.decode()
    assert whole_accounts("", Money(D(7), "EUR")) == []


def test_as_credit_only(clerk, cast):
    invoice = bill(cast.alice_client, "10")
    clerk.post(reverse(URL), line("3", "advance", credit=cast.alice_client.pk))
    invoice.refresh_from_db()
    assert invoice.open_amount == D(10)
    assert Account.objects.get(client=cast.alice_client).credit_amount == D(3)


def test_nothing_or_two_clients_is_refused(clerk, cast):
    rows = [bill(cast.alice_client, "10"), bill(cast.charlie_client, "20")]
    assert clerk.post(reverse(URL), line("30", "x")).status_code == 422
    assert clerk.post(reverse(URL), line("30", "x", invoice=[row.pk for row in rows])).status_code == 422
    assert clerk.post(reverse(URL), line("30", "x", invoice=[rows[0].pk, 999999])).status_code == 404
    assert not Payment.objects.exists()


def test_sent_twice_is_booked_once(clerk, cast):
    invoice = bill(cast.alice_client, "10")
    answers = [clerk.post(reverse(URL), line("10", "same words", invoice=invoice.pk)) for _twice in range(2)]
    assert answers[0].url == answers[1].url and Payment.objects.count() == 1


def test_the_same_words_next_month_are_another_transfer(cast):
    """A standing order: taken for the first one, its money would vanish."""
    account, today = open_account(cast.alice_client), clock.today()
    details = {"reference": "WEAVES HOSTING", "money": Money(D(10), "EUR"), "actor": SYSTEM}
    book_bank_payment(account, received_on=today - timedelta(days=31), **details)
    with pytest.raises(AppError) as refused:
        book_bank_payment(account, received_on=today, **details)
    assert refused.value.code == "reference_used" and refused.value.field == "reference"


def test_needs_the_right(client, cast):
    invoice = bill(cast.alice_client, "10")
    client.force_login(make_staff("support-agent"))
    assert client.post(reverse(URL), line("10", "mine", invoice=invoice.pk)).status_code == 403
    assert not Payment.objects.exists()


def test_money_kept_as_credit_is_used_for_an_invoice_later(clerk, cast):
    invoice = bill(cast.alice_client, "10")
    clerk.post(reverse(URL), line("4", "advance", credit=cast.alice_client.pk))
    page = clerk.get(invoice.get_absolute_url())
    assert "credit" in page.context["verb"]
    clerk.post(reverse("billing_staff:invoice_credit", args=[invoice.pk]))
    invoice.refresh_from_db()
    assert invoice.open_amount == D(6)
    assert "credit" not in clerk.get(invoice.get_absolute_url()).context["verb"]
