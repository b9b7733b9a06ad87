"""Billing's pages in the client area: the right person sees them, others find nothing, and what they do."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.actions.account import open_account, set_auto_charge
from billing.actions.invoice import NewLine, write_invoice
from billing.models import Charge, MethodSetup, PaymentMethod, Stay
from billing.queries.pay_link import invoices_of_token
from billing.queries.shown_price import PriceTag, ShownPrice
from billing.views import statement_page as statement
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import ModuleConfig
from hostbill.core.money import Money
from tests.billing.factories import active_subscription, make_order, make_tax_rate, pay
from tests.factories import make_cast

pytestmark = pytest.mark.django_db
LISTS = ["invoice_list", "payment_method_list", "payment_method_add"]


@pytest.fixture
def cast(db):
    """All four people: pages need logins."""
    return make_cast()


@pytest.fixture
def alice(client, cast):
    """Alice's browser."""
    client.force_login(cast.alice)
    return client


def url(name, *args):
    """An address of billing in the client area."""
    return reverse(f"billing_portal:{name}", args=args)


def card(client, **fields):
    """A saved card."""
    gateway, _made = ModuleConfig.objects.get_or_create(kind="gateway", driver="stripe", label="Card")
    number = PaymentMethod.objects.count()
    fields = {
        "remote_id": f"pm_{number}",
        "brand": "visa",
        "last4": "4242",
        "expires_year": 2034,
        "expires_month": 9,
        **fields,
    }
    return PaymentMethod.objects.create(client=client, gateway=gateway, consented_at=clock.now(), **fields)


@pytest.mark.parametrize("name", LISTS)
def test_lists_open_for_the_billing_area_only(name, client, cast):
    for user, status in ((cast.alice, 200), (cast.bob, 403)):
        client.force_login(user)
        assert client.get(url(name)).status_code == status
    client.logout()
    assert client.get(url(name)).status_code == 302


def test_own_pages_open_and_foreign_ones_do_not_exist(client, cast):
    subscription = active_subscription(cast.alice_client)
    invoice, method = make_order(cast.alice_client).invoice, card(cast.alice_client)
    pages = [("invoice_detail", invoice), ("invoice_pdf", invoice), ("payment_method_remove", method),
             ("subscription_detail", subscription), ("subscription_cancel", subscription)]  # fmt: skip
    client.force_login(cast.alice)
    for name, obj in pages:
        assert client.get(url(name, obj.pk)).status_code == 200, name
    assert client.get(url("invoice_pay", invoice.pk)).status_code == 302
    client.force_login(cast.charlie)
    for name, obj in [*pages, ("invoice_pay", invoice)]:
        assert client.get(url(name, obj.pk)).status_code == 404, name
    assert client.post(url("payment_method_remove", method.pk)).status_code == 404
    assert client.post(url("subscription_cancel", subscription.pk), {"when": "now", "sure": "on"}).status_code == 404
    method.refresh_from_db()
    assert method.removed_at is None


def test_list_shows_own_invoices_with_their_pay_button(alice, cast):
    mine, other = make_order(cast.alice_client).invoice, make_order(cast.charlie_client).invoice
    text = alice.get(url("invoice_list")).content.decode()
    assert mine.number in text and other.number not in text
    assert url("invoice_pay", mine.pk) in text


def test_pay_leads_to_the_pay_page_of_this_invoice(alice, cast):
    invoice = make_order(cast.alice_client).invoice
    target = alice.get(url("invoice_pay", invoice.pk))["Location"]
    assert invoices_of_token(target.rstrip("/").rpartition("/")[2]) == [invoice]


def test_pdf_is_a_pdf(alice, cast):
    answer = alice.get(url("invoice_pdf", make_order(cast.alice_client).invoice.pk))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")


def test_card_becomes_default_and_is_removed(alice, cast):
    old, new = card(cast.alice_client, is_default=True), card(cast.alice_client, last4="1111")
    alice.post(url("payment_method_default", new.pk))
    new.refresh_from_db()
    assert new.is_default
    alice.post(url("payment_method_remove", new.pk))
    assert list(PaymentMethod.objects.usable().filter(is_default=True)) == [old]
    assert alice.get(url("payment_method_remove", new.pk)).status_code == 404


