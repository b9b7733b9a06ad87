"""The client's page in the console: its badge tells the truth, its tabs have addresses, its verbs follow the rights."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.actions.account import open_account, park_account
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.suspension import suspend_subscription
from billing.models import CreditMovement, Payment
from clients.models import StaffRole
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Change, Message
from hostbill.core.rules import seed_defaults
from hostbill.pages.client_outlook import what_will_happen
from hostbill.pages.staff_client import TABS
from tests.billing.factories import active_subscription, make_order, make_product, pay, subscription_of
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db
MOST_QUERIES = 45


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def staff(client, cast):
    """Stella's browser."""
    client.force_login(cast.stella)
    return client


def badge(browser, account):
    """Kind and words beside the name."""
    return browser.get(reverse("staff_client", args=[account.pk])).context["badge"]


def test_badge_is_well_only_when_all_is(staff, cast, monkeypatch):
    account = cast.alice_client
    assert badge(staff, account)[0] == "draft"
    order = make_order(account)
    assert badge(staff, account)[0] == "attention"
    pay(order.invoice)
    assert badge(staff, account) == ("ok", "All well")
    make_order(account, make_product(setup_on="order"))
    assert badge(staff, account) == ("pending", "1 invoice to pay")
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert badge(staff, account) == ("failed", "1 invoice overdue")
    suspend_subscription(subscription_of(order), kind="manual", reason="x", actor=SYSTEM)
    assert badge(staff, account)[0] == "paused"
    park_account(open_account(account), actor=SYSTEM, reason="odd")
    assert badge(staff, account) == ("attention", "Automation is stopped")


def test_every_tab_has_its_address_and_its_right(staff, client, cast):
    active_subscription(cast.alice_client)
    for tab in TABS:
        page = staff.get(reverse(tab.route, args=[cast.alice_client.pk]))
        assert page.status_code == 200 and b'id="client-body"' in page.content
        assert [item["current"] for item in page.context["tab_items"]].count(True) == 1
    role = StaffRole.objects.create(code="few", name="Few", permissions=["clients.client.view"])
    client.force_login(make_staff(role.code))
    answers = {tab.route: client.get(reverse(tab.route, args=[cast.alice_client.pk])).status_code for tab in TABS}
    assert {route for route, status in answers.items() if status == 200} == {"staff_client", "staff_client_history"}
    page = client.get(reverse("staff_client", args=[cast.alice_client.pk]))
    assert page.context["verbs"] == {"first": [], "groups": [], "last": None, "closes": True}
    assert not page.context["balance"]


def test_tabs_cost_the_same_for_many(staff, cast, django_assert_max_num_queries):
    for _number in range(2):
        pay(make_order(cast.alice_client).invoice)
        make_order(cast.alice_client)
    for tab in TABS:
        url = reverse(tab.route, args=[cast.alice_client.pk])
        staff.get(url)
        with django_assert_max_num_queries(MOST_QUERIES) as few:
            staff.get(url)
        for _number in range(4):
            pay(make_order(cast.alice_client).invoice)
            make_order(cast.alice_client)
        with django_assert_max_num_queries(len(few) + 6):  # the menu's counters may fall due meanwhile
            staff.get(url)


def test_outlook_follows_the_rules_until_they_acted(cast):
    seed_defaults()
    invoice = make_order(cast.alice_client, make_product(setup_on="order")).invoice
    titles = [moment.title for moment in what_will_happen(cast.alice_client, cast.stella_actor)]
    assert f"Suspend the services: {invoice.number}" in titles and f"End the services: {invoice.number}" in titles
    moments = what_will_happen(cast.alice_client, cast.stella_actor)
    suspends = next(moment for moment in moments if "Suspend" in moment.title)
    invoice.refresh_from_db()
    assert suspends.at == invoice.due_on + timedelta(days=14)
    park_account(open_account(cast.alice_client), actor=SYSTEM, reason="odd")
    cast.alice_client.refresh_from_db()
    assert what_will_happen(cast.alice_client, cast.stella_actor) == []


def test_credit_and_mail_by_hand(staff, cast, drain):
    url = reverse("billing_staff:client_credit", args=[cast.alice_client.pk])
    assert staff.post(url, {"amount": "-5", "note": "x"}).status_code == 422
    staff.post(url, {"amount": "5,50", "note": "for the trouble"})
    assert str(CreditMovement.objects.get().money.amount) == "5.50"
    url = reverse("clients_staff:client_mail", args=[cast.alice_client.pk])
    key = staff.get(url).context["form"]["key"].value()
    for _twice in range(2):
        staff.post(url, {"subject": "Your move", "text": "Done.\n\n<b>Thanks</b>", "key": str(key)})
    drain()
    mail = Message.objects.get(kind="clients.letter")
    assert mail.to_email == cast.alice_client.email and mail.subject == "Your move"
    assert "<b>Thanks</b>" not in mail.html and "Thanks" in mail.html
    assert Change.objects.filter(action="clients.letter_written").count() == 1


def test_verbs_need_their_rights(client, cast):
    client.force_login(make_staff("technician"))
    for name in ("billing_staff:client_credit", "billing_staff:client_charge", "clients_staff:client_mail"):
        assert client.post(reverse(name, args=[cast.alice_client.pk]), {"amount": "5", "note": "mine"}).status_code == 403
    assert not Payment.objects.exists() and not CreditMovement.objects.exists()


def test_counts_are_of_all_and_not_of_what_is_shown(staff, cast):
    """The page shows a dozen; the badge and the card count the thirteenth too."""
    account = open_account(cast.alice_client)
    for _number in range(13):
        write_invoice(account, [NewLine("Work", Decimal(5))], due_on=clock.today() - timedelta(days=1), actor=SYSTEM)
    page = staff.get(reverse("staff_client", args=[cast.alice_client.pk]))
    assert page.context["badge"] == ("failed", "13 invoices overdue")
    assert page.context["unpaid_count"] == 13 and len(page.context["invoices"]) < 13


def test_the_band_names_only_what_is_suspended_for_that_invoice(staff, cast):
    """A service suspended for abuse does not come back by a payment."""
    abused = active_subscription(cast.alice_client)
    suspend_subscription(abused, kind="abuse", reason="spam", actor=SYSTEM)
    lines = [NewLine("Work", Decimal(5))]
    write_invoice(open_account(cast.alice_client), lines, due_on=clock.today() - timedelta(days=1), actor=SYSTEM)
    band = staff.get(reverse("staff_client", args=[cast.alice_client.pk])).context["band"]
    assert "unpaid" in band.title and "resumes" not in band.text


def test_who_may_not_see_money_is_told_nothing_about_it(client, cast):
    make_order(cast.alice_client)
    StaffRole.objects.create(code="few", name="Few", permissions=["clients.client.view"])
    client.force_login(make_staff("few"))
    page = client.get(reverse("staff_client", args=[cast.alice_client.pk]))
    assert page.context["badge"] is None
    for words in ("Nothing is unpaid", "No services", "Nothing is planned"):
        assert words not in page.content.decode()
