"""One process of a race (tests/billing/race.py): gets ready, waits for the word, does one act and says what came of it."""

import os
import sys
from decimal import Decimal

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from billing.actions.account import open_account  # noqa: E402
from billing.actions.cancellation import cancel_subscription  # noqa: E402
from billing.actions.change import request_change  # noqa: E402
from billing.actions.draft import issue_draft  # noqa: E402
from billing.actions.order import place_order  # noqa: E402
from billing.actions.payment import record_payment  # noqa: E402
from billing.actions.refund import refund_payment  # noqa: E402
from billing.jobs import raise_renewal_invoices  # noqa: E402
from billing.models import Cart, Invoice, Payment, Subscription  # noqa: E402
from billing.queries.wish import Wish  # noqa: E402
from clients.models import Client  # noqa: E402
from hostbill.core import clock  # noqa: E402
from hostbill.core.access import SYSTEM  # noqa: E402
from hostbill.core.errors import AppError, IllegalTransition  # noqa: E402
from hostbill.core.jobs import Report  # noqa: E402
from hostbill.core.models import JobRun  # noqa: E402
from hostbill.core.money import Money  # noqa: E402


def order(cart, client, total):
    row = Cart.objects.get(pk=cart)
    place_order(row, client=Client.objects.get(pk=client), actor=SYSTEM, idempotency_key=cart, expected_total=Decimal(total))


def change(subscription, product):
    wish = Wish(product_id=int(product))
    request_change(Subscription.objects.get(pk=subscription), wish, when="now", actor=SYSTEM, for_staff=True)


def renew():
    report = Report(JobRun(name="race", slot=clock.now()))
    raise_renewal_invoices(clock.now(), report)
    if report.failures:
        raise RuntimeError(str(report.failures))


def pay(invoice, remote_id):
    row = Invoice.objects.select_related("client").get(pk=invoice)
    account = open_account(row.client)
    record_payment(account, gateway=None, remote_id=remote_id, money=row.total, actor=SYSTEM, invoices=[row])


def cancel(subscription, when):
    cancel_subscription(Subscription.objects.get(pk=subscription), when=when, reason="x", actor=SYSTEM)


def issue(draft):
    return issue_draft(Invoice.objects.get(pk=draft), actor=SYSTEM).number


def refund(payment, amount):
    row = Payment.objects.get(pk=payment)
    money = Money(Decimal(amount), row.currency)
    refund_payment(row, money=money, source="invoice", reason="x", actor=SYSTEM)


ACTS = {"order": order, "change": change, "renew": renew, "pay": pay, "cancel": cancel, "issue": issue, "refund": refund}


def said(name: str, arguments: list[str]) -> str:
    """Do the act; the words are those of the tests. What is refused says its code."""
    try:
        return ACTS[name](*arguments) or "done"
    except AppError as refusal:
        return refusal.code
    except IllegalTransition:
        return "illegal"


if __name__ == "__main__":
    settings.SANDBOX_CLOCK_FILE = os.environ["RACE_CLOCK"]
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(said(sys.argv[1], sys.argv[2:]))
