"""Several invoices, one payment: by the real driver against the sandbox, and every way in which it could go wrong."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.charge import note_checkout, request_charge, start_checkout
from billing.actions.invoice import NewLine, cancel_invoice, write_invoice
from billing.gateways.base import ChargeRequest
from billing.models import Charge, Invoice, Payment
from billing.queries.books import verify
from billing.queries.pay_link import invoices_of_token, pay_token
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from tests.billing.factories import pay
from tests.billing.shop import work
from tests.billing.test_charge import post_events
from tests.billing.test_double_charge import eur, taken

pytestmark = pytest.mark.django_db


def open_form(shop, *invoices):
    """What the pay page of several invoices does."""
    first, *others = invoices
    charge = start_checkout(first, shop.gateway, actor=SYSTEM, others=others, consent_text="keep it")
    if charge.client_secret:
        return charge
    customer = shop.driver.ensure_customer(shop.client.email, shop.client.name, shop.client.number)
    start = shop.driver.checkout(ChargeRequest(charge.money, charge.key, customer_id=customer))
    return note_checkout(charge, remote_id=start.remote_id, client_secret=start.client_secret)


def states(*invoices):
    return [Invoice.objects.get(pk=invoice.pk).state for invoice in invoices]


def test_one_charge_of_the_saved_card_pays_all(shop):
    method = shop.save_card("pm_card_visa")
    invoices = [shop.bill("20"), shop.bill("30"), shop.bill("0.10")]
    charge = request_charge(invoices[0], method, others=invoices[1:], actor=SYSTEM)
    assert charge.money == eur("50.10")
    work()
    assert states(*invoices) == ["paid"] * 3
    payment = Payment.objects.get()
    assert [(part.invoice, part.money) for part in payment.allocations.all()] == [
        (invoices[0], eur("20")), (invoices[1], eur("30")), (invoices[2], eur("0.10"))
    ]  # fmt: skip
    assert taken(shop) == 5010 and verify() == []


def test_every_message_of_the_gateway_three_times_pays_once(shop, client):
    first, second = shop.bill("20"), shop.bill("30")
    shop.confirm(open_form(shop, first, second), "pm_card_visa")
    assert set(post_events(shop, client)) == {200}
    work()
    assert states(first, second) == ["paid", "paid"] and Payment.objects.count() == 1
    assert verify() == []


def test_two_tabs_with_the_same_invoices_share_one_attempt(shop):
    first, second = shop.bill("20"), shop.bill("30")
    assert open_form(shop, first, second) == open_form(shop, second, first)


def test_another_tab_with_one_of_them_makes_the_form_of_all_worthless(shop):
    first, second = shop.bill("20"), shop.bill("30")
    both = open_form(shop, first, second)
    one = open_form(shop, second)
    work()
    shop.confirm(both, "pm_card_visa")
    shop.confirm(one, "pm_card_visa")
    work()
    shop.ask(one)
    assert states(first, second) == ["issued", "paid"]
    assert taken(shop) == 3000 and verify() == []


def test_a_charge_under_way_of_one_of_them_stops_the_others(shop):
    method = shop.save_card("pm_card_visa")
    first, second = shop.bill("20"), shop.bill("30")
    request_charge(second, method, actor=SYSTEM)
    for act in (
        lambda: request_charge(first, method, others=[second], actor=SYSTEM),
        lambda: open_form(shop, first, second),
    ):
        with pytest.raises(AppError) as refusal:
            act()
        assert refusal.value.code == "charge_under_way"
    assert Charge.objects.count() == 1


def test_the_database_refuses_a_second_attempt_at_any_of_them(shop):
    first, second = shop.bill("20"), shop.bill("30")
    both = open_form(shop, first, second)
    rival = Charge.objects.create(
        key="rival",
        invoice=second,
        client=shop.client,
        gateway=shop.gateway,
        currency="EUR",
        amount=D(30),
        state="open",
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        rival.parts.create(invoice=second, currency="EUR", amount=D(30))
    Charge.objects.filter(pk=both.pk).update(state="cancelled")
    rival.parts.create(invoice=second, currency="EUR", amount=D(30))


def test_what_a_transfer_paid_meanwhile_is_not_taken_again(shop):
    method = shop.save_card("pm_card_visa")
    first, second = shop.bill("20"), shop.bill("30")
    charge = request_charge(first, method, others=[second], actor=SYSTEM)
    pay(second, eur("5"))
    work()
    charge.refresh_from_db()
    assert charge.state == "cancelled" and taken(shop) == 0
    assert states(first, second) == ["issued", "issued"] and verify() == []


def test_a_form_paid_as_one_of_them_was_withdrawn_leaves_credit(shop):
    first, second = shop.bill("20"), shop.bill("30")
    form = open_form(shop, first, second)
    shop.confirm(form, "pm_card_visa")
    cancel_invoice(second, actor=SYSTEM, reason="wrong")
    work()
    shop.ask(form)
    account = open_account(shop.client)
    assert states(first, second) == ["paid", "cancelled"]
    assert (account.balance_amount, account.credit_amount) == (D(0), D(30)) and verify() == []


def test_earlier_attempts_do_not_make_an_invoice_count_twice(shop):
    bad, first, second = shop.save_card("pm_card_chargeCustomerFail"), shop.bill("20"), shop.bill("30")
    for _time in range(2):
        request_charge(first, bad, others=[second], actor=SYSTEM)
        work()
    good = shop.save_card("pm_card_visa")
    request_charge(first, good, others=[second], actor=SYSTEM)
    work()
    assert states(first, second) == ["paid", "paid"]
    assert Payment.objects.get().credited_amount == 0 and verify() == []


def test_of_two_clients_never_together(shop, cast):
    mine = shop.bill("20")
    foreign = write_invoice(open_account(cast.alice_client), [NewLine("x", D(9))], due_on=clock.today(), actor=SYSTEM)
    with pytest.raises(AppError) as refusal:
        start_checkout(mine, shop.gateway, others=[foreign], actor=SYSTEM)
    assert refusal.value.code == "not_together"
    assert invoices_of_token(pay_token(mine, foreign)) == []
    assert not Charge.objects.exists()


def test_the_pay_page_of_several_shows_the_sum_and_pays_it(shop, client):
    first, second = shop.bill("20"), shop.bill("30")
    url = reverse("store:pay", args=[pay_token(first, second)])
    page = client.get(url)
    assert page.context["total"] == eur("50") and first.number in page.content.decode()
    shop.confirm(Charge.objects.get(), "pm_card_visa")
    client.get(reverse("store:pay_return", args=[pay_token(first, second)]))
    work()
    answer = client.get(reverse("store:pay_state", args=[pay_token(first, second)]))
    assert answer.context["state"] == "paid" and "50.00" in answer.content.decode()


def test_a_good_card_after_a_refused_one_is_never_called_refused(shop, client):
    invoice = shop.bill("20")
    form = open_form(shop, invoice)
    shop.confirm(form, "pm_card_visa_chargeDeclined")
    back, live = (reverse(f"store:{page}", args=[pay_token(invoice)]) for page in ("pay_return", "pay_state"))
    assert client.get(back).context["state"] == "waiting"
    work()
    assert client.get(live).context["state"] == "declined"
    shop.confirm(form, "pm_card_visa")
    clock.move_to(clock.now() + timedelta(seconds=2))
    assert client.get(back).context["state"] == "waiting"
    work()
    assert client.get(live).context["state"] == "paid"


def test_a_form_left_without_paying_is_called_unpaid(shop, client):
    invoice = shop.bill("20")
    open_form(shop, invoice)
    client.get(reverse("store:pay_return", args=[pay_token(invoice)]))
    work()
    assert client.get(reverse("store:pay_state", args=[pay_token(invoice)])).context["state"] == "unpaid"
