"""The machine: a rule for each thing that can happen; after each of them everything is checked, and told again it changes nothing."""

from datetime import date, timedelta
from decimal import Decimal as D

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from billing.actions.account import open_account
from billing.actions.billable import create_billable
from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.change import request_change, withdraw_change
from billing.actions.charge import settle_charge, start_checkout
from billing.actions.credit import apply_credit, grant_credit
from billing.actions.credit_note import credit_invoice
from billing.actions.dispute import settle_dispute
from billing.actions.document_wishes import set_document_wishes, set_separate_invoice
from billing.actions.draft import create_draft, delete_draft, issue_draft
from billing.actions.invoice import NewLine, cancel_invoice
from billing.actions.pause import pause_subscription, resume_paused
from billing.actions.period import close_month, first_open_month, reopen_month
from billing.actions.refund import refund_payment, settle_refund
from billing.actions.subscription import change_price
from billing.actions.transfer import accept_transfer, decline_transfer, offer_transfer
from billing.actions.write_off import take_back_write_off, write_off
from billing.gateways.base import ChargeResult, DisputeResult
from billing.models import (
    Charge,
    Invoice,
    LedgerPeriod,
    Order,
    Payment,
    Refund,
    Subscription,
    SubscriptionChange,
    Transfer,
)  # fmt: skip
from billing.options import (
    CANCEL_BY_CREDIT_NOTE,
    CANCEL_CREDIT,
    CONTINUOUS_INVOICING,
    OSS,
    OSS_LIMIT,
    PAUSE_CREDIT,
    PROFORMA,
    RECOGNISE,
    RENEWAL_DAYS_BEFORE,
    SUSPENDED_CREDIT,
    WRITE_OFF_TAX,
)  # fmt: skip
from billing.queries.wish import Wish
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import ModuleConfig
from hostbill.core.money import Money
from hostbill.core.options import COMPANY_COUNTRY, set_option
from tests.factories import ClientFactory

from .acts import Buyer, attempt, judge_order, pick, running, share
from .catalogue import SHELVES, TAXES, Catalogue, scaled
from .checks import check_all, digest, possible
from .days import replay, settle
from .moments import CYCLES, NUMBER, needs
from .papers import Papers
from .people import People

#: Who sells to whom: the seller's country, those of the clients, and who pays the VAT of consumers elsewhere.
WORLDS = {
    "home": ("BD", ["BD", "BD", "BD"], "limit"), "union": ("DE", ["AT", "DE", "FR"], "limit"), "oss": ("DE", ["AT", "DE", "US"], "always"),
}  # fmt: skip
SETTINGS = {
    "recognise": st.sampled_from(["month", "day", "issue"]),
    "cancel": st.sampled_from(["prorated", "none"]),
    "pause": st.sampled_from(["prorated", "none"]),
    "by_note": st.sampled_from([True, True, False]),
    "proforma": st.sampled_from([False, False, True]),
    "continuous": st.sampled_from([True, True, False]),
    "days_before": st.sampled_from([14, 0, 30]),
    "write_off": st.booleans(),
    "suspended": st.booleans(),
}
OF = {
    "recognise": RECOGNISE, "cancel": CANCEL_CREDIT, "pause": PAUSE_CREDIT, "by_note": CANCEL_BY_CREDIT_NOTE, "proforma": PROFORMA,
    "continuous": CONTINUOUS_INVOICING, "days_before": RENEWAL_DAYS_BEFORE, "write_off": WRITE_OFF_TAX,
    "suspended": SUSPENDED_CREDIT,
}  # fmt: skip


