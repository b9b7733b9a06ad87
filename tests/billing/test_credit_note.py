"""Credit notes: never more than the invoice, in any number of steps exactly it, and the money where it belongs."""

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from billing.actions.account import open_account
from billing.actions.credit import grant_credit
from billing.actions.credit_note import credit_invoice, creditable
from billing.actions.invoice import cancel_invoice, write_invoice
from billing.actions.payment import book_bank_payment
from billing.actions.refund import refund_payment
from billing.models import CreditNote, Invoice, NewLine, Refund, TaxRate
from billing.queries.books import verify
from billing.queries.crediting import split
from hostbill.core import clock, options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.money import Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(cast):
    """bill(("68.33", 20), ...) in euros: an issued invoice with those nets at those rates."""
    account = open_account(cast.charlie_client)

    def write(*lines):
        TaxRate.objects.all().delete()
        classes = dict(zip(sorted({rate for _net, rate in lines}), ("standard", "reduced", "zero"), strict=False))
        for rate, tax_class in classes.items():
            TaxRate.objects.create(tax_class=tax_class, country="", name="VAT", percent=rate, valid_from="2020-01-01")
        new = [NewLine(f"line {n}", D(net), tax_class=classes[rate]) for n, (net, rate) in enumerate(lines)]
        return write_invoice(account, new, due_on=clock.today(), actor=SYSTEM)

    return write


def pay(invoice, amount=None):
    money = Money(D(amount), invoice.currency) if amount else invoice.open
    book_bank_payment(
        invoice.account,
        reference=f"pay {invoice}",
        money=money,
        received_on=clock.today(),
        actor=SYSTEM,
        invoice=invoice,
    )
    return Invoice.objects.get(pk=invoice.pk)


def credit(invoice, *nets, **more):
    """Credit these nets of the first lines."""
    lines = list(invoice.lines.all())
    if nets:
        more["amounts"] = {line.pk: D(net) for line, net in zip(lines, nets, strict=False) if net}
    return credit_invoice(invoice, actor=SYSTEM, reason="agreed", **more)


def again(invoice):
    return Invoice.objects.select_related("account").get(pk=invoice.pk)


@pytest.mark.parametrize(
    ("lines", "steps", "totals"),
    [
        # T13: one by one, the sum is the invoice.
        ([("68.33", 20), ("68.33", 20)], [("68.33",), (None, "68.33")], ["82.00", "81.99"]),
        # T15: a deduction of 6.00 goes back by the share of what it was deducted from.
        ([("160", 25), ("20", 25), ("-6", 25)], [("160",)], ["193.34"]),
        ([("160", 25), ("20", 25), ("-6", 25)], [("160",), (None, "20")], ["193.34", "24.16"]),
        ([("29.99", "23.33")], [("29.99",)], ["36.99"]),
        ([("10.05", 19)], [("3.35",), ("3.35",), ("3.35",)], ["3.99", "3.98", "3.99"]),
        ([("100", 19), ("50", 7)], [("40", "50")], ["101.10"]),
    ],
)
def test_worked_cases(bill, lines, steps, totals):
    invoice = bill(*lines)
    notes = [credit(invoice, *nets) for nets in steps]
    assert [str(note.total.amount) for note in notes] == totals
    assert verify() == []


@pytest.mark.parametrize("amounts", [["10.00", "0.01", "33.33"], ["163.98"], ["0.01"] * 5])
def test_by_amount_is_exact_and_the_rest_comes_out(bill, amounts):
    invoice = bill(("68.33", 20), ("68.33", 20))
    for amount in amounts:
        assert credit(invoice, total=D(amount)).total.amount == D(amount)
    rest = credit(invoice)
    assert sum(note.total_amount for note in invoice.credit_notes.all()) == D("163.99")
    assert rest.kind == "cancel" and again(invoice).state == "cancelled" and verify() == []


def test_by_amount_over_several_rates(bill):
    invoice = bill(("100", 19), ("50", 7), ("-10", 19))
    note = credit(invoice, total=D("60.00"))
    assert note.total.amount == D(60) and {row.percent for row in note.taxes.all()} == {D(19), D(7)}
    credit(invoice)
    assert again(invoice).credited == again(invoice).total and verify() == []


def test_an_unpaid_invoice_is_open_for_less(bill):
    invoice = bill(("100", 19), ("50", 19))
    note = credit(invoice, None, "50")
    invoice = again(invoice)
    assert (invoice.state, invoice.open.amount, note.settled.amount, note.credited.amount) == (
        "issued",
        D(119),
        D("59.50"),
        0,
    )
    assert invoice.account.credit.is_zero and invoice.account.balance.amount == D(119)
    pay(invoice)
    assert again(invoice).state == "paid" and verify() == []


def test_a_partly_paid_one_first_has_less_open_then_the_client_has_credit(bill):
    invoice = bill(("100", 0), ("100", 0))
    pay(invoice, "150")
    note = credit(invoice, "100")
    invoice = again(invoice)
    assert (note.settled.amount, note.credited.amount, invoice.state) == (D(50), D(50), "paid")
    assert invoice.account.credit.amount == D(50) and verify() == []


