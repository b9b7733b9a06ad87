"""An unpaid pro-forma invoice cannot be credited: what is given back of it is left out of another that takes its place."""

from decimal import Decimal as D

import pytest

from billing.actions.account import open_account
from billing.actions.billable import bill_again, create_billable
from billing.actions.cancellation import cancel_subscription, end_subscription
from billing.actions.change import request_change
from billing.actions.pause import pause_subscription, resume_paused
from billing.actions.renewal import raise_renewals
from billing.actions.suspension import suspend_subscription
from billing.models import BillableCharge, CreditNote, Invoice, Price, PriceList
from billing.options import PROFORMA
from billing.queries.books import verify
from billing.queries.wish import Wish
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Rule, RuleRun
from hostbill.core.money import Money
from hostbill.core.options import set_option
from hostbill.core.rules import candidates, seed_defaults
from tests.billing.factories import active_subscription, make_product, make_tax_rate, pay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def proforma(db):
    set_option(PROFORMA, True, SYSTEM)
    return make_tax_rate("10")


def eur(text):
    return Money(D(text), "EUR")


def plan(name, price, **fields):
    return make_product(name=name, prices={"monthly": (price, "0")}, **fields)


@pytest.fixture
def renewed(cast, today):
    """Two services for 31.00 each, whose May is asked for on one pro-forma that nobody paid; 22 of 31 days are left."""
    today("2027-04-01")
    big = plan("Big", "31.00")
    services = [active_subscription(cast.charlie_client, big) for _number in range(2)]
    today("2027-05-01")
    (invoice,) = raise_renewals(open_account(cast.charlie_client), until=services[0].next_due_on, actor=SYSTEM)
    today("2027-05-10")
    return services[0], services[1], invoice


def standing():
    """The one unpaid invoice, and {its service: net}."""
    (invoice,) = Invoice.objects.unpaid()
    return invoice, {line.subscription: line.net_amount for line in invoice.lines.all()}


def test_a_downgrade_now_leaves_the_dearer_rest_out(renewed, drain):
    service, other, old = renewed
    small = plan("Small", "15.50")
    change = request_change(service, Wish(small.pk), when="now", actor=SYSTEM, for_staff=True)
    drain()
    service.refresh_from_db()
    old.refresh_from_db()
    assert (change.state, service.product, old.state) == ("done", small, "cancelled") and not CreditNote.objects.exists()
    nets = [(line.subscription, line.net_amount) for invoice in Invoice.objects.unpaid().order_by("pk") for line in invoice.lines.all()]
    assert sorted(nets, key=str) == sorted([(service, D(9)), (other, D(31)), (service, D(11))], key=str)
    assert Invoice.objects.unpaid().earliest("pk").due_on == old.due_on and verify() == []


@pytest.mark.parametrize("paid", ["", "20"])
def test_a_pause_with_credit_leaves_the_days_out(renewed, paid, drain, today):
    service, other, old = renewed
    if paid:
        pay(old, eur(paid))
    pause_subscription(service, actor=SYSTEM, credit="prorated")
    drain()
    invoice, nets = standing()
    assert nets == {service: D(9), other: D(31)} and invoice.is_proforma
    assert invoice.total_amount == D(44) and invoice.open_amount == D(44) - D(paid or 0) and verify() == []
    assert invoice.lines.get(subscription=service).description.endswith("9 of 31 days")
    today("2027-06-04")
    resume_paused(service, actor=SYSTEM)
    service.refresh_from_db()
    assert str(service.next_due_on) == "2027-07-04" and verify() == []


def test_what_had_been_paid_may_be_all_of_it(renewed, drain):
    service, other, old = renewed
    pay(old, eur("60"))
    end_subscription(service, actor=SYSTEM, reason="x", credit="prorated")
    drain()
    invoice = Invoice.objects.get(lines__subscription=other, state="paid", kind="renewal")
    assert not invoice.is_proforma and invoice.proforma_number and invoice.total_amount == D(44)
    assert open_account(other.client).credit.amount == D(16) and verify() == []


def test_suspended_services_stay_it_while_the_rest_is_overdue(renewed, drain):
    service, other, old = renewed
    suspend_subscription(other, kind="nonpayment", reason="late", actor=SYSTEM, invoice=old)
    pause_subscription(service, actor=SYSTEM, credit="prorated")
    drain()
    other.refresh_from_db()
    assert other.state == "suspended"
    pay(standing()[0])
    other.refresh_from_db()
    assert other.state == "active" and verify() == []


def test_what_rules_did_is_not_done_again(renewed):
    """A late fee is once for a debt, whatever document asks for it."""
    service, _other, old = renewed
    seed_defaults()
    rule = Rule.objects.get(code="billing.remind_after_1")
    run = RuleRun.objects.create(rule=rule, object_id=old.pk, anchor_on=old.due_on, outcome="mailed")
    pause_subscription(service, actor=SYSTEM, credit="prorated")
    run.refresh_from_db()
    assert run.object_id == standing()[0].pk and list(candidates(rule)) == []


def test_time_that_was_given_back_of_it_follows(renewed, drain):
    """The other service has an upgrade that waits for money: its rest of May is given back already."""
    service, other, old = renewed
    large = plan("Large", "62.00")
    change = request_change(other, Wish(large.pk), when="now", actor=SYSTEM, for_staff=True)
    cancel_subscription(service, when="now", reason="x", actor=SYSTEM, credit="prorated")
    drain()
    for invoice in Invoice.objects.unpaid().order_by("pk"):
        pay(invoice)
    drain()
    change.refresh_from_db()
    other.refresh_from_db()
    assert (change.state, other.product) == ("done", large) and verify() == []
    net = sum(line.net_amount for line in other.invoice_lines.filter(invoice__state="paid", period_start__gte=old.due_on))
    assert net == D(9) + D(44)  # 9 days of Big, 22 days of Large


def test_work_on_it_is_charged_once(cast, today):
    today("2027-05-01")
    service = active_subscription(cast.charlie_client, plan("Big", "31.00"))
    item = create_billable(client=service.client, actor=SYSTEM, description="work", quantity=D(1), unit_amount=D(5), action="next_invoice")
    (old,) = raise_renewals(open_account(service.client), until=service.next_due_on, actor=SYSTEM)
    today("2027-06-02")
    end_subscription(service, actor=SYSTEM, reason="x", credit="prorated")
    invoice, _nets = standing()
    assert BillableCharge.objects.get(item=item).invoice == invoice
    with pytest.raises(AppError) as refusal:
        bill_again(item, actor=SYSTEM)
    assert refusal.value.code == "nothing" and invoice.net_amount == D("6.03") and verify() == []


def test_prices_with_tax_inside_stay_whole(cast, today):
    today("2027-04-01")
    product = plan("Big", "31.00")
    shelf = PriceList.objects.create(name="Consumers", currency="EUR", includes_tax=True)
    Price.objects.create(product=product, price_list=shelf, currency="EUR", cycle="monthly", amount=D("31.00"))
    service = active_subscription(cast.charlie_client, product)
    today("2027-05-01")
    raise_renewals(service.account, until=service.next_due_on, actor=SYSTEM)
    today("2027-05-10")
    end_subscription(service, actor=SYSTEM, reason="x", credit="prorated")
    invoice, _nets = standing()
    assert invoice.total_amount == D("9.00") and verify() == []
