"""Billing's pages in the client area: the right person sees them, others find nothing, and what they do."""

import pytest
from django.urls import reverse

from billing.models import MethodSetup, PaymentMethod
from billing.queries.pay_link import invoices_of_token
from hostbill.core import clock
from hostbill.core.models import ModuleConfig
from tests.billing.factories import active_subscription, make_order
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