def test_m7_a_refund_without_and_with_a_credit_note(bill):
    invoice = pay(bill(("233.82", 0)))
    payment = invoice.allocations.get().payment
    refund_payment(payment, money=invoice.total, source=Refund.Source.INVOICE, reason="asked", actor=SYSTEM)
    assert (again(invoice).state, again(invoice).account.balance.amount) == ("issued", D("233.82"))
    credit(invoice)
    assert (again(invoice).state, again(invoice).account.balance.amount) == ("cancelled", 0) and verify() == []
    other = pay(bill(("233.82", 0)))
    note = credit(other, refund=True)
    other = again(other)
    assert (other.state, other.account.balance.amount, other.account.credit.amount) == ("refunded", 0, 0)
    assert note.credited.amount == D("233.82") and Refund.objects.latest("pk").source == "credit" and verify() == []


def test_what_was_paid_from_credit_goes_back_to_credit(bill):
    account = open_account(bill(("1", 0)).client)
    credit(Invoice.objects.latest("pk"))
    grant_credit(account, money=Money(D(30), "EUR"), note="sorry", actor=SYSTEM)
    invoice = pay(bill(("100", 0)))
    credit(invoice, refund=True)
    assert (again(invoice).state, again(invoice).account.credit.amount) == ("cancelled", D(30)) and verify() == []


def test_a_refund_cannot_open_what_was_credited(bill):
    invoice = pay(bill(("100", 0)))
    credit(invoice, "30")
    payment = invoice.allocations.get().payment
    with pytest.raises(AppError):
        refund_payment(payment, money=Money(D(71), "EUR"), source="invoice", reason="x", actor=SYSTEM)
    refund_payment(payment, money=Money(D(70), "EUR"), source="invoice", reason="x", actor=SYSTEM)
    assert again(invoice).open.amount == D(70) and verify() == []


@pytest.mark.parametrize(
    ("nets", "field"), [(("100.01",), "line"), (("-1",), "line"), (("50", "0.01"), "line"), ((None,), None)]
)
def test_never_more_than_the_line(bill, nets, field):
    invoice = bill(("100", 19), ("0", 19))
    with pytest.raises(AppError) as refusal:
        credit(invoice, *nets) if nets != (None,) else credit_invoice(invoice, amounts={}, reason="x", actor=SYSTEM)
    assert not CreditNote.objects.exists() and verify() == []
    assert field is None or (refusal.value.field or "line").startswith(field)


def test_other_refusals(bill):
    invoice, other = bill(("100", 19)), bill(("10", 19))
    for amounts, code in [({other.lines.get().pk: D(1)}, "foreign_line")]:
        with pytest.raises(AppError) as refusal:
            credit_invoice(invoice, amounts=amounts, reason="x", actor=SYSTEM)
        assert refusal.value.code == code
    for total, code in [("0", "not_positive"), ("-1", "not_positive"), ("119.01", "too_much")]:
        with pytest.raises(AppError) as refusal:
            credit(invoice, total=D(total))
        assert (refusal.value.code, refusal.value.field) == (code, "total")
    with pytest.raises(AppError) as refusal:
        credit_invoice(invoice, reason="  ", actor=SYSTEM)
    assert refusal.value.field == "reason"
    credit(invoice)
    with pytest.raises(AppError) as refusal:
        credit(invoice)
    assert refusal.value.code == "not_standing"


def test_cancelling_issues_the_document_unless_the_setting_says_otherwise(bill):
    first, second = bill(("10", 19)), bill(("10", 19))
    assert cancel_invoice(first, reason="wrong", actor=SYSTEM).state == "cancelled"
    assert first.credit_notes.get().kind == "cancel" and first.credit_notes.get().number.startswith("CN-")
    options.set_option(options.find("billing.cancel_by_credit_note"), False, SYSTEM)
    assert cancel_invoice(second, reason="wrong", actor=SYSTEM).state == "cancelled"
    assert not second.credit_notes.exists() and verify() == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_creditnote SET reason = 'x'",
        "DELETE FROM billing_creditnotetax",
        "UPDATE billing_creditnoteline SET description = 'x'",
        "INSERT INTO billing_creditnotetax (created_at, updated_at, credit_note_id, tax_class, category, name, percent, reason, "
        "country, step, is_compound, currency, net_amount, tax_amount) SELECT now(), now(), id, 'standard', '', '', 1, '', '', 2, "
        "false, 'EUR', 1, 1 FROM billing_creditnote",
    ],
)
def test_the_database_freezes_them(bill, sql):
    credit(bill(("10", 19)), "5")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{sql}; SET CONSTRAINTS ALL IMMEDIATE")


def test_what_the_client_was_called_then_stands_on_the_note(bill, cast):
    invoice = bill(("10", 19))
    name = cast.charlie_client.name
    cast.charlie_client.company = "Renamed Ltd"
    cast.charlie_client.save()
    assert credit(invoice, "5").buyer["name"] == name


def test_split_sums_to_the_whole():
    assert split(D("0.05"), [D(1), D(1), D(1)], "EUR") == [D("0.01"), D("0.02"), D("0.02")] or sum(
        split(D("0.05"), [D(1), D(1), D(1)], "EUR")
    ) == D("0.05")
    assert sum(split(D(10), [D(3), D(3), D(1)], "JPY")) == 10


def test_left_counts_down(bill):
    invoice = bill(("100", 19))
    credit(invoice, "40")
    assert creditable(invoice).left == D("71.40")
