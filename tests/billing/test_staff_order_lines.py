"""An order by staff with several products, and one whose invoice is left as a draft."""

import uuid
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from billing.actions.draft import delete_draft, issue_draft, lines_of, update_draft
from billing.actions.invoice import NewLine
from billing.actions.order import cancel_order
from billing.actions.order_terms import Terms, check_terms
from billing.models import Cart, Invoice, Order, Subscription
from clients.models import StaffRole
from clients.queries.actor import actor_of
from hostbill.core import clock
from hostbill.core.errors import AppError
from tests.billing.factories import make_product, make_tax_rate, pay
from tests.billing.test_staff_order import send
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


@pytest.fixture
def drafted(staff, cast):
    """An order of two products whose invoice is a draft."""
    send(staff, cast.alice_client, make_product(), make_product(), invoice="draft")
    return Order.objects.get()


def test_several_products_are_one_order_and_one_invoice(staff, cast):
    make_tax_rate()
    cheap, dear = make_product(), make_product()
    lines = [
        {"product": cheap.pk, "quantity": 2},
        {"product": dear.pk, "amount": "5", "setup": "1"},
    ]
    send(staff, cast.alice_client, lines=lines, reason="Moves with two sites")
    order = Order.objects.get()
    assert [line.product for line in order.lines.all()] == [cheap, dear]
    assert order.invoice.net_amount == D("26.00") and order.total_amount == order.invoice.total_amount
    assert [row.price_amount for row in Subscription.objects.order_by("pk")] == [D(10), D(5)]
    assert len(order.snapshot["terms"]["list_prices"]) == 1


def test_what_is_wrong_with_a_line_stands_at_that_line_and_nothing_is_stored(staff, cast):
    gone = make_product(stock=1)
    answer = send(staff, cast.alice_client, lines=[{"product": make_product().pk}, {"product": gone.pk, "quantity": 2}])
    assert answer.status_code == 422
    first, second = answer.context["lines"].forms
    assert not first.errors and "quantity" in second.errors
    assert not Order.objects.exists() and not Cart.objects.exists()


def test_lines_come_go_and_move_with_all_they_hold(staff, cast):
    one, two = make_product(), make_product()
    lines = [{"product": one.pk, "amount": "3", "ask-domain": "a.example"}, {"product": two.pk}]
    page = send(staff, cast.alice_client, lines=lines, verb="down-0")
    data = page.context["lines"].data
    assert (data["lines-1-product"], data["lines-1-amount"]) == (str(one.pk), "3")
    assert data["lines-1-ask-domain"] == "a.example" and "lines-0-ask-domain" not in data
    assert send(staff, cast.alice_client, lines=lines, verb="more").context["lines"].total_form_count() == 3
    assert send(staff, cast.alice_client, lines=lines, verb="remove-0").context["lines"].total_form_count() == 1
    assert not Order.objects.exists()


def test_a_new_client_leads_back_to_the_order(staff, cast):
    page = staff.get(reverse("billing_staff:order_create"))
    url = page.context["new_url"]
    assert url in page.content.decode().replace("&amp;", "&")
    data = {"company": "Ofen & Brot", "email": "hallo@ofen.example", "country": "DE", "language": "de", "currency": "EUR"}
    answer = staff.post(url, data)
    assert answer.url.startswith(reverse("billing_staff:order_create") + "?client=")
    away = staff.post(url.split("?")[0] + "?then=//evil.example/staff/", data | {"email": "b@ofen.example"})
    assert "evil" not in away.url


def test_a_draft_is_issued_by_hand_and_its_payment_begins_the_order(drafted, cast, drain):
    invoice = drafted.invoice
    assert (invoice.state, invoice.number, invoice.total_amount) == ("draft", None, D(20))
    lines = [line if index else NewLine("Nur dieses Mal", D(7), origin=line.origin) for index, line in enumerate(lines_of(invoice))]
    update_draft(invoice, [*lines, NewLine("Umzug", D(3))], due_on=clock.today(), actor=cast.stella_actor)
    issued = issue_draft(invoice, actor=cast.stella_actor)
    assert issued.net_amount == D(20)
    pay(issued)
    assert {row.state for row in Subscription.objects.all()} == {"active"}
    assert {row.price_amount for row in Subscription.objects.all()} == {D(10)}, "a renewal costs what was ordered"
    drafted.refresh_from_db()
    assert drafted.state == "accepted"


def test_an_ordered_line_is_not_lost_from_a_draft(drafted, cast):
    with pytest.raises(AppError) as refused:
        update_draft(drafted.invoice, [NewLine("Other", D(1))], due_on=clock.today(), actor=cast.stella_actor)
    assert refused.value.code == "ordered_line"
    with pytest.raises(AppError) as refused:
        delete_draft(drafted.invoice, actor=cast.stella_actor)
    assert refused.value.code == "of_an_order"


def test_the_editor_keeps_what_was_ordered_however_often_it_saves(drafted, staff):
    url = reverse("billing_staff:invoice_edit", args=[drafted.invoice_id])
    for _twice in range(2):
        page = staff.get(url)
        lines = page.context["lines"]
        data = {"verb": "save", "due_on": clock.today().isoformat(), "lines-TOTAL_FORMS": 3, "lines-INITIAL_FORMS": 2}
        for index, form in enumerate(lines.forms[:2]):
            data |= {f"lines-{index}-{name}": value for name, value in form.initial.items()}
        data |= {"lines-2-quantity": 1, "lines-2-tax_class": "standard"}
        assert staff.post(url, data).status_code == 302
    assert drafted.invoice.lines.filter(subscription__isnull=False, period_end__isnull=False).count() == 2


def test_cancelling_takes_what_waits_off_the_draft(drafted, cast):
    cancel_order(drafted, actor=cast.stella_actor, reason="changed their mind")
    drafted.refresh_from_db()
    assert drafted.state == "cancelled" and drafted.invoice is None
    assert not Invoice.objects.exists()


def test_beginning_unpaid_and_drafts_need_their_rights(cast):
    for terms, needed in ((Terms(begin_now=True), "billing.order.begin"), (Terms(invoice="draft"), "billing.invoice.create")):
        few = staff_with("billing.order.create")
        with pytest.raises(PermissionDenied):
            check_terms(terms, actor_of(few))
        check_terms(terms, actor_of(staff_with("billing.order.create", needed)))


def staff_with(*permissions):
    """Somebody of a role with these rights."""
    code = f"few-{uuid.uuid4().hex[:6]}"
    StaffRole.objects.create(code=code, name=code, permissions=list(permissions))
    return make_staff(code)