def test_no_card_is_asked_for_without_consent(alice):
    ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card", config={"publishable_key": "pk_x"})
    assert alice.post(url("payment_method_add"), {}).status_code == 422
    assert not MethodSetup.objects.exists()


def test_cancelling_needs_a_yes_and_can_be_taken_back(alice, cast):
    subscription = active_subscription(cast.alice_client)
    assert alice.post(url("subscription_cancel", subscription.pk), {"when": "end"}).status_code == 422
    assert alice.post(url("subscription_cancel", subscription.pk), {"when": "end", "sure": "on"}).status_code == 302
    subscription.refresh_from_db()
    assert subscription.cancel_at_end and subscription.state == "active"
    alice.post(url("subscription_keep", subscription.pk))
    subscription.refresh_from_db()
    assert not subscription.cancel_at_end


def test_automatic_payment_is_the_clients_choice(alice, cast):
    alice.post(url("auto_charge"), {"auto_charge": "0"})
    cast.alice_client.refresh_from_db()
    assert not cast.alice_client.billing_account.auto_charge


def several(client):
    """Two open invoices and a saved card of a client."""
    invoices = [make_order(client).invoice, make_order(client).invoice]
    return invoices, card(client, is_default=True)


def pay_form(invoices, method=None, amount=None):
    """What the button sends."""
    fields = {"invoice": [invoice.pk for invoice in invoices]}
    if method:
        fields |= {"method": method.pk, "amount": str(amount or sum(invoice.open_amount for invoice in invoices))}
    return fields


def test_one_click_charges_the_card_for_all_once(alice, cast):
    invoices, method = several(cast.alice_client)
    for _click in range(2):
        answer = alice.post(url("invoice_pay_several"), pay_form(invoices, method))
        assert answer.status_code == 302 and answer["Location"].endswith("/return/")
    charge = Charge.objects.get()
    assert set(charge.invoices.all()) == set(invoices) and charge.payment_method == method


@pytest.mark.parametrize("amount", ["0.01", "9999", "", "-5", "NaN"])
def test_a_sum_that_is_not_what_is_open_charges_nothing(alice, cast, amount):
    invoices, method = several(cast.alice_client)
    answer = alice.post(url("invoice_pay_several"), pay_form(invoices, method) | {"amount": amount})
    assert invoices_of_token(answer["Location"].rstrip("/").rpartition("/")[2]) == invoices
    assert not Charge.objects.exists()


def test_nothing_of_others_gets_into_a_payment(client, cast):
    """Somebody else's invoice or card among one's own, a colleague without the billing area, a stranger."""
    (mine, method), (foreign, stolen) = several(cast.alice_client), several(cast.charlie_client)
    address = url("invoice_pay_several")
    client.force_login(cast.alice)
    for fields in (pay_form([mine[0], foreign[0]], method), pay_form(mine, stolen), pay_form(foreign, method)):
        assert client.post(address, fields).status_code == 404
    for wild in ("abc", "-1", "9" * 40, "1 OR 1=1"):
        assert client.post(address, {"invoice": mine[0].pk, "method": wild}).status_code == 404
        assert client.post(address, {"invoice": wild}).status_code in (302, 404)
    assert client.get(address).status_code == 405
    client.force_login(cast.bob)
    assert client.post(address, pay_form(mine, method)).status_code == 403
    assert client.get(url("statement")).status_code == 403
    assert client.get(url("invoice_more_days", mine[0].pk)).status_code == 403
    client.force_login(cast.charlie)
    assert client.get(url("invoice_more_days", mine[0].pk)).status_code == 404
    client.logout()
    assert client.post(address, pay_form(mine, method)).status_code == 302
    assert not Charge.objects.exists()


