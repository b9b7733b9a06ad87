"""Billable items: charged once each, by hand or by the renewal run, on the days computed from the first one."""

from datetime import date, timedelta
from decimal import Decimal as D
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from billing.actions.account import open_account
from billing.actions.billable import bill_again, create_billable, drop_billable, invoice_items, update_billable
from billing.actions.invoice import cancel_invoice
from billing.actions.renewal import raise_renewals
from billing.models import BillableCharge, BillableItem, Invoice, InvoiceLine
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from tests.billing.factories import active_subscription, make_tax_rate
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(cast):
    """The client, with tax."""
    make_tax_rate()
    return cast.alice_client


def write(client, action="next_invoice", **fields):
    """1.5 hours at 80."""
    values = {"description": "Restore", "quantity": D("1.5"), "unit_amount": D("80"), "action": action}
    return create_billable(client=client, actor=SYSTEM, **(values | fields))


def run(client, until=None):
    """What the nightly run writes for the client."""
    return raise_renewals(open_account(client), until=until or clock.today() + timedelta(days=14), actor=SYSTEM)


def test_now_is_an_invoice_at_once(alice):
    item = write(alice, "now")
    item.refresh_from_db()
    invoice = Invoice.objects.get()
    assert (item.state, invoice.state, invoice.total_amount) == ("done", "issued", D("142.80"))
    assert "1.5 h" in invoice.lines.get().description
    assert not verify()


def test_the_next_invoice_takes_it_along_once(alice):
    item = write(alice)
    assert run(alice) == []  # nothing else is invoiced, so it waits
    subscription = active_subscription(alice)
    until = subscription.next_due_on
    [invoice] = run(alice, until)
    assert invoice.lines.count() == 2 and invoice.net_amount == D("130")
    item.refresh_from_db()
    assert (item.state, item.charges.get().invoice) == ("done", invoice)
    assert run(alice, until) == []
    assert not verify()


def test_not_yet_waits_for_staff(alice):
    item = write(alice, "not_yet")
    active_subscription(alice)
    run(alice, clock.today() + timedelta(days=40))
    item.refresh_from_db()
    assert (item.state, item.charges.count()) == ("open", 0)


def test_on_a_day_is_due_on_that_day(alice):
    day = clock.today() + timedelta(days=10)
    write(alice, "due_date", first_on=day)
    assert run(alice, day - timedelta(days=1)) == []
    [invoice] = run(alice, day)
    assert invoice.due_on == day
    assert run(alice, day + timedelta(days=400)) == []


@pytest.mark.parametrize(
    ("every", "unit", "days"),
    [(1, "months", [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]),
     (1, "years", [date(2028, 2, 29), date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)]),
     (2, "weeks", [date(2027, 1, 31), date(2027, 2, 14), date(2027, 2, 28)]),
     (10, "days", [date(2027, 1, 31), date(2027, 2, 10)])],
)  # fmt: skip
def test_days_are_computed_from_the_first(every, unit, days):
    item = BillableItem(first_on=days[0], every=every, every_unit=unit)
    assert [item.day_of(index) for index in range(len(days))] == days


def test_again_and_again_as_often_as_said(alice):
    first = clock.today()
    item = write(alice, "recurring", first_on=first, every=10, every_unit="days", times=3)
    assert [invoice.due_on for invoice in run(alice, first + timedelta(days=14))] == [first, first + timedelta(days=10)]
    [third] = run(alice, first + timedelta(days=100))
    item.refresh_from_db()
    assert (third.due_on, item.state, item.times_done, item.next_on) == (first + timedelta(days=20), "done", 3, None)
    assert run(alice, first + timedelta(days=1000)) == []
    assert not verify()


def test_a_runaway_is_caught_up_in_steps(alice):
    first = clock.today() - timedelta(days=40)
    item = write(alice, "recurring", first_on=first, every=1, every_unit="days")
    assert len(run(alice, clock.today())) == 15
    assert len(run(alice, clock.today())) == 15
    assert len(run(alice, clock.today())) == 11
    item.refresh_from_db()
    assert item.next_on == clock.today() + timedelta(days=1)


def test_the_same_day_shares_an_invoice_with_a_renewal(alice):
    subscription = active_subscription(alice)
    day = subscription.next_due_on
    write(alice, "due_date", first_on=day)
    [invoice] = run(alice, day)
    assert sorted(line.kind for line in invoice.lines.all()) == ["manual", "recurring"]


def test_the_nightly_job_finds_clients_without_services(alice, move_clock):
    write(alice, "due_date", first_on=clock.today() + timedelta(days=15))
    move_clock(2)
    assert Invoice.objects.get().lines.get().part.startswith("billable:")


def test_one_charge_stands_on_one_invoice(alice):
    item = write(alice, "now")
    with pytest.raises(IntegrityError), transaction.atomic():
        BillableCharge.objects.create(item=item, index=0, invoice=Invoice.objects.get())


def test_many_are_one_invoice(alice):
    items = [write(alice, "not_yet", description=str(number)) for number in range(3)]
    invoice = invoice_items(items[0].account, items, actor=SYSTEM)
    assert [line.description[0] for line in invoice.lines.all()] == ["0", "1", "2"]
    assert invoice_items(items[0].account, items, actor=SYSTEM) is None


def test_a_cancelled_invoice_lets_it_be_billed_again(alice):
    item = write(alice, "now")
    with pytest.raises(AppError):
        bill_again(item, actor=SYSTEM)
    cancel_invoice(Invoice.objects.get(), actor=SYSTEM, reason="wrong hours")
    item = bill_again(item, actor=SYSTEM)
    assert (item.state, item.action, item.times_done) == ("open", "next_invoice", 0)
    assert invoice_items(item.account, [item], actor=SYSTEM).state == "issued"
    assert not verify()


def test_what_was_charged_keeps_its_calendar(alice):
    item = write(alice, "recurring", first_on=clock.today(), every=1, every_unit="months")
    run(alice)
    item.refresh_from_db()
    assert update_billable(item, actor=SYSTEM, unit_amount=D(90)).unit_amount == D(90)
    with pytest.raises(AppError) as refusal:
        update_billable(item, actor=SYSTEM, first_on=clock.today() + timedelta(days=3))
    assert refusal.value.code == "charged"
    drop_billable(item, actor=SYSTEM)
    assert run(alice, clock.today() + timedelta(days=90)) == []


def test_a_day_is_needed(alice):
    with pytest.raises(AppError) as refusal:
        write(alice, "recurring")
    assert refusal.value.code == "no_day"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_charge_it_once():
    client = ClientFactory(first_name="Charlie", last_name="Brandt")
    item = write(client, "due_date", first_on=clock.today())
    gate, results = Barrier(4), []

    def act(number):
        try:
            gate.wait()
            if number % 2:
                results.append(invoice_items(item.account, [item], actor=SYSTEM))
            else:
                results.append((run(client) or [None])[0])
        finally:
            connection.close()

    threads = [Thread(target=act, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 4 and sum(result is not None for result in results) == 1
    assert InvoiceLine.objects.filter(part__startswith="billable:").count() == 1
    assert not verify()
