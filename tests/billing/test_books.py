"""Every table of the books damaged past the database's guards: the verification finds each damage."""

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from billing.actions.account import open_account
from billing.actions.credit import grant_credit
from billing.actions.dispute import settle_dispute
from billing.actions.invoice import cancel_invoice
from billing.actions.payment import record_payment
from billing.actions.refund import refund_payment
from billing.actions.renewal import raise_renewals
from billing.gateways.base import DisputeResult
from billing.models import Payment
from billing.queries.books import verify
from hostbill.core.access import SYSTEM
from hostbill.core.models import ModuleConfig
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_order, make_tax_rate

pytestmark = pytest.mark.django_db

POSTINGS = (
    "UPDATE billing_posting SET ledger_account_id = (SELECT id FROM billing_ledgeraccount WHERE code = 'goodwill') "
)
FEES = POSTINGS.replace("goodwill", "fees")
OF = "WHERE ledger_account_id IN (SELECT id FROM billing_ledgeraccount WHERE code LIKE '{}:%')"
ENTRY = "WHERE entry_id = (SELECT min(id) FROM billing_journalentry WHERE key LIKE '{}:%')"
DAMAGE = [
    "UPDATE billing_invoice SET total_amount = total_amount + 1, net_amount = net_amount + 1",
    "UPDATE billing_invoice SET currency = 'USD'",
    "UPDATE billing_invoice SET open_amount = 1, state = 'issued'",
    "DELETE FROM billing_invoicetax",
    "UPDATE billing_invoicetax SET tax_amount = tax_amount + 1",
    "UPDATE billing_invoicetax SET net_amount = net_amount + 1",
    "UPDATE billing_invoicetax SET percent = 7",
    "UPDATE billing_invoiceline SET net_amount = net_amount + 1",
    "UPDATE billing_invoiceline SET quantity = 3",
    "UPDATE billing_invoiceline SET unit_amount = 3",
    "UPDATE billing_invoiceline SET tax_percent = 3",
    "UPDATE billing_invoiceline SET currency = 'USD'",
    "UPDATE billing_invoiceline SET period_end = period_end + 3",
    "UPDATE billing_invoiceline SET released = true",
    "UPDATE billing_posting SET currency = 'USD'",
    "UPDATE billing_posting SET amount = amount * 2",
    "UPDATE billing_posting SET account_id = NULL",
    POSTINGS + OF.format("deferred"),
    POSTINGS + OF.format("tax"),
    POSTINGS + OF.format("cash"),
    "DELETE FROM billing_posting " + ENTRY.format("payment"),
    "DELETE FROM billing_posting " + ENTRY.format("refund"),
    "DELETE FROM billing_posting " + ENTRY.format("dispute"),
    "UPDATE billing_payment SET amount = amount + 1",
    "UPDATE billing_payment SET amount = amount + 1, credited_amount = credited_amount + 1",
    "UPDATE billing_payment SET refunded_amount = 0",
    "UPDATE billing_payment SET fee_amount = 1",
    "UPDATE billing_payment SET currency = 'USD'",
    "UPDATE billing_paymentallocation SET amount = amount - 1",
    "UPDATE billing_refund SET amount = amount + 1",
    "UPDATE billing_refund SET state = 'queued', succeeded_at = NULL",
    "UPDATE billing_creditmovement SET amount = amount + 1",
    "DELETE FROM billing_creditmovement",
    "UPDATE billing_account SET balance_amount = 99",
    "UPDATE billing_account SET currency = 'USD'",
    "UPDATE billing_subscription SET next_due_on = next_due_on + 40",
    "UPDATE billing_subscription SET next_due_on = NULL",
    "UPDATE billing_subscription SET state = 'suspended'",
    "UPDATE core_sequence SET last = last + 1 WHERE name LIKE 'invoice%'",
    "UPDATE billing_dispute SET is_taken = false",
    "UPDATE billing_dispute SET reopened_amount = 0",
    "UPDATE billing_disputepart SET reopened_amount = 0",
    "DELETE FROM billing_disputepart",
    "UPDATE billing_subscription SET period_index = period_index + 1",
    "UPDATE billing_dispute SET amount = amount + 1",
    "UPDATE billing_dispute SET fee_amount = 0",
    "UPDATE billing_order SET total_amount = 1",
    "DELETE FROM billing_payment WHERE id = (SELECT min(id) FROM billing_payment)",
    "DELETE FROM billing_dispute",
    "DELETE FROM billing_invoice WHERE id = (SELECT min(id) FROM billing_invoice)",
    "DELETE FROM core_sequence WHERE name LIKE 'invoice%'",
    "UPDATE billing_journalentry SET key = 'x' || key WHERE key LIKE 'refund:%'",
    "UPDATE billing_journalentry SET booked_on = booked_on + 900",
    "UPDATE billing_refund SET currency = 'USD'",
    "UPDATE billing_refund SET state = 'failed', failed_at = now()",
    "UPDATE billing_invoice SET client_id = (SELECT max(id) FROM clients_client)",
    "UPDATE billing_payment SET client_id = (SELECT max(id) FROM clients_client)",
    "UPDATE billing_subscription SET client_id = (SELECT max(id) FROM clients_client)",
    "UPDATE billing_payment SET account_id = (SELECT max(id) FROM billing_account)",
    "UPDATE billing_payment SET gateway_id = NULL WHERE gateway_id IS NOT NULL",
    "UPDATE billing_creditmovement SET kind = 'used'",
    "UPDATE billing_invoice SET issued_on = issued_on + 400",
    "UPDATE billing_invoice SET paid_at = now()",
    "ALTER TABLE billing_gatewayevent DROP CONSTRAINT billing_gatewayevent_once",
    FEES + ENTRY.format("refund") + " AND amount < 0",
]


def run(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def busy(cast):
    """A little of everything: tax, payment, credit, refund, chargeback."""
    make_tax_rate()
    active_subscription(cast.charlie_client)
    account, payment = open_account(cast.charlie_client), Payment.objects.get()
    grant_credit(account, money=Money(D(50), "EUR"), note="x", actor=SYSTEM)
    refund_payment(payment, money=Money(D(2), "EUR"), source="invoice", reason="x", actor=SYSTEM)
    gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    order = make_order(cast.alice_client).invoice
    disputed = record_payment(
        order.account, gateway=gateway, remote_id="pi", money=order.total, actor=SYSTEM, invoices=[order]
    )
    settle_dispute(disputed, DisputeResult("open", "du", "pi", disputed.money, Money(D(5), "EUR"), "x"))
    run("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("damage", DAMAGE)
def test_each_damage_is_found(busy, damage):
    assert verify() == []
    run("SET session_replication_role = replica")
    run(damage)
    run("SET session_replication_role = origin")
    assert verify()


TABLES = "invoice invoiceline invoicetax journalentry posting creditmovement paymentallocation payment order".split()


@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_to_empty(busy, table):
    run("SET LOCAL hostbill.may_truncate = 'off'")
    with pytest.raises(IntegrityError, match="cannot be emptied"):
        run(f"TRUNCATE billing_{table} CASCADE")


def test_a_renewal_that_staff_cancel_is_a_gap_that_somebody_chose(cast):
    subscription = active_subscription(cast.charlie_client)
    invoice = raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)[0]
    cancel_invoice(invoice, actor=SYSTEM, reason="waived")
    assert verify() == []
    subscription.refresh_from_db()
    raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)
    assert verify() == []
