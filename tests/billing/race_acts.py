"""One process of a race (tests/billing/race.py): gets ready, waits for the word, does one act and says what came of it."""

import os
import sys


def act(name: str, args: list[str]) -> str:
    """Do it; the words are those of the tests. What is refused says its code."""
    from decimal import Decimal

    from billing.actions.account import open_account
    from billing.actions.cancellation import cancel_subscription
    from billing.actions.change import request_change
    from billing.actions.draft import issue_draft
    from billing.actions.order import place_order
    from billing.actions.payment import record_payment
    from billing.actions.refund import refund_payment
    from billing.jobs import raise_renewal_invoices
    from billing.models import Cart, Invoice, Payment, Subscription
    from billing.queries.wish import Wish
    from clients.models import Client
    from hostbill.core import clock
    from hostbill.core.access import SYSTEM
    from hostbill.core.jobs import Report
    from hostbill.core.models import JobRun
    from hostbill.core.money import Money

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

    acts = {"order": order, "change": change, "renew": renew, "pay": pay, "cancel": cancel, "issue": issue, "refund": refund}
    return acts[name](*args) or "done"


if __name__ == "__main__":
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from hostbill.core.errors import AppError, IllegalTransition

    settings.SANDBOX_CLOCK_FILE = os.environ["RACE_CLOCK"]
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        sys.stdout.write(act(sys.argv[1], sys.argv[2:]))
    except AppError as refusal:
        sys.stdout.write(refusal.code)
    except IllegalTransition:
        sys.stdout.write("illegal")
