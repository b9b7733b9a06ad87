"""Rules of money that are easily got wrong, one by one: deposits, codes, prices since a day, free plans, merged accounts."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied

from billing.actions.account import open_account
from billing.actions.back_dated import back_date_price
from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.cart import Belongs, add_line, create_cart
from billing.actions.change import request_change
from billing.actions.credit_note import credit_invoice
from billing.actions.discount import grant_discount
from billing.actions.document_wishes import MOST_READERS, set_document_wishes
from billing.actions.invoice import cancel_invoice, write_invoice
from billing.actions.merge import merge_accounts
from billing.actions.order import cancel_order, place_order
from billing.actions.pause import pause_subscription, resume_paused
from billing.actions.promotion import add_code, create_promotion
from billing.actions.quote import Offered, create_quote, deliver_quote
from billing.actions.quote_acceptance import Signing, accept_quote
from billing.actions.quote_conversion import invoice_rest
from billing.actions.renewal import raise_renewals
from billing.models import CreditNote, Invoice, NewLine, Price, PriceList, Subscription, TaxRate
from billing.options import PROFORMA
from billing.queries.books import verify
from billing.queries.einvoice import tax_groups as einvoice_groups
from billing.queries.quote import quote
from billing.queries.wish import Wish
from hostbill.core import clock
from hostbill.core.access import SYSTEM, Actor
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from hostbill.core.options import set_option
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate, pay, subscription_of
from tests.billing.histories.checks import covered_days
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


def eur(text):
    return Money(D(text), "EUR")


def inclusive(product, amount):
    """The product with tax inside its price."""
    shelf, _made = PriceList.objects.get_or_create(name="Consumers", currency="EUR", includes_tax=True)
    Price.objects.create(product=product, price_list=shelf, currency="EUR", cycle="monthly", amount=D(amount))
    return product


def signed(*lines, **fields):
    """A quote that was accepted."""
    fields |= {"subject": "A move", "currency": "EUR", "valid_until": clock.today() + timedelta(days=30), "deposit_kind": "percent"}
    made = create_quote(list(lines), actor=SYSTEM, **fields)
    return accept_quote(deliver_quote(made, actor=SYSTEM), Signing("Alice Hossain", "I agree.", "link"), actor=SYSTEM)


class TestDeposits:
    def test_the_rest_is_taxed_anew_and_gives_the_deposit_back_as_it_was_taxed(self, cast, today):
        """119.00 signed, 35.70 paid at 19 %; delivered at 20 %: 120.00 less 35.70."""
        today("2027-05-01")
        make_tax_rate("19")
        made = signed(Offered("Work", D(100)), client=cast.alice_client, deposit_value=D(30))
        pay(made.invoice)
        TaxRate.objects.update(valid_until=date(2027, 5, 31))
        make_tax_rate("20", valid_from=date(2027, 6, 1))
        today("2027-06-02")
        rest = invoice_rest(made, actor=SYSTEM)
        assert (made.invoice.total_amount, rest.net_amount, rest.total_amount) == (D("35.70"), D(70), D("84.30"))
        assert sorted((tax.percent, tax.tax_amount) for tax in rest.taxes.all()) == [(D(19), D("-5.70")), (D(20), D(20))]
        assert verify() == []

    def test_a_pro_forma_deposit_shrinks_with_its_order(self, cast):
        set_option(PROFORMA, True, SYSTEM)
        lines = [Offered("Plan", D(100), product=make_product(setup_on="payment"), cycle="monthly"), Offered("Work", D(20))]
        made = signed(*lines, client=cast.alice_client, deposit_value=D(50))
        assert made.invoice.is_proforma and made.invoice.total_amount == D(60)
        cancel_order(made.order, actor=SYSTEM, reason="x")
        made.refresh_from_db()
        assert (made.invoice.total_amount, made.invoice.state) == (D(20), "issued") and not CreditNote.objects.exists()
        assert made.rest_invoice.total_amount == 0 and verify() == []


class TestTaxesInCommon:
    """A federal tax on all, a state's on some: each is rounded once over all that it is charged on."""

    @pytest.fixture
    def rates(self, db, today):
        today("2027-05-01")
        make_tax_rate("5", name="GST")
        make_tax_rate("5", name="GST", tax_class="reduced")
        return make_tax_rate("9.975", name="QST", step=2)

    def lines(self):
        return [NewLine("one", D("10.10")), NewLine("other", D("10.10"), tax_class="reduced")]

    def test_rounded_once(self, cast, rates):
        """1.01 of 20.20 and 1.01 of 10.10; apart the federal one would be 0.51 twice."""
        invoice = write_invoice(open_account(cast.alice_client), self.lines(), due_on=clock.today(), actor=SYSTEM)
        assert [(tax.name, tax.net_amount, tax.tax_amount) for tax in invoice.taxes.order_by("step")] == [
            ("GST", D("20.20"), D("1.01")), ("QST", D("10.10"), D("1.01")),
        ]  # fmt: skip
        assert invoice.total_amount == D("22.22") and verify() == []
        groups = einvoice_groups(list(invoice.lines.all()), invoice.taxes.all())
        assert sum(group.amount for group in groups) == D("2.02") and len(groups) == 2

    @pytest.mark.parametrize("steps", [["10.00"], ["0.01", "22.20"], ["7.41", "7.41"]])
    def test_credited_in_steps_to_the_last_cent(self, cast, rates, steps):
        invoice = write_invoice(open_account(cast.alice_client), self.lines(), due_on=clock.today(), actor=SYSTEM)
        for total in steps:
            note = credit_invoice(invoice, total=D(total), actor=SYSTEM, reason="x")
            assert note.total_amount == D(total) and verify() == []
        first = invoice.lines.earliest("pk")
        if len(steps) == 1:
            credit_invoice(invoice, amounts={first.pk: D("1.00")}, actor=SYSTEM, reason="x")
        credit_invoice(invoice, actor=SYSTEM, reason="x")
        assert sum(note.total_amount for note in CreditNote.objects.all()) == D("22.22") and verify() == []

    @pytest.mark.parametrize("gross", [False, True])
    def test_one_of_them_changes_and_what_was_before_is_given_back(self, cast, rates, today, gross):
        big = make_product(prices={"monthly": ("33.33", "0")})
        product = inclusive(make_product(), "11.49") if gross else make_product()
        service = active_subscription(cast.alice_client, product)
        TaxRate.objects.filter(pk=rates.pk).update(valid_until=date(2027, 5, 9))
        make_tax_rate("10", name="QST", step=2, valid_from=date(2027, 5, 10))
        today("2027-05-16")
        change = request_change(service, Wish(inclusive(big, "33.33").pk if gross else big.pk), when="now", actor=SYSTEM, for_staff=True)
        assert sorted((tax.name, tax.percent) for tax in change.invoice.taxes.all()) == [
            ("GST", D(5)), ("QST", D("9.975")), ("QST", D(10)),
        ]  # fmt: skip
        assert verify() == []
        cancel_invoice(change.invoice, actor=SYSTEM, reason="x")
        assert verify() == []

    def test_a_deposit_and_its_rest_are_the_quote(self, cast, rates):
        lines = [Offered("one", D("100.10")), Offered("other", D("50.30"), tax_class="reduced")]
        made = signed(*lines, client=cast.alice_client, deposit_value=D(40))
        pay(made.invoice)
        rest = invoice_rest(made, actor=SYSTEM)
        assert abs(made.invoice.total_amount + rest.total_amount - made.total_amount) <= D("0.01") and verify() == []


