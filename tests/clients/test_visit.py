"""A colleague looks at the client area in a client's place: what it shows, what it never lets through, how it ends."""

import pytest
from django.urls import reverse

from billing.models import PaymentMethod
from billing.queries.pay_link import pay_url
from clients.models import StaffRole
from clients.options import VISIT_NEEDS_REASON
from hostbill.core import clock, modules
from hostbill.core.access import SYSTEM
from hostbill.core.models import Change, ModuleConfig
from hostbill.core.options import set_option
from tests.billing.factories import active_subscription, make_order
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


def visit(browser, client, reason="Cannot find the invoice"):
    """Start looking as the client."""
    return browser.post(reverse("clients_staff:client_visit", args=[client.pk]), {"reason": reason})


@pytest.fixture
def stella(client, cast):
    """Her browser, looking as Alice's account."""
    client.force_login(cast.stella)
    assert visit(client, cast.alice_client).url == reverse("portal_home")
    return client


def test_shows_the_client_area_with_a_band_and_the_console_stays(stella, cast):
    make_order(cast.alice_client)
    home = stella.get("/account/").content.decode()
    assert "You are looking as" in home and cast.alice_client.name in home
    assert stella.get(reverse("billing_portal:invoice_list")).status_code == 200
    assert stella.get(reverse("staff_home")).status_code == 200
    assert "You are looking as" not in stella.get(reverse("clients_staff:client_list")).content.decode()


def test_both_names_stand_in_the_log(stella, cast):
    subscription = active_subscription(cast.alice_client)
    url = reverse("billing_portal:subscription_cancel", args=[subscription.pk])
    stella.post(url, {"when": "end", "reason": "as asked on the phone", "sure": "on"})
    started = Change.objects.get(action="clients.client_area_entered")
    assert (started.actor_label, started.object_id) == (cast.stella.label, cast.alice_client.pk)
    act = Change.objects.get(action="billing.subscription_cancelled")
    assert act.actor_label == f"{cast.stella.label} as {cast.alice_client.name}"
    assert (act.actor_kind, act.actor_id) == ("staff", cast.stella.pk)


def test_stop_ends_it(stella, cast):
    answer = stella.post(reverse("clients_staff:client_visit_end"))
    assert answer.url == cast.alice_client.get_absolute_url()
    assert stella.get("/account/").url == reverse("staff_home")
    assert Change.objects.filter(action="clients.client_area_left").exists()


def test_signing_out_ends_it(stella, cast):
    stella.logout()
    assert stella.get("/account/").status_code == 302
    stella.force_login(cast.stella)
    assert stella.get("/account/").url == reverse("staff_home")


def test_ends_by_itself(stella):
    session = stella.session
    assert 3500 < session["visit"]["until"] - clock.real_now().timestamp() <= 3600
    session["visit"] = session["visit"] | {"until": clock.real_now().timestamp() - 1}
    session.save()
    assert stella.get("/account/").url == reverse("staff_home")


def test_cards_passwords_and_logins_stay_closed(stella, cast):
    gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
    card = PaymentMethod.objects.create(
        client=cast.alice_client, gateway=gateway, remote_id="pm_1", customer_id="cus_1", brand="visa", last4="4242",
        consented_at=clock.now(),
    )  # fmt: skip
    invoice = make_order(cast.alice_client).invoice
    closed = [
        ("get", "clients_portal:profile", []), ("get", "billing_portal:payment_method_add", []),
        ("post", "billing_portal:payment_method_add", []), ("post", "billing_portal:payment_method_remove", [card.pk]),
        ("post", "billing_portal:invoice_pay", [invoice.pk]), ("post", "clients_portal:member_invite", []),
        ("post", "support_portal:ticket_create", []),
    ]  # fmt: skip
    for method, route, args in closed:
        answer = getattr(stella, method)(reverse(route, args=args), {"email": "evil@example.com", "areas": ["billing"]})
        assert answer.status_code == 403, route
    assert "client's alone" in stella.get(reverse("clients_portal:profile")).content.decode()


def test_nothing_is_paid_with_the_client_s_card(stella, cast):
    """The pay page, reached from the visit, knows a stranger: no saved card is offered or taken."""
    bank = {"account_holder": "Nordhost", "iban": "DE02100100100006820101", "bic": "FOERDE21XXX", "bank_name": "F"}
    gateway = modules.store_values(ModuleConfig(kind="gateway", driver="bank_transfer", label="Bank", is_default=True), bank)
    PaymentMethod.objects.create(
        client=cast.alice_client, gateway=gateway, remote_id="pm_1", customer_id="cus_1", brand="visa", last4="4242",
        consented_at=clock.now(),
    )  # fmt: skip
    invoice = make_order(cast.alice_client).invoice
    url = pay_url(invoice)
    assert "4242" not in stella.get(url).content.decode()
    stella.post(url, {"payment_method": PaymentMethod.objects.get().pk})
    assert not invoice.charges.exists()


def test_a_visit_holds_no_more_rights_than_the_colleague(client, cast):
    """Whoever may not cancel in the console may not cancel as the client; whoever sees no invoices sees none here."""
    role = StaffRole.objects.create(
        code="looker", name="Looker", permissions=["clients.client.view", "clients.client.visit", "provisioning.service.view"]
    )
    client.force_login(make_staff(role.code))
    subscription = active_subscription(cast.alice_client)
    visit(client, cast.alice_client)
    url = reverse("billing_portal:subscription_cancel", args=[subscription.pk])
    assert client.post(url, {"when": "now", "reason": "", "sure": "on"}).status_code == 403
    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert client.get(reverse("billing_portal:invoice_list")).status_code == 403


def test_needs_the_right_and_a_reason(client, cast):
    client.force_login(make_staff("technician"))
    assert visit(client, cast.alice_client).status_code == 403
    client.force_login(cast.stella)
    assert visit(client, cast.alice_client, reason="").status_code == 422
    assert client.get("/account/").url == reverse("staff_home")
    set_option(VISIT_NEEDS_REASON, False, SYSTEM)
    assert visit(client, cast.alice_client, reason="").status_code == 302


def test_a_marker_without_the_right_is_worth_nothing(client, cast):
    client.force_login(make_staff("technician"))
    session = client.session
    session["visit"] = {"client_id": cast.alice_client.pk, "until": clock.real_now().timestamp() + 999}
    session.save()
    assert client.get("/account/").url == reverse("staff_home")
