"""Random histories of changes, payments, pauses, cancellations and clock moves: periods tile, parts sum to wholes, the books hold."""

import random
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction

from billing.actions.account import open_account
from billing.actions.back_dated import back_date_price
from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.change import request_change, withdraw_change
from billing.actions.credit_note import credit_invoice
from billing.actions.pause import pause_subscription, resume_paused
from billing.jobs import (
    begin_changes,
    end_cancelled_subscriptions,
    lapse_changes,
    lift_expired_suspensions,
    raise_renewal_invoices,
)
from billing.models import Invoice, InvoiceLine, LineCredit, Price, PriceList, Subscription, SubscriptionChange
from billing.queries.books import verify
from billing.queries.wish import Wish
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError, IllegalTransition
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from hostbill.core.money import Money
from tests.billing.factories import make_order, make_product, make_tax_rate, pay
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db
JOBS = [lift_expired_suspensions, begin_changes, lapse_changes, raise_renewal_invoices, end_cancelled_subscriptions]
STEPS = 14


def run_jobs():
    for job in JOBS:
        report = Report(JobRun(name="test", slot=clock.now()))
        job(clock.now(), report)
        assert not report.failures, (job, report.failures)


class History:
    """One client with two services in a currency, and what happens to them by a seed."""

    def __init__(self, seed, currency, monkeypatch, drain, includes_tax=False):
        self.random, self.drain = random.Random(seed), drain
        self.day = date(2027, 1, 1) + timedelta(days=self.random.randrange(400))
        monkeypatch.setattr(clock, "now", lambda: clock.start_of(self.day) + timedelta(hours=12))
        self.client = ClientFactory(currency=currency)
        lists = {"name": "Shop", "currency": currency, "includes_tax": True}
        self.prices = PriceList.objects.create(**lists) if includes_tax else None
        self.plans = [self.plan(currency, number) for number in range(4)]
        for plan in self.plans[:2]:
            order = make_order(self.client, plan, cycle=self.random.choice(["monthly", "annual"]), currency=currency)
            if order.invoice.state == "issued":
                pay(order.invoice)

    def plan(self, currency, number):
        whole = self.random.randrange(0, 5000) if number else 0
        prices = {"monthly": whole, "quarterly": whole * 3 - 7, "annual": whole * 10 + 1}
        product = make_product(prices={"monthly": ("0", "0")}, currency=currency, max_quantity=5)
        Price.objects.filter(product=product).delete()
        for cycle, amount in prices.items():
            scaled = D(max(amount, 0)) if currency == "JPY" else D(max(amount, 0)) / 7
            common = {"product": product, "currency": currency, "cycle": cycle, "amount": round(scaled, 4)}
            Price.objects.create(**common)
            if self.prices:
                Price.objects.create(**common, price_list=self.prices)
        return product

    def one(self):
        return self.random.choice(list(Subscription.objects.filter(client=self.client).order_by("pk")))

    def change(self):
        wish = Wish(
            product_id=self.random.choice(self.plans).pk,
            cycle=self.random.choice(["monthly", "quarterly", "annual", None]),
            quantity=self.random.choice([None, 1, 2, 3]),
            anchor_day=self.random.choice([None, None, 1, 15, 31]),
        )
        request_change(self.one(), wish, when=self.random.choice(["now", "now", "term_end"]), actor=SYSTEM, for_staff=True)

    def withdraw(self):
        change = SubscriptionChange.objects.under_way().first()
        if change:
            withdraw_change(change, actor=SYSTEM)

    def pay_one(self):
        unpaid = list(Invoice.objects.filter(client=self.client, state="issued").order_by("pk"))
        if unpaid:
            pay(self.random.choice(unpaid))

    def move(self):
        self.day += timedelta(days=self.random.choice([0, 1, 3, 9, 17, 31]))
        run_jobs()

    def pause(self):
        pause_subscription(self.one(), actor=SYSTEM, credit=self.random.choice(["none", "prorated"]))

    def resume(self):
        resume_paused(self.one(), actor=SYSTEM)

    def cancel(self):
        if self.random.random() < 0.3:
            cancel_subscription(self.one(), when="end", reason="", actor=SYSTEM)

    def keep(self):
        keep_subscription(self.one(), actor=SYSTEM)

    def correct(self):
        paid = Invoice.objects.filter(client=self.client, state="paid", kind="renewal", net_amount__gt=2).first()
        line = paid and paid.lines.filter(net_amount__gt=2, released=False).first()
        if line:
            credit_invoice(paid, actor=SYSTEM, reason="goodwill", amounts={line.pk: D("1")})

    def back_date(self):
        row = self.one()
        since = max(row.started_on, self.day - timedelta(days=self.random.randrange(60)))
        back_date_price(row, price=Money(D(self.random.randrange(0, 900)), row.currency), since=since, reason="x", actor=SYSTEM)

    def step(self):
        acts = [self.change, self.change, self.change, self.pay_one, self.pay_one, self.pay_one, self.move, self.move, self.move]
        act = self.random.choice([*acts, self.withdraw, self.pause, self.resume, self.cancel, self.keep, self.correct, self.back_date])
        try:
            with transaction.atomic():
                act()
        except (AppError, IllegalTransition) as refusal:
            if getattr(refusal, "code", "") in ("negative_total", "too_much", "nothing_left"):
                raise
        self.drain()
        return act.__name__


def covered(subscription):
    """{day: times covered} by base lines that count."""
    days = {}
    for line in InvoiceLine.objects.filter(subscription=subscription, kind="recurring", part="", released=False):
        given = LineCredit.objects.filter(line=line, released=False).first()
        day, end = line.period_start, given.from_on if given else line.period_end
        while day < end:
            days[day] = days.get(day, 0) + 1
            day += timedelta(days=1)
    return days


@pytest.mark.parametrize(("currency", "includes_tax"), [("JPY", False), ("USD", False), ("KWD", False), ("EUR", True)])
@pytest.mark.parametrize("seed", range(4))
def test_histories(seed, currency, includes_tax, monkeypatch, drain, db):
    make_tax_rate("19")
    history = History(f"{seed}{currency}", currency, monkeypatch, drain, includes_tax)
    story = []
    for _step in range(STEPS):
        story.append(history.step())
        assert verify() == [], story
        for subscription in Subscription.objects.all():
            assert set(covered(subscription).values()) <= {1}, story
    account = open_account(history.client)
    account.refresh_from_db()
    notes = sum(row.amount for row in LineCredit.objects.filter(released=False, line__net_amount__lt=0))
    assert account.credit_amount >= 0 and notes <= 0
    for line in InvoiceLine.objects.filter(given_back__released=False):
        assert abs(line.given_back.get(released=False).amount) <= abs(line.net_amount), story