class TestCodes:
    @pytest.mark.parametrize(("price", "holds"), [("11.90", True), ("11.89", False)])
    def test_the_least_to_spend_is_before_tax_also_where_prices_include_it(self, price, holds):
        make_tax_rate("19")
        product = inclusive(make_product(), price)
        amounts = {"EUR": (None, D(10))}
        create_promotion(actor=SYSTEM, name="Ten", code="TEN", kind="percent", percent=D(10), amounts=amounts)
        cart = create_cart(currency="EUR", actor=SYSTEM)
        add_line(cart, product=product, cycle="monthly", answers={}, actor=SYSTEM)
        add_code(cart, text="TEN", actor=SYSTEM)
        (code,) = quote(cart).codes
        assert bool(code.refusal) is not holds and (holds or "9.99" in code.refusal)

    @pytest.mark.parametrize(
        ("fields", "first"),
        [({"bill_day": 1}, [D(3), D(-3)]), ({"trial_days": 9}, [D(0)])],
    )
    def test_an_amount_off_is_whole_again_after_a_short_or_free_beginning(self, cast, today, fields, first):
        """Twice 8.00 off 10.00: of the piece of a first month no more than it costs, but each later month has its 8.00."""
        today("2027-04-22")
        product = make_product(prices={"monthly": ("10.00", "0")}, **fields)
        create_promotion(actor=SYSTEM, name="Off", code="OFF", kind="fixed", periods=2, amounts={"EUR": (D(8), D(0))})
        cart = create_cart(currency="EUR", actor=SYSTEM)
        add_line(cart, product=product, cycle="monthly", answers={}, actor=SYSTEM)
        add_code(cart, text="OFF", actor=SYSTEM)
        order = place_order(cart, client=cast.charlie_client, actor=SYSTEM, idempotency_key="k", expected_total=D(0))
        assert order.invoice.state == "paid" and [line.net_amount for line in order.invoice.lines.all()] == first
        today("2027-06-01")
        raise_renewals(open_account(cast.charlie_client), until=clock.today(), actor=SYSTEM)
        later = [row.total_amount for row in Invoice.objects.filter(kind="renewal").order_by("pk")]
        assert later == [D(2), D(10) if "bill_day" in fields else D(2)] and verify() == []