class Histories(Papers, People, RuleBasedStateMachine):
    """Three clients of a shop. Everything of an example is rolled back at its end."""

    days = None  # the clock, set by the test
    possible: frozenset = frozenset()
    is_well = False

    def __init__(self):
        super().__init__()
        self.example = transaction.savepoint()  # no atomic(): each act is to be a transaction of its own, as locks see it

    def teardown(self):
        """Told again it changes nothing; then nothing stays."""
        try:
            if self.is_well:
                self._tell_again()
        finally:
            transaction.savepoint_rollback(self.example)
            transaction.set_rollback(False)

    def _tell_again(self) -> None:
        self.days.pass_days(1, workers=True)
        check_all()
        before = digest()
        replay()
        changed = {name for name, value in digest().items() if before[name] != value}
        assert not changed, changed

    @initialize(
        currency=st.sampled_from(["EUR", "USD", "JPY", "KWD"]), taxes=st.sampled_from(sorted(TAXES)), shelf=st.sampled_from(SHELVES),
        day=st.dates(date(2027, 1, 1), date(2028, 3, 31)), options=st.fixed_dictionaries(SETTINGS), world=st.sampled_from(sorted(WORLDS)),
        first=st.lists(st.tuples(NUMBER, CYCLES, st.integers(1, 3), st.integers(0, 20)), min_size=2, max_size=3),
    )  # fmt: skip
    def open_shop(self, currency, taxes, shelf, day, options, world, first):
        self.currency = currency
        self.days.begin(day)
        home, countries, oss = WORLDS[world]
        self._settings({COMPANY_COUNTRY: home, OSS: oss, OSS_LIMIT: D(60)} | {OF[name]: value for name, value in options.items()})
        self.catalogue = Catalogue(currency, taxes, shelf, countries)
        self.clients = [ClientFactory(currency=currency, country=country) for country in countries]
        self.gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
        self.buyer = Buyer(self.clients, self.catalogue)
        for number, cycle, quantity, code in first:
            self.orders(0, number, cycle, quantity, code, True)

    def _settings(self, chosen: dict) -> None:
        for option, value in chosen.items():
            set_option(option, value, SYSTEM)

    def client(self, who: int):
        """One of those that are left, as it is now."""
        return Client.objects.get(pk=self.clients[who % len(self.clients)].pk)

    @invariant()
    def all_is_well(self):
        """After every step: what happened is told to everybody, and everything holds."""
        if not hasattr(self, "buyer"):
            return
        self.is_well = False
        self.days.tick()
        settle()
        check_all()
        self.possible = possible()
        self.is_well = True

    # Orders

    @rule(who=NUMBER, number=NUMBER, cycle=CYCLES, quantity=st.integers(1, 3), code=st.integers(0, 20), is_paid=st.booleans())
    def orders(self, who, number, cycle, quantity, code, is_paid):
        client = self.client(who)
        before = Order.objects.count()
        attempt(self.buyer.order, client, number, cycle, quantity, code)
        order = Order.objects.order_by("-pk").first()
        if is_paid and Order.objects.count() > before and order.invoice and order.invoice.state == "issued":
            attempt(self.buyer.transfer_money, order.invoice, client, order.invoice.open, 0)

    @precondition(needs("parents"))
    @rule(which=NUMBER, number=NUMBER)
    def orders_an_addon(self, which, number):
        if subscription := pick(running(parent=None), which):
            attempt(self.buyer.addon_later, subscription, number)

    @precondition(needs("orders"))
    @rule(which=NUMBER, way=NUMBER)
    def judges_an_order(self, which, way):
        if order := pick(Order.objects.all(), which):
            attempt(judge_order, order, way)

    # Money

    @precondition(needs("unpaid"))
    @rule(which=NUMBER, part=st.integers(0, 4), days_ago=st.sampled_from([0, 0, 5, 40]))
    def pays(self, which, part, days_ago):
        if invoice := pick(Invoice.objects.filter(state="issued"), which):
            attempt(self.buyer.transfer_money, invoice, invoice.client, share(invoice.open, part) or invoice.open, days_ago)

    @precondition(needs("unpaid"))
    @rule()
    def pays_everything(self):
        for invoice in Invoice.objects.filter(state="issued").order_by("pk"):
            invoice.refresh_from_db()
            if invoice.state == "issued":
                attempt(self.buyer.transfer_money, invoice, invoice.client, invoice.open, 0)

    @rule(who=NUMBER, units=st.sampled_from([1, 333, 1000, 10000]))
    def sends_money(self, who, units):
        attempt(self.buyer.transfer_money, None, self.client(who), Money.from_minor(units, self.currency), 0)

    @rule(who=NUMBER, units=st.sampled_from([1, 500]))
    def gets_credit(self, who, units):
        attempt(grant_credit, open_account(self.client(who)), money=Money.from_minor(units, self.currency), note="sorry", actor=SYSTEM)

    @precondition(needs("unpaid"))
    @rule(which=NUMBER)
    def uses_credit(self, which):
        if invoice := pick(Invoice.objects.filter(state="issued"), which):
            attempt(apply_credit, invoice, actor=SYSTEM)

    @precondition(needs("unpaid"))
    @rule(which=NUMBER)
    def opens_a_form(self, which):
        if invoice := pick(Invoice.objects.filter(state="issued"), which):
            attempt(start_checkout, invoice, self.gateway, actor=SYSTEM)

    @precondition(needs("charges"))
    @rule(which=NUMBER, state=st.sampled_from(["succeeded", "succeeded", "processing", "declined", "cancelled"]))
    def gateway_answers(self, which, state):
        if charge := pick(Charge.objects.all(), which):
            why = "insufficient_funds" if state == "declined" else ""
            result = ChargeResult(state, f"pi_{charge.pk}", charge.money, why, key=charge.key)
            attempt(settle_charge, charge, result)
            attempt(settle_charge, charge, result)

    @precondition(needs("card_payments"))
    @rule(which=NUMBER, state=st.sampled_from(["open", "won", "lost"]))
    def disputes(self, which, state):
        if payment := pick(Payment.objects.exclude(gateway=None), which):
            money = payment.remaining
            known = payment.disputes.first()
            if known or money.is_positive:
                result = DisputeResult(state, f"du_{payment.pk}", "pi", known.money if known else money, None, "fraudulent")
                attempt(settle_dispute, payment, result)

    @precondition(needs("payments"))
    @rule(which=NUMBER, part=st.integers(0, 4), source=st.sampled_from(["invoice", "credit"]))
    def refunds(self, which, part, source):
        if payment := pick(Payment.objects.all(), which):
            attempt(refund_payment, payment, money=share(payment.remaining, part), source=source, reason="asked", actor=SYSTEM)

    @precondition(needs("card_refunds"))
    @rule(which=NUMBER, state=st.sampled_from(["succeeded", "failed", "processing"]))
    def refund_arrives(self, which, state):
        if refund := pick(Refund.objects.exclude(payment__gateway=None), which):
            attempt(settle_refund, refund, state=state, remote_id=f"re_{refund.pk}", message="")

    # Documents

    @precondition(needs("standing"))
    @rule(which=NUMBER, part=st.integers(0, 4), refund=st.booleans(), by_line=st.booleans())
    def credits_an_invoice(self, which, part, refund, by_line):
        invoice = pick(Invoice.objects.filter(state__in=["issued", "paid"]), which)
        if invoice is None:
            return
        line = pick(invoice.lines.filter(net_amount__gt=0), which)
        wish = {"amounts": {line.pk: share(line.net, part).amount}} if by_line and line else {"total": share(invoice.total, part).amount}
        attempt(credit_invoice, invoice, actor=SYSTEM, reason="goodwill", refund=refund, **(wish if part else {}))

    @precondition(needs("standing"))
    @rule(which=NUMBER)
    def cancels_an_invoice(self, which):
        if invoice := pick(Invoice.objects.filter(state__in=["issued", "paid"]), which):
            attempt(cancel_invoice, invoice, actor=SYSTEM, reason="wrong")

    @precondition(needs("unpaid"))
    @rule(which=NUMBER)
    def writes_off(self, which):
        if invoice := pick(Invoice.objects.filter(state="issued"), which):
            attempt(write_off, invoice, reason="insolvent", actor=SYSTEM)

    @precondition(needs("lost"))
    @rule(which=NUMBER)
    def takes_write_off_back(self, which):
        if invoice := pick(Invoice.objects.filter(state="bad_debt"), which):
            attempt(take_back_write_off, invoice, actor=SYSTEM)

    @rule(who=NUMBER, price=st.sampled_from(["0.005", "13.37", "99.999"]), quantity=st.sampled_from(["1", "3", "0.25"]))
    def staff_write_a_draft(self, who, price, quantity):
        lines = [NewLine("work", D(price), D(quantity)), NewLine("more", scaled("2.50", self.currency))]
        attempt(create_draft, open_account(self.client(who)), lines, due_on=clock.today(), actor=SYSTEM)

    @precondition(needs("drafts"))
    @rule(which=NUMBER, is_kept=st.booleans())
    def staff_end_a_draft(self, which, is_kept):
        if draft := pick(Invoice.objects.filter(state="draft"), which):
            attempt(issue_draft if is_kept else delete_draft, draft, actor=SYSTEM)

    @rule(who=NUMBER, action=st.sampled_from(["next_invoice", "now", "recurring"]), quantity=st.sampled_from(["1", "1.75"]))
    def staff_note_work(self, who, action, quantity):
        fields = {"first_on": clock.today() + timedelta(days=3)} if action == "recurring" else {}
        attempt(
            create_billable, client=self.client(who), actor=SYSTEM, description="work", quantity=D(quantity),
            unit_amount=scaled("33.33", self.currency), action=action, **fields,
        )  # fmt: skip

    @rule(who=NUMBER, wish=st.sampled_from([(False, False), (True, False), (False, True)]))
    def wishes_other_documents(self, who, wish):
        separate, monthly = wish
        attempt(
            set_document_wishes, open_account(self.client(who)), separate_invoices=separate, consolidate_monthly=monthly,
            document_emails=[], actor=SYSTEM,
        )  # fmt: skip

    @precondition(needs("running"))
    @rule(which=NUMBER, is_apart=st.booleans())
    def wishes_a_separate_invoice(self, which, is_apart):
        if subscription := pick(running(), which):
            attempt(set_separate_invoice, subscription, separate_invoice=is_apart, actor=SYSTEM)

    # Services

    @precondition(needs("running"))
    @rule(
        which=NUMBER, plan=st.none() | NUMBER, cycle=st.none() | CYCLES, quantity=st.sampled_from([None, None, 1, 2, 4]),
        chosen=st.none() | NUMBER, anchor=st.sampled_from([None, None, None, 1, 15, 31]), when=st.sampled_from(["now", "now", "term_end"]),
        is_paid=st.booleans(),
    )  # fmt: skip
    def changes_plan(self, which, plan, cycle, quantity, chosen, anchor, when, is_paid):
        subscription = pick(running(), which)
        if subscription is None:
            return
        product = self.catalogue.plans[plan % len(self.catalogue.plans)] if plan is not None else subscription.product
        options = self.catalogue.chosen(chosen) if chosen is not None and product.name in ("small", "big") else None
        wish = Wish(product.pk, cycle, quantity, options, None, anchor)
        change = attempt(request_change, subscription, wish, when=when, actor=SYSTEM, for_staff=True)
        if change and is_paid and change.invoice and change.invoice.state == "issued":
            attempt(self.buyer.transfer_money, change.invoice, subscription.client, change.invoice.open, 0)

    @precondition(needs("changes"))
    @rule(which=NUMBER)
    def withdraws_a_change(self, which):
        if change := pick(SubscriptionChange.objects.under_way(), which):
            attempt(withdraw_change, change, actor=SYSTEM)

    @precondition(needs("running"))
    @rule(which=NUMBER, price=st.sampled_from(["0", "8.88", "14.005"]))
    def gets_another_price(self, which, price):
        if subscription := pick(running(), which):
            money = Money(scaled(price, self.currency), self.currency)
            attempt(change_price, subscription, price=money, actor=SYSTEM, reason="promised")

    @precondition(needs("active"))
    @rule(which=NUMBER, credit=st.sampled_from(["", "none", "prorated"]), days=st.sampled_from([None, None, 10]))
    def pauses(self, which, credit, days):
        if subscription := pick(running(), which):
            until = clock.today() + timedelta(days=days) if days else None
            attempt(pause_subscription, subscription, actor=SYSTEM, credit=credit, until=until)

    @precondition(needs("paused"))
    @rule(which=NUMBER)
    def resumes(self, which):
        if subscription := pick(running(), which):
            attempt(resume_paused, subscription, actor=SYSTEM)

    @precondition(needs("running"))
    @rule(which=NUMBER, when=st.sampled_from(["end", "end", "now"]), credit=st.sampled_from(["", "prorated"]))
    def cancels(self, which, when, credit):
        if subscription := pick(Subscription.objects.exclude(state__in=["ended", "cancelled"]), which):
            attempt(cancel_subscription, subscription, when=when, reason="asked", actor=SYSTEM, credit=credit)

    @precondition(needs("cancelled"))
    @rule(which=NUMBER)
    def keeps(self, which):
        if subscription := pick(running(cancel_at_end=True), which):
            attempt(keep_subscription, subscription, actor=SYSTEM)

    @precondition(needs("parents"))
    @rule(which=NUMBER)
    def hands_over(self, which):
        if subscription := pick(running(parent=None), which):
            taker = next(client for client in self.clients if client.pk != subscription.client_id)
            attempt(offer_transfer, subscription, to_client=taker, actor=SYSTEM)

    @precondition(needs("offers"))
    @rule(which=NUMBER, is_taken=st.sampled_from([True, True, False]))
    def answers_the_offer(self, which, is_taken):
        if transfer := pick(Transfer.objects.all(), which):
            attempt(accept_transfer if is_taken else decline_transfer, transfer, actor=SYSTEM)

    # Time

    @rule(days=st.integers(1, 40))
    def days_pass(self, days):
        self.days.pass_days(days, workers=True)

    @rule(days=st.sampled_from([1, 16, 45]))
    def workers_are_down(self, days):
        self.days.pass_days(days, workers=False)

    @precondition(needs("over"))
    @rule()
    def month_is_closed(self):
        month = first_open_month()
        if month:
            attempt(close_month, month=month, actor=SYSTEM)

    @precondition(needs("closed"))
    @rule()
    def month_is_opened_again(self):
        if period := LedgerPeriod.objects.exclude(closed_at=None).order_by("-month").first():
            attempt(reopen_month, period, reason="forgotten", actor=SYSTEM)
