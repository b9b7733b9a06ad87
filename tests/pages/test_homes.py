"""The composite pages with real business on them: homes of staff and client, the page of a client."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.actions.invoice import NewLine, write_invoice
from billing.models import Invoice
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Change
from support.actions.ticket import open_ticket
from support.models import Department
from tests.billing.factories import active_subscription, make_order, make_product, make_tax_rate
from tests.factories import make_staff

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def browse(client):
    """A browser signed in as somebody."""

    def _browse(user):
        client.force_login(user, backend=BACKEND)
        return client

    return _browse


@pytest.fixture
def business(cast):
    """Alice has a running service, an open invoice, and a question."""
    make_tax_rate()
    subscription = active_subscription(cast.alice_client, make_product(name="Business L"))
    subscription.label = "weaves.example"
    subscription.save()
    order = make_order(cast.alice_client, make_product(name="Scale"))
    department = Department.objects.get_or_create(name="Support")[0]
    ticket = open_ticket(
        actor=cast.alice_actor, client=cast.alice_client, department=department, subject="Is it down?", body="Hello"
    )
    cast.order, cast.subscription, cast.ticket = order, subscription, ticket
    return cast


def text(response):
    """The page, which must be there."""
    assert response.status_code == 200
    return response.content.decode()


def test_client_home_answers_both_questions(business, browse):
    """What do I owe, is it up; with the way to pay and the open question."""
    shown = text(browse(business.alice).get("/account/"))
    assert "Nothing is due before" in shown and "Coming up" in shown
    assert "€11.90" in shown and "/pay/" in shown
    assert "weaves.example" in shown and "Is it down?" in shown


def test_of_many_due_invoices_the_rest_is_named_so_that_the_sum_adds_up(business, browse, monkeypatch):
    """Six lines of many, and one that says what the others come to."""
    first = business.order.invoice
    monkeypatch.setattr(clock, "now", lambda: clock.start_of(first.due_on) + timedelta(hours=9))
    for number in range(7):
        write_invoice(first.account, [NewLine(f"Hours {number}", Decimal(20))], due_on=first.due_on, actor=SYSTEM)
    answer = browse(business.alice).get("/account/")
    due = answer.context["due"]
    assert (len(due.shown_invoices), due.more_invoices) == (6, 2)
    assert due.more_open == sum((row.open for row in due.invoices[7:]), due.invoices[6].open)
    assert "and 2 more" in text(answer)


def test_one_click_pays_what_is_due_and_not_what_comes_later(business, browse, monkeypatch):
    """The order's invoice falls due; a renewal a week later is a choice of its own, on home and in the list."""
    due = business.order.invoice
    monkeypatch.setattr(clock, "now", lambda: clock.start_of(due.due_on) + timedelta(hours=9))
    line = NewLine("Renewal", Decimal(20))
    later = write_invoice(due.account, [line], due_on=due.due_on + timedelta(days=7), actor=SYSTEM)
    page = browse(business.alice)
    shown = page.get("/account/").context
    assert [invoice.pk for invoice in shown["due"].invoices] == [due.pk]
    assert [invoice.pk for invoice in shown["ahead"].invoices] == [later.pk]
    assert str(shown["page_title"]).endswith("One invoice is due today.")
    both = page.get("/account/invoices/").context
    assert [invoice.pk for invoice in both["due_ones"]] == [due.pk] and len(both["open_ones"]) == 2


def test_client_home_shows_only_the_areas_somebody_has(business, browse):
    """Bob answers tickets: no money, no services. Charlie sees nothing of Alice."""
    bob = text(browse(business.bob).get("/account/"))
    assert "Is it down?" in bob
    assert "11.90" not in bob and "/pay/" not in bob and "othing" not in bob
    charlie = text(browse(business.charlie).get("/account/"))
    for secret in ("weaves.example", "Is it down?", "11.90"):
        assert secret not in charlie


def test_staff_home_lists_what_waits(business, browse):
    """A ticket waits; money came in; an overdue invoice shows its age."""
    order = business.order
    shown = text(browse(business.stella).get("/staff/"))
    assert "1 thing waits for a person" in shown and "Is it down?" in shown
    assert order.invoice.number not in shown
    assert "23.80" in shown or "11.90" in shown


def test_staff_home_for_somebody_without_money_rights(business, browse):
    """No sums for support agents who may not see payments."""
    business.stella.roles.clear()
    from_support = make_staff("support-agent")
    role = from_support.roles.get()
    role.permissions = ["support.ticket.view"]
    role.save()
    shown = text(browse(from_support).get("/staff/"))
    assert "Is it down?" in shown
    assert "Money received" not in shown and "Overdue" not in shown


def test_client_page_tells_the_whole_story(business, browse):
    """Services, open invoice, balance, what will happen and what happened."""
    page = f"/staff/clients/{business.alice_client.pk}/"
    shown = text(browse(business.stella).get(page))
    invoice = Invoice.objects.get(state="issued")
    for expected in ("weaves.example", invoice.number, "A question waits for us", "Owes", "Renews"):
        assert expected in shown
    story = browse(business.stella).get(f"{page}story/", headers={"HX-Request": "true"})
    assert "Invoice issued" in text(story) and "Nothing is planned" not in text(story)
    assert Change.objects.filter(client_id=business.alice_client.pk).exists()


def test_client_page_puts_overdue_money_first(business, browse, monkeypatch):
    """Thirty days later the band names the invoice."""
    later = clock.now() + timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    shown = text(browse(business.stella).get(f"/staff/clients/{business.alice_client.pk}/"))
    invoice = Invoice.objects.get(state="issued")
    assert f"Invoice {invoice.number} is unpaid." in shown
    assert "Overdue 23 days" in shown


def test_pages_cost_the_same_for_many_services(business, browse, django_assert_max_num_queries):
    """No query per service or invoice."""
    for number in range(6):
        active_subscription(business.alice_client, make_product(name=f"More {number}"))
    page = browse(business.stella)
    page.get(f"/staff/clients/{business.alice_client.pk}/")
    with django_assert_max_num_queries(45):
        page.get(f"/staff/clients/{business.alice_client.pk}/")
    page = browse(business.alice)
    page.get("/account/")
    with django_assert_max_num_queries(35):
        page.get("/account/")