def test_what_was_paid_meanwhile_is_left_out(alice, cast):
    invoices, _method = several(cast.alice_client)
    pay(invoices[0])
    answer = alice.post(url("invoice_pay_several"), pay_form(invoices))
    assert invoices_of_token(answer["Location"].rstrip("/").rpartition("/")[2]) == [invoices[1]]
    pay(invoices[1])
    assert alice.post(url("invoice_pay_several"), pay_form(invoices))["Location"] == url("invoice_list")


def test_chosen_rows_of_the_list_are_paid_together(alice, cast):
    invoices, _method = several(cast.alice_client)
    foreign = make_order(cast.charlie_client).invoice
    ids = [invoice.pk for invoice in (*invoices, foreign)]
    answer = alice.post(url("invoice_list"), {"do": "bulk", "bulk": "pay", "ids": ids})
    assert invoices_of_token(answer["Location"].rstrip("/").rpartition("/")[2]) == invoices


def test_more_days_are_given_once(alice, cast):
    invoice = make_order(cast.alice_client).invoice
    address = url("invoice_more_days", invoice.pk)
    assert "not overdue" in alice.get(address).content.decode()
    clock.move_to(clock.start_of(invoice.due_on + timedelta(days=3)))
    assert alice.post(address, {"days": "8"}).status_code == 422
    assert alice.post(address, {"days": "5"}).status_code == 302
    assert alice.post(address, {"days": "5"}).status_code == 422
    assert Stay.objects.get().until == clock.today() + timedelta(days=5)
    assert "You have more days" in alice.get(url("invoice_detail", invoice.pk)).content.decode()


def test_a_person_reads_prices_with_tax_a_company_without(cast):
    make_tax_rate()
    subscription, client = active_subscription(cast.alice_client), cast.alice_client
    client.company, client.tax_id = "", ""
    assert PriceTag(client).of(subscription) == ShownPrice(Money(D("11.90"), "EUR"), "incl. VAT")
    client.company = "Weaves"
    assert PriceTag(client).of(subscription) == ShownPrice(Money(D("10"), "EUR"), "plus VAT")


@pytest.mark.parametrize("name", ["invoice_list", "statement"])
def test_many_invoices_cost_as_many_queries_as_few(alice, cast, name, django_assert_max_num_queries):
    several(cast.alice_client)
    alice.get(url(name))
    with CaptureQueriesContext(connection) as few:
        alice.get(url(name))
    for _number in range(8):
        make_order(cast.alice_client)
    with django_assert_max_num_queries(len(few)):
        alice.get(url(name))


def test_a_year_with_very_many_movements_comes_in_pages_that_add_up(alice, cast, monkeypatch):
    monkeypatch.setattr(statement, "AT_ONCE", 2)
    for number in range(3):
        line = NewLine("x", D(10 + number))
        write_invoice(open_account(cast.alice_client), [line], due_on=clock.today(), actor=SYSTEM)
    first, second = (alice.get(url("statement"), {"page": page}).context["statement"] for page in (1, 2))
    assert (len(first.lines), len(second.lines)) == (2, 1)
    assert first.closing == second.opening == first.lines[-1].balance and second.closing.amount == 33
    assert len(alice.get(url("statement"), {"page": "nonsense"}).context["statement"].lines) == 2


def test_a_card_that_will_be_charged_at_once_is_not_promised_peace(alice, cast):
    """Automatic payment is on and something is due: the page says what is charged as soon as the card is kept."""
    assert b"Nothing is charged now" in alice.get(url("payment_method_add")).content
    account = open_account(cast.alice_client)
    for _number in range(2):
        write_invoice(account, [NewLine("x", D(30))], due_on=clock.today(), actor=SYSTEM)
    page = alice.get(url("payment_method_add"))
    assert b"60.00 is due: it is charged to this card" in page.content
    assert "60.00 that is due is charged to it at once." in page.context["form"].fields["agreed"].label
    set_auto_charge(account, auto_charge=False, actor=SYSTEM)
    assert b"Nothing is charged now" in alice.get(url("payment_method_add")).content
