"""Pro-forma and corrective invoices, collections, drafts taken apart and put together, wishes of clients, pay links."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from billing.actions.account import open_account
from billing.actions.billable import bill_again, create_billable
from billing.actions.cancellation import end_subscription
from billing.actions.change import request_change
from billing.actions.collection import waiting_for_a_card
from billing.actions.collections import hand_to_collections, take_from_collections
from billing.actions.correction import correct_invoice
from billing.actions.credit_note import credit_invoice
from billing.actions.discount import grant_discount
from billing.actions.document_wishes import set_document_wishes, set_separate_invoice
from billing.actions.draft import create_draft, issue_draft, lines_of, update_draft
from billing.actions.draft_parts import merge_drafts, split_draft
from billing.actions.invoice import cancel_invoice, write_invoice
from billing.actions.pay_link import withdraw_pay_links
from billing.actions.payment import book_bank_payment
from billing.actions.renewal import raise_renewals
from billing.actions.write_off import write_off
from billing.models import CreditNote, Invoice, NewLine
from billing.queries.books import verify
from billing.queries.credit_note_document import credit_note_data, credit_note_pdf
from billing.queries.invoice_document import invoice_data
from billing.queries.pay_link import invoices_of_token, pay_token
from billing.queries.readers import document_readers
from billing.queries.statement import statement_of
from billing.queries.wish import Wish
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change, Message
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_product, make_tax_rate
from tests.billing.histories.checks import covered_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(cast):
    make_tax_rate()
    return open_account(cast.charlie_client)


def setting(key, value):
    options.set_option(options.find(f"billing.{key}"), value, SYSTEM)


def bill(account, *nets, days=14):
    lines = [NewLine(f"line {n}", D(net)) for n, net in enumerate(nets or ["100"])]
    return write_invoice(account, lines, due_on=clock.today() + timedelta(days=days), actor=SYSTEM)


def pay(invoice, amount=None):
    money = Money(D(amount), invoice.currency) if amount else invoice.open
    reference = f"{invoice} {amount}"
    book_bank_payment(
        invoice.account, reference=reference, money=money, received_on=clock.today(), actor=SYSTEM, invoice=invoice
    )
    return again(invoice)


def again(invoice):
    return Invoice.objects.select_related("account", "client").get(pk=invoice.pk)


class TestProforma:
    def test_the_legal_number_comes_with_the_payment(self, account):
        setting("proforma", True)
        first, second = bill(account), bill(account)
        assert (first.number, first.is_proforma, invoice_data(first)["title"]) == ("PF-2026-0001", True, "Pro-forma invoice")
        assert verify() == []
        part = pay(second, "50")
        assert part.is_proforma and part.state == "issued" and verify() == []
        paid = pay(part)
        assert (paid.number, paid.proforma_number, paid.is_proforma) == ("2026-0001", "PF-2026-0002", False)
        assert (paid.state, again(first).number) == ("paid", "PF-2026-0001") and verify() == []
        assert statement_of(account).closing == again(first).open

    def test_no_revenue_and_no_tax_before(self, account):
        setting("proforma", True)
        invoice = bill(account)
        codes = set(invoice.entries.get().postings.values_list("ledger_account__code", flat=True))
        assert codes == {"receivable", "clearing:proforma"}

    def test_cancelled_needs_no_credit_note_and_nothing_can_be_credited(self, account):
        setting("proforma", True)
        invoice = bill(account)
        with pytest.raises(AppError) as refusal:
            credit_invoice(invoice, reason="x", actor=SYSTEM)
        assert refusal.value.code == "proforma"
        pay(invoice, "19")
        cancel_invoice(invoice, actor=SYSTEM, reason="x")
        assert not invoice.credit_notes.exists() and again(invoice).account.credit.amount == D(19) and verify() == []

    @pytest.mark.parametrize("paid", ["", "3"])
    def test_what_a_service_used_before_it_ended_with_credit_stays_on_it(self, account, paid, move_clock):
        subscription, other = active_subscription(account.client), active_subscription(account.client)
        setting("proforma", True)
        (invoice,) = raise_renewals(account, until=subscription.next_due_on, actor=SYSTEM)
        assert invoice.is_proforma and invoice.lines.filter(subscription=other).exists()
        if paid:
            pay(invoice, paid)
        move_clock(clock.start_of(invoice.due_on + timedelta(days=2)))
        end_subscription(subscription, actor=SYSTEM, reason="moved away", credit="prorated")
        assert again(invoice).state == "cancelled" and not CreditNote.objects.exists()
        (left,) = Invoice.objects.unpaid()
        nets = {line.subscription: line.net_amount for line in left.lines.all()}
        assert nets == {subscription: D("0.65"), other: D(10)} and verify() == []  # 2 of 31 days

    def test_nothing_of_it_was_earned_so_nothing_is_lost(self, account):
        setting("proforma", True)
        with pytest.raises(AppError) as refusal:
            write_off(bill(account), reason="insolvent", actor=SYSTEM)
        assert refusal.value.code == "proforma" and verify() == []

    def test_what_is_free_is_legal_at_once(self, account):
        setting("proforma", True)
        assert bill(account, "0").number == "2026-0001" and verify() == []

    def test_the_legal_invoice_is_mailed(self, account, drain):
        setting("proforma", True)
        invoice = bill(account)
        drain()
        pay(invoice)
        drain()
        assert Message.objects.filter(key__startswith=f"invoice-legal:{invoice.pk}").exists()


class TestCorrection:
    def test_replaces_the_original_and_takes_its_money(self, account):
        wrong = pay(bill(account, "100"))
        draft = correct_invoice(wrong, reason="The address was wrong.", actor=SYSTEM)
        assert correct_invoice(wrong, reason="again", actor=SYSTEM) == draft and verify() == []
        lines = lines_of(draft)
        update_draft(draft, [NewLine("right", D(80), origin=lines[0].origin)], due_on=draft.due_on, actor=SYSTEM)
        right = issue_draft(draft, actor=SYSTEM)
        right = again(right)
        assert (right.number, right.state, again(wrong).state) == ("R-2026-0001", "paid", "cancelled")
        assert right.account.credit.amount == D("23.80") and verify() == []
        data = invoice_data(right)
        assert data["title"] == "Corrective invoice" and wrong.number in [fact["value"] for fact in data["facts"]]

    def test_the_service_keeps_its_period(self, account):
        subscription = active_subscription(account.client, make_product())
        wrong = Invoice.objects.get(lines__subscription=subscription)
        before = (subscription.paid_until, subscription.next_due_on)
        draft = correct_invoice(wrong, reason="wrong words", actor=SYSTEM)
        assert verify() == []
        right = issue_draft(draft, actor=SYSTEM)
        subscription.refresh_from_db()
        assert right.lines.get().subscription == subscription and not right.lines.get().released
        assert (subscription.paid_until, subscription.next_due_on) == before and verify() == []

    @pytest.mark.parametrize("days", [0, 10])
    def test_time_that_a_change_gave_back_stays_given(self, account, today, drain, days):
        """Both ways round: the first invoice is corrected, then the one that gave its rest back."""
        today("2027-05-01")
        small, big = (make_product(name=name, prices={"monthly": (price, "0")}) for name, price in (("S", "31"), ("B", "62")))
        subscription = active_subscription(account.client, small)
        first = Invoice.objects.get(lines__subscription=subscription)
        today(f"2027-05-{1 + days:02}")
        change = request_change(subscription, Wish(big.pk), when="now", actor=SYSTEM, for_staff=True)
        pay(change.invoice)
        drain()
        for wrong in (first, change.invoice):
            draft = correct_invoice(again(wrong), reason="wrong words", actor=SYSTEM)
            right = issue_draft(draft, actor=SYSTEM)
            assert verify() == [] and again(right).state == "paid" and right.total_amount == wrong.total_amount
        covered = covered_days(subscription)
        assert len(covered) == 31 and set(covered.values()) == {1}

    def test_a_line_of_which_time_was_given_back_cannot_go(self, account, today):
        today("2027-05-01")
        big = make_product(name="B", prices={"monthly": ("62", "0")})
        subscription = active_subscription(account.client, make_product(name="S", prices={"monthly": ("31", "0")}))
        wrong = Invoice.objects.get(lines__subscription=subscription)
        request_change(subscription, Wish(big.pk), when="now", actor=SYSTEM, for_staff=True)
        draft = correct_invoice(wrong, reason="x", actor=SYSTEM)
        update_draft(draft, [NewLine("other", D(5))], due_on=draft.due_on, actor=SYSTEM)
        with pytest.raises(AppError) as refusal:
            issue_draft(draft, actor=SYSTEM)
        assert refusal.value.code == "changed_since" and again(wrong).state == "paid" and verify() == []

    def test_periods_of_a_discount_and_charges_of_work_are_counted_once(self, account, today):
        today("2027-05-01")
        subscription = active_subscription(account.client, make_product())
        row = grant_discount(subscription, kind="percent", value=D(10), periods=2, reason="x", actor=SYSTEM)
        fields = {"description": "work", "quantity": D(1), "unit_amount": D(5), "action": "next_invoice"}
        item = create_billable(client=account.client, actor=SYSTEM, **fields)
        (wrong,) = raise_renewals(account, until=subscription.next_due_on, actor=SYSTEM)
        right = issue_draft(correct_invoice(wrong, reason="x", actor=SYSTEM), actor=SYSTEM)
        row.refresh_from_db()
        assert row.periods_left == 1 and item.charges.get().invoice == right and right.total_amount == wrong.total_amount
        with pytest.raises(AppError) as refusal:
            bill_again(item, actor=SYSTEM)
        assert refusal.value.code == "nothing" and verify() == []

    def test_refusals(self, account):
        invoice = bill(account)
        with pytest.raises(AppError) as refusal:
            correct_invoice(invoice, reason=" ", actor=SYSTEM)
        assert refusal.value.field == "reason"
        credit_invoice(invoice, total=D(10), reason="x", actor=SYSTEM)
        with pytest.raises(AppError) as refusal:
            correct_invoice(invoice, reason="x", actor=SYSTEM)
        assert refusal.value.code == "credited"


class TestCollections:
    def test_automation_leaves_it_alone_and_it_can_be_paid(self, account, monkeypatch):
        invoice = bill(account, days=0)
        with pytest.raises(AppError):
            hand_to_collections(invoice, reason="", actor=SYSTEM)
        later = timezone.now() + timedelta(days=40)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert list(waiting_for_a_card(clock.today())) == [invoice]
        handed = hand_to_collections(invoice, reason="Inkasso Nord", actor=SYSTEM)
        assert handed.state_words[1] == "In collections" and not waiting_for_a_card(clock.today()).exists()
        take_from_collections(invoice, actor=SYSTEM)
        assert waiting_for_a_card(clock.today()).exists()
        hand_to_collections(invoice, reason="again", actor=SYSTEM)
        assert pay(invoice).state == "paid" and verify() == []


class TestDrafts:
    def draft(self, account, *nets):
        lines = [NewLine(f"line {n}", D(net)) for n, net in enumerate(nets)]
        return create_draft(account, lines, due_on=clock.today() + timedelta(days=9), actor=SYSTEM)

    def test_split_and_merge_are_opposites(self, account):
        draft = self.draft(account, "10", "20", "30")
        ids = [line.pk for line in draft.lines.all()][1:]
        other = split_draft(draft, lines=ids, due_on=draft.due_on, actor=SYSTEM)
        assert (again(draft).total_amount, again(other).total_amount) == (D("11.90"), D("59.50")) and verify() == []
        merge_drafts(draft, drafts=[other], actor=SYSTEM)
        assert [line.net_amount for line in draft.lines.all()] == [10, 20, 30]
        assert again(draft).total_amount == D("71.40") and not Invoice.objects.filter(pk=other.pk).exists()
        assert issue_draft(draft, actor=SYSTEM).number == "2026-0001" and verify() == []

    def test_refusals(self, account, cast):
        draft, issued = self.draft(account, "10"), bill(account)
        foreign = self.draft(open_account(cast.alice_client), "1")
        line = draft.lines.get().pk
        for act, code in [
            (lambda: split_draft(draft, lines=[line], due_on=draft.due_on, actor=SYSTEM), "all_lines"),
            (lambda: split_draft(draft, lines=[], due_on=draft.due_on, actor=SYSTEM), "no_lines"),
            (lambda: split_draft(draft, lines=[issued.lines.get().pk], due_on=draft.due_on, actor=SYSTEM), "no_lines"),
            (lambda: split_draft(issued, lines=[1], due_on=draft.due_on, actor=SYSTEM), "not_a_draft"),
            (lambda: merge_drafts(draft, drafts=[draft], actor=SYSTEM), "no_drafts"),
            (lambda: merge_drafts(draft, drafts=[issued], actor=SYSTEM), "not_a_draft"),
            (lambda: merge_drafts(draft, drafts=[foreign], actor=SYSTEM), "another_client"),
        ]:
            with pytest.raises(AppError) as refusal:
                act()
            assert refusal.value.code == code
        assert Invoice.objects.filter(state="draft").count() == 2


class TestWishes:
    def renewals(self, account, *days, **wishes):
        for day in days:
            subscription = active_subscription(account.client, make_product(name=f"on the {day}"))
            subscription.started_on = subscription.next_due_on = date(2027, 1, day)
            subscription.anchor_day, subscription.period_index = day, 0
            subscription.save()
        values = {"separate_invoices": False, "consolidate_monthly": False, "document_emails": []} | wishes
        set_document_wishes(account, **values, actor=SYSTEM)
        return raise_renewals(open_account(account.client), until=date(2027, 1, 20), actor=SYSTEM)

    def test_one_a_day(self, account):
        assert [invoice.lines.count() for invoice in self.renewals(account, 5, 5, 9, 28)] == [2, 1]

    def test_an_invoice_for_each_service(self, account):
        assert [i.lines.count() for i in self.renewals(account, 5, 5, separate_invoices=True)] == [1, 1]

    def test_one_a_month_with_what_begins_later_in_it(self, account):
        invoices = self.renewals(account, 5, 5, 9, 28, consolidate_monthly=True)
        assert [(i.due_on.day, i.lines.count()) for i in invoices] == [(5, 4)]

    def test_one_service_apart(self, account):
        apart = active_subscription(account.client, make_product(name="apart"))
        apart.started_on = apart.next_due_on = date(2027, 1, 5)
        apart.anchor_day, apart.period_index = 5, 0
        apart.save()
        set_separate_invoice(apart, separate_invoice=True, actor=SYSTEM)
        assert sorted(i.lines.count() for i in self.renewals(account, 5, 5)) == [1, 2]

    def test_continuous_or_only_when_the_last_one_is_paid(self, account):
        setting("continuous_invoicing", False)
        first = self.renewals(account, 5)
        until = date(2027, 3, 20)
        assert len(first) == 1 and raise_renewals(account, until=until, actor=SYSTEM) == []
        pay(first[0])
        assert len(raise_renewals(account, until=until, actor=SYSTEM)) == 1
        setting("continuous_invoicing", True)
        assert len(raise_renewals(account, until=until, actor=SYSTEM)) == 1

    def test_more_readers_get_documents_and_nothing_else(self, account, drain):
        set_document_wishes(
            account,
            separate_invoices=False,
            consolidate_monthly=False,
            document_emails=["Books@Example.com", " books@example.com ", ""],
            actor=SYSTEM,
        )
        assert [reader.email for reader in document_readers(account.client)][-1:] == ["books@example.com"]
        invoice = bill(account)
        credit_invoice(invoice, total=D(10), reason="x", actor=SYSTEM)
        drain()
        mails = Message.objects.filter(to_email__iexact="books@example.com").order_by("pk")
        assert [mail.kind for mail in mails] == ["billing.invoice_issued", "billing.credit_note_issued"]
        assert [len(mail.attachments) for mail in mails] == [1, 1]

    @pytest.mark.parametrize(
        "wishes",
        [
            {"separate_invoices": True, "consolidate_monthly": True},
            {"document_emails": ["not an address"]},
            {"document_emails": ["a@b.example\r\nBcc: x@y.example"]},
            {"document_emails": [f"a{n}@example.com" for n in range(11)]},
        ],
    )
    def test_refusals(self, account, wishes):
        with pytest.raises(AppError) as refusal:
            self.renewals(account, **wishes)
        assert refusal.value.field in ("consolidate_monthly", "document_emails")


def test_a_pay_link_is_withdrawn(account):
    first, second = bill(account), bill(account)
    alone, both, other = pay_token(first), pay_token(first, second), pay_token(second)
    withdraw_pay_links(first, actor=SYSTEM)
    assert (invoices_of_token(alone), invoices_of_token(both)) == ([], []) and invoices_of_token(other) == [second]
    first = again(first)
    assert invoices_of_token(pay_token(first)) == [first] and invoices_of_token(pay_token(first, second)) == [first, second]
    assert Change.objects.filter(action="billing.invoice_links_withdrawn", object_id=first.pk).count() == 1


def test_a_credit_note_is_typeset(account):
    note = credit_invoice(bill(account, "100"), total=D("11.90"), reason="sent twice", actor=SYSTEM)
    data = credit_note_data(note)
    assert data["title"] == "Credit note" and data["total"]["amount"].endswith("11.90")
    assert credit_note_pdf(note).startswith(b"%PDF") and credit_note_pdf(note) == credit_note_pdf(note)