class TestPricesSinceADay:
    @pytest.fixture
    def service(self, cast, today):
        today("2027-05-01")
        return active_subscription(cast.alice_client, make_product())

    def test_cheaper_needs_the_right_to_credit(self, service):
        staff = Actor(kind="staff", label="Stella", permissions=frozenset({"billing.subscription.price"}))
        since = {"since": date(2027, 5, 1), "reason": "x", "actor": staff}
        with pytest.raises(PermissionDenied):
            back_date_price(service, price=eur("5"), **since)
        back_date_price(service, price=eur("15"), **since)
        assert verify() == []

    def test_nothing_since_the_first_day_leaves_the_days_served(self, service, today):
        back_date_price(service, price=eur("0"), since=date(2027, 5, 1), reason="a gift", actor=SYSTEM)
        service.refresh_from_db()
        assert CreditNote.objects.get().total_amount == D(10)
        assert (str(service.free_until), str(service.paid_until), str(service.next_due_on)) == ("2027-06-01",) * 3
        cancel_subscription(service, when="end", reason="x", actor=SYSTEM)
        keep_subscription(service, actor=SYSTEM)
        service.refresh_from_db()
        assert str(service.next_due_on) == "2027-06-01" and verify() == []

    def test_days_that_stand_on_no_invoice_are_not_charged_behind_its_back(self, cast, today):
        today("2027-05-01")
        order = make_order(cast.alice_client, make_product(prices={"monthly": ("0", "0")}))
        service = subscription_of(order)
        today("2027-06-05")
        raise_renewals(service.account, until=clock.today(), actor=SYSTEM)
        with pytest.raises(AppError) as refusal:
            back_date_price(service, price=eur("5"), since=date(2027, 6, 2), reason="x", actor=SYSTEM)
        assert refusal.value.code == "free" and verify() == []

    @pytest.mark.parametrize(("price", "total"), [("4", "2.00"), ("0", "0")])
    def test_an_unpaid_pro_forma_asks_for_less(self, service, today, price, total):


        set_option(PROFORMA, True, SYSTEM)
        grant_discount(service, kind="percent", value=D(50), periods=None, reason="x", actor=SYSTEM)
        today("2027-06-01")
        raise_renewals(service.account, until=clock.today(), actor=SYSTEM)
        back_date_price(service, price=eur(price), since=date(2027, 6, 1), reason="x", actor=SYSTEM)
        last = Invoice.objects.filter(kind="renewal").order_by("pk").last()
        assert last.total_amount == D(total) and verify() == []
        assert set(covered_days(service).values()) == {1} and len(covered_days(service)) == 61


