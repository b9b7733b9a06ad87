"""Quotes: written, delivered, signed once, and turned into exactly one set of invoices and orders."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from billing.actions.account import open_account
from billing.actions.cancellation import cancel_subscription
from billing.actions.draft import create_draft, delete_draft
from billing.actions.draft_parts import merge_drafts, split_draft
from billing.actions.order import cancel_order
from billing.actions.quote import (
    Offered,
    create_quote,
    deliver_quote,
    duplicate_quote,
    expire_quote,
    hold_quote,
    lose_quote,
    resume_quote,
    revise_quote,
    update_quote,
)
from billing.actions.quote_acceptance import Signing, accept_quote, decline_quote
from billing.actions.quote_conversion import invoice_rest
from billing.models import Invoice, NewLine, Order, Quote, QuoteLine, Subscription
from billing.queries.books import verify
from billing.queries.deposit import Taxed, split_off
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError, IllegalTransition
from hostbill.core.money import Money
from tests.billing.factories import make_product, make_tax_rate, pay

pytestmark = pytest.mark.django_db

YES = Signing("Alice Hossain", "I agree.", "link")
PROSPECT = {
    "first_name": "Nour", "last_name": "Haddad", "company": "Atelier Nour", "email": "nour@atelier.example",
    "address1": "Rue Monnot 18", "city": "Beirut", "postcode": "2034", "country": "LB", "language": "en",
}  # fmt: skip


def write(*lines, client=None, **fields):
    """A draft: in euros, valid for a month."""
    values = {"subject": "A move", "currency": "EUR", "valid_until": clock.today() + timedelta(days=30)}
    lines = lines or (Offered("Work", D("100"), D(2)),)
    return create_quote(list(lines), client=client, actor=SYSTEM, **(values | ({} if client else PROSPECT) | fields))


def signed(*lines, **fields):
    """Written, delivered, accepted."""
    return accept_quote(deliver_quote(write(*lines, **fields), actor=SYSTEM), YES, actor=SYSTEM)


def sums(invoice):
    """Net, tax, total."""
    return invoice.net_amount, invoice.tax_amount, invoice.total_amount


@pytest.fixture(autouse=True)
def vat(db):
    """19 % everywhere."""
    return make_tax_rate()


@pytest.fixture
def alice(cast):
    """The client."""
    return cast.alice_client


def test_a_draft_has_sums_and_no_number(alice):
    quote = write(Offered("Work", D("100"), D(2), D("12.5")), Offered("Gift", D("-10")), client=alice)
    assert (quote.state, quote.number, quote.net_amount) == ("draft", None, D("165"))
    assert (quote.tax_amount, quote.total_amount) == (D("31.35"), D("196.35"))
    assert not Quote.objects.delivered().exists()


@pytest.mark.parametrize(
    ("unit", "quantity", "discount", "currency", "net"),
    [("10.05", "1", "50", "EUR", "5.03"), ("0.00101", "16000", "0", "EUR", "16.16"), ("999", "3", "33.3333", "JPY", "1998"),
     ("12.3455", "1", "0", "KWD", "12.346"), ("-10.05", "1", "50", "EUR", "-5.03"), ("100", "1", "100", "EUR", "0")],
)  # fmt: skip
def test_a_line_is_rounded_once(unit, quantity, discount, currency, net):
    assert QuoteLine.net_of(D(unit), D(quantity), D(discount), currency) == D(net)


def test_delivering_numbers_it_once_and_fixes_it(alice):
    quote = write(client=alice)
    first, again = deliver_quote(quote, actor=SYSTEM), deliver_quote(quote, actor=SYSTEM)
    year = clock.today().year
    assert (first.number, again.number, first.state) == (f"Q-{year}-0001", f"Q-{year}-0001", "delivered")
    with pytest.raises(AppError):
        update_quote(first, [Offered("Less", D(1))], actor=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Quote.objects.filter(pk=quote.pk).update(total_amount=1, net_amount=1, tax_amount=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        QuoteLine.objects.filter(quote=quote).update(net_amount=1)


@pytest.mark.parametrize(
    ("lines", "fields", "code"),
    [([], {}, "empty_quote"), ([Offered("Gift", D("-1"))], {}, "negative_total"),
     ([Offered("Moon", D("9e10"))], {}, "too_much"),
     (None, {"deposit_kind": "percent", "deposit_value": D(100)}, "deposit"),
     (None, {"deposit_kind": "amount", "deposit_value": D(300)}, "deposit"),
     (None, {"deposit_kind": "percent", "deposit_value": D(0)}, "deposit")],
)  # fmt: skip
def test_senseless_quotes_are_refused(alice, lines, fields, code):
    values = {"subject": "x", "currency": "EUR", "valid_until": clock.today()} | fields
    with pytest.raises(AppError) as refusal:
        create_quote([Offered("Work", D(100))] if lines is None else lines, client=alice, actor=SYSTEM, **values)
    assert refusal.value.code == code


def test_signing_keeps_evidence_and_makes_the_invoice(alice):
    quote = signed(Offered("Work", D("100"), D(2), D("10")), client=alice)
    invoice = quote.invoice
    assert (quote.state, invoice.state, sums(invoice)) == ("accepted", "issued", (D("180"), D("34.20"), D("214.20")))
    assert [line.net_amount for line in invoice.lines.all()] == [D("200"), D("-20")]
    evidence = quote.signature
    assert (evidence.signed_name, evidence.agreed_text, len(evidence.sha256)) == ("Alice Hossain", "I agree.", 64)
    assert evidence.document["lines"][0]["text"] == "Work"
    with pytest.raises(IntegrityError), transaction.atomic():
        type(evidence).objects.update(signed_name="Somebody else")
    assert not verify()


def test_a_second_yes_changes_nothing(alice):
    quote = signed(client=alice)
    again = accept_quote(quote, Signing("Bob", "Me too.", "account"), actor=SYSTEM)
    assert (again.pk, again.signature.signed_name, Invoice.objects.count()) == (quote.pk, "Alice Hossain", 1)


@pytest.mark.parametrize("state", ["draft", "on_hold", "lost", "dead", "expired"])
def test_only_an_open_quote_is_signed(alice, state):
    quote = write(client=alice)
    if state != "draft":
        deliver_quote(quote, actor=SYSTEM)
        Quote.objects.filter(pk=quote.pk).update(state=state)
    with pytest.raises(AppError) as refusal:
        accept_quote(quote, YES, actor=SYSTEM)
    assert refusal.value.code == "not_open"
    assert not Invoice.objects.exists()


def test_after_its_last_day_it_is_not_signed_until_it_is_prolonged(alice, move_clock):
    quote = deliver_quote(write(client=alice), actor=SYSTEM)
    move_clock(30)
    assert accept_quote(duplicate_and_deliver(quote), YES, actor=SYSTEM).state == "accepted"
    move_clock(1)
    quote.refresh_from_db()
    assert quote.state == "expired"
    with pytest.raises(AppError):
        accept_quote(quote, YES, actor=SYSTEM)
    with pytest.raises(AppError):
        resume_quote(quote, actor=SYSTEM, valid_until=clock.today() - timedelta(days=1))
    quote = resume_quote(quote, actor=SYSTEM, valid_until=clock.today())
    assert accept_quote(quote, YES, actor=SYSTEM).state == "accepted"


def duplicate_and_deliver(quote):
    """A second one."""
    return deliver_quote(duplicate_quote(quote, actor=SYSTEM), actor=SYSTEM)


def test_an_open_one_is_not_expired_early(alice):
    quote = deliver_quote(write(client=alice, valid_until=clock.today()), actor=SYSTEM)
    assert expire_quote(quote, actor=SYSTEM).state == "delivered"


def test_no_with_a_reason(alice):
    quote = decline_quote(deliver_quote(write(client=alice), actor=SYSTEM), actor=SYSTEM, reason="Too dear")
    assert (quote.state, quote.lost_reason) == ("lost", "Too dear")
    assert decline_quote(quote, actor=SYSTEM, reason="again").lost_reason == "Too dear"
    with pytest.raises(AppError):
        accept_quote(quote, YES, actor=SYSTEM)


def test_nobody_takes_a_yes_back(alice):
    quote = signed(client=alice)
    for act in (lose_quote, hold_quote):
        with pytest.raises(IllegalTransition):
            act(quote, actor=SYSTEM, reason="x")
    with pytest.raises(AppError):
        decline_quote(quote, actor=SYSTEM)
    with pytest.raises(AppError):
        revise_quote(quote, actor=SYSTEM)


def test_a_new_version_takes_the_place_of_the_old_one(alice):
    first = deliver_quote(write(client=alice), actor=SYSTEM)
    second = revise_quote(first, actor=SYSTEM)
    assert revise_quote(first, actor=SYSTEM) == second
    first.refresh_from_db()
    assert first.state == "delivered"  # until the new one is given out
    second = deliver_quote(update_quote(second, [Offered("Work", D(90))], actor=SYSTEM), actor=SYSTEM)
    first.refresh_from_db()
    assert (first.state, second.number, second.version, str(second)) == ("dead", first.number, 2, f"{first.number} v2")
    with pytest.raises(AppError):
        accept_quote(first, YES, actor=SYSTEM)
    assert accept_quote(second, YES, actor=SYSTEM).invoice.net_amount == D(90)


def test_a_version_is_not_delivered_over_a_signed_one(alice):
    first = deliver_quote(write(client=alice), actor=SYSTEM)
    second = revise_quote(first, actor=SYSTEM)
    accept_quote(first, YES, actor=SYSTEM)
    with pytest.raises(AppError) as refusal:
        deliver_quote(second, actor=SYSTEM)
    assert refusal.value.code == "signed"


def test_whoever_is_no_client_becomes_one_by_signing():
    quote = signed()
    client = Client.objects.get(email="nour@atelier.example")
    assert (quote.client, quote.invoice.client, client.company, str(client.country)) == (client, client, "Atelier Nour", "LB")
    assert Client.objects.count() == 1


def test_products_become_an_order_at_the_quoted_price(alice):
    product = make_product(prices={"monthly": ("10.00", "5.00")})
    quote = signed(
        Offered("Hosting", D("8"), D(2), D("25"), product=product, cycle="monthly", setup_amount=D("3")),
        Offered("Move", D("40")),
        client=alice,
    )
    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.price_amount, subscription.quantity) == ("pending", D(8), 2)
    assert (quote.order.invoice, Invoice.objects.count(), Order.objects.count()) == (quote.invoice, 1, 1)
    assert quote.invoice.net_amount == D("58")  # 16 + 6 set-up + 40 - 4
    assert quote.invoice.total_amount == quote.total_amount
    pay(quote.invoice)
    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert not verify()


@pytest.mark.parametrize(
    ("kind", "value", "first", "rest"),
    [("percent", "30", "71.40", "166.60"), ("amount", "100", "100.00", "138.00"), ("percent", "33.3333", "79.33", "158.67")],
)
def test_a_deposit_and_the_rest_are_the_whole(alice, kind, value, first, rest):
    quote = signed(client=alice, deposit_kind=kind, deposit_value=D(value))
    assert (quote.invoice.total_amount, quote.rest_invoice.total_amount) == (D(first), D(rest))
    assert (quote.invoice.state, quote.rest_invoice.state, quote.rest_on) == ("issued", "draft", None)
    issued = invoice_rest(quote, actor=SYSTEM)
    assert invoice_rest(quote, actor=SYSTEM).pk == issued.pk
    for name in ("net_amount", "tax_amount", "total_amount"):
        assert getattr(quote.invoice, name) + getattr(issued, name) == getattr(quote, name)
    assert not verify()


def test_the_rest_comes_on_its_day(alice, move_clock):
    quote = signed(client=alice, deposit_kind="percent", deposit_value=D(50), rest_when="days", rest_days=10)
    assert quote.rest_on == clock.today() + timedelta(days=10)
    move_clock(9)
    quote.rest_invoice.refresh_from_db()
    assert quote.rest_invoice.state == "draft"
    move_clock(1)
    quote.rest_invoice.refresh_from_db()
    assert quote.rest_invoice.state == "issued"


def test_the_rest_is_not_thrown_away(alice):
    quote = signed(client=alice, deposit_kind="percent", deposit_value=D(50))
    with pytest.raises(AppError) as refusal:
        delete_draft(quote.rest_invoice, actor=SYSTEM)
    assert refusal.value.code == "of_a_quote"


def test_the_paid_deposit_begins_what_was_ordered(alice, drain):
    product = make_product(prices={"monthly": ("10.00", "0")})
    line = Offered("Hosting", D("10"), product=product, cycle="monthly")
    quote = signed(line, client=alice, deposit_kind="percent", deposit_value=D(50))
    assert (quote.invoice.total_amount, quote.rest_invoice.total_amount) == (D("5.95"), D("5.95"))
    assert Subscription.objects.get().state == "pending"
    pay(quote.invoice)
    drain()
    assert Subscription.objects.get().state == "active"
    quote.order.refresh_from_db()
    assert quote.order.state == "accepted"
    pay(invoice_rest(quote, actor=SYSTEM))
    assert not verify()


def test_what_cannot_be_ordered_keeps_the_signature(alice):
    product = make_product(stock=1)
    quote = deliver_quote(write(Offered("Hosting", D(1), product=product, cycle="monthly"), client=alice), actor=SYSTEM)
    product.stock = 0
    product.save()
    quote = accept_quote(quote, YES, actor=SYSTEM)
    assert (quote.state, quote.converted_at, bool(quote.trouble)) == ("accepted", None, True)
    assert quote.signature.signed_name == "Alice Hossain"
    assert not Invoice.objects.exists() and not Order.objects.exists()
    assert open_account(alice).balance_amount == 0


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
@pytest.mark.parametrize("percent", ["19", "7", "8.875", "0"])
def test_nets_and_taxes_of_a_split_add_up(currency, percent):
    group = Taxed("standard", D("1234.56") if currency != "JPY" else D("1235"), ((D(percent), False),))
    whole = Money(group.net + group.tax(group.net, currency), currency)
    for share in range(1, 100, 7):
        wished = whole * (D(share) / 100)
        [net] = split_off([group], wished)
        taxes = [group.tax(part, currency) for part in (net, group.net - net)]
        assert sum(taxes) == group.tax(group.net, currency)
        assert abs(Money(net + taxes[0], currency) - wished).to_minor() <= 8


def hosting(name, price="10"):
    return Offered(name, D(price), product=make_product(name=name, prices={"monthly": (price, "0")}), cycle="monthly")


@pytest.mark.parametrize("is_paid", [True, False])
@pytest.mark.parametrize(
    ("work", "left", "credited", "rest"),
    [
        # 10 + 10 (+ work), half of it paid in advance; one or both services are cancelled.
        (None, 1, "0", "0"),  # 10 is left, and 10 was asked for in advance
        (None, 0, "11.90", None),
        ("4", 1, "0", "2.38"),
        ("4", 0, "9.52", "0"),
    ],
)
def test_a_cancelled_order_never_leaves_more_deposit_than_there_is(alice, is_paid, work, left, credited, rest):
    lines = [hosting("One"), hosting("Two"), *([Offered("Work", D(work))] if work else [])]
    quote = signed(*lines, client=alice, deposit_kind="percent", deposit_value=D(50))
    if is_paid:
        quote.invoice.refresh_from_db()
        pay(quote.invoice)
    if left:
        cancel_subscription(Subscription.objects.order_by("pk").first(), when="now", reason="No", actor=SYSTEM)
    else:
        cancel_order(quote.order, actor=SYSTEM, reason="No")
    quote = Quote.objects.get()
    assert quote.invoice.credited_amount == D(credited)
    assert (quote.rest_invoice.total_amount if quote.rest_invoice else None) == (None if rest is None else D(rest))
    assert not verify()


def test_the_rest_of_a_quote_is_not_taken_apart(alice):
    quote = signed(Offered("Work", D(50)), Offered("More", D(50)), client=alice, deposit_kind="percent", deposit_value=D(10))
    other = create_draft(open_account(alice), [NewLine("Beside", D(5))], due_on=clock.today(), actor=SYSTEM)
    rest = quote.rest_invoice
    for call in (
        lambda: split_draft(rest, lines=[rest.lines.first().pk], due_on=clock.today(), actor=SYSTEM),
        lambda: merge_drafts(other, drafts=[rest], actor=SYSTEM),
    ):
        with pytest.raises(AppError) as refused:
            call()
        assert refused.value.code == "of_a_quote"
    merged = merge_drafts(rest, drafts=[other], actor=SYSTEM)
    assert (Quote.objects.get().rest_invoice, merged.net_amount) == (merged, D("95"))