class TestFreePlans:
    def test_a_change_to_a_free_plan_within_a_month_writes_no_invoice(self, cast, today, drain):
        today("2027-05-01")
        paid, free, other = (make_product(prices={"monthly": (price, "0")}) for price in ("31", "0", "62"))
        service = active_subscription(cast.alice_client, paid)
        today("2027-05-11")
        before = Invoice.objects.count()
        change = request_change(service, Wish(free.pk), when="now", actor=SYSTEM, for_staff=True)
        drain()
        change.refresh_from_db()
        service.refresh_from_db()
        assert (change.state, service.product, Invoice.objects.count()) == ("done", free, before)
        assert open_account(service.client).credit == eur("21") and str(service.paid_until) == "2027-06-01" and verify() == []
        today("2027-05-22")
        dear = request_change(service, Wish(other.pk), when="now", actor=SYSTEM, for_staff=True)
        assert dear.invoice.total_amount == D(20) and verify() == []
        today("2027-06-01")
        drain()
        raise_renewals(service.account, until=clock.today(), actor=SYSTEM)
        assert set(covered_days(service).values()) == {1} and verify() == []

    def test_another_cycle_of_a_free_plan(self, cast, today, drain):
        today("2027-05-01")
        service = active_subscription(cast.alice_client, make_product(prices={"monthly": ("31", "0")}))
        free = make_product(prices={"annual": ("0", "0")})
        today("2027-05-11")
        request_change(service, Wish(free.pk, "annual"), when="now", actor=SYSTEM, for_staff=True)
        drain()
        service.refresh_from_db()
        assert (str(service.next_due_on), str(service.free_until)) == ("2028-05-11", "2028-05-11") and verify() == []


@pytest.mark.parametrize(("price", "is_raise"), [("11.90", False), ("11.91", True)])
def test_what_is_dearer_is_told_before_tax(cast, today, price, is_raise):
    """10.00 net and 11.90 with 19 % inside are the same."""
    today("2027-05-01")
    make_tax_rate("19")
    service = active_subscription(cast.alice_client, make_product())
    other = inclusive(make_product(), price)
    change = request_change(service, Wish(other.pk), when="term_end", actor=SYSTEM, for_staff=True)
    assert change.is_raise is is_raise


def test_merged_readers_are_as_many_as_the_form_takes():
    kept, gone = ClientFactory(), ClientFactory()
    for client, name in ((kept, "a"), (gone, "b")):
        emails = [f"{name}{number}@x.example" for number in range(7)] + ["Same@x.example"]
        wishes = {"separate_invoices": False, "consolidate_monthly": False, "document_emails": emails}
        set_document_wishes(open_account(client), actor=SYSTEM, **wishes)
    merge_accounts(kept, gone)
    account = open_account(kept)
    assert len(account.document_emails) == MOST_READERS
    assert account.document_emails[7:] == ["Same@x.example", "b0@x.example", "b1@x.example"]
    wishes["document_emails"] = account.document_emails
    set_document_wishes(account, actor=SYSTEM, **wishes)


def test_an_addon_out_of_step_is_in_step_after_a_change(cast, today, drain):
    today("2027-05-01")
    prices = {"monthly": ("31", "0"), "annual": ("365", "0")}
    parent = active_subscription(cast.charlie_client, make_product(prices=prices))
    addon_product = make_product(prices=prices, follows_parent=True)
    addon_product.parents.add(parent.product)
    cart = create_cart(currency="EUR", actor=SYSTEM)
    add_line(cart, product=addon_product, cycle="monthly", answers={}, actor=SYSTEM, belongs=Belongs(subscription=parent))
    total = quote(cart, client=parent.client).total.amount
    pay(place_order(cart, client=parent.client, actor=SYSTEM, idempotency_key="k", expected_total=total).invoice)
    addon = Subscription.objects.get(product=addon_product)
    pause_subscription(addon, actor=SYSTEM, credit="prorated")
    today("2027-05-11")
    resume_paused(addon, actor=SYSTEM)
    for invoice in Invoice.objects.unpaid():
        pay(invoice)
    drain()
    change = request_change(parent, Wish(cycle="annual"), when="now", actor=SYSTEM, for_staff=True)
    pay(change.invoice)
    drain()
    days = {(row.cycle, str(row.next_due_on)) for row in Subscription.objects.filter(client=parent.client)}
    assert days == {("annual", "2028-05-11")} and verify() == []
