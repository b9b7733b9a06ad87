"""Every page of provisioning in each state answers, says what matters, and keeps strangers out."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing.actions.renewal import raise_renewals
from billing.actions.suspension import suspend_subscription
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from provisioning.actions.reconcile import compare_server
from provisioning.jobs import compare_accounts
from provisioning.models import Drift, Operation, Server, ServerGroup, Service, UsageSample
from provisioning.queries.panel import read_accounts
from tests.provisioning.factories import buy_hosting, connection, make_hosting, order_hosting


@pytest.fixture
def online(cast, server, product, drain):
    """Alice's service, online."""
    subscription = buy_hosting(cast.alice_client, product, "weaves.example.com")
    drain()
    return Service.objects.get(subscription=subscription)


@pytest.fixture
def as_alice(client, cast):
    client.force_login(cast.alice)
    return client


@pytest.fixture
def as_stella(client, cast):
    client.force_login(cast.stella)
    return client


def page(browser, route, *args, status=200, **query):
    answer = browser.get(reverse(route, args=args), query)
    assert answer.status_code == status, (route, answer.status_code)
    return answer.content.decode()


def test_client_sees_the_setup_step_by_step(as_alice, cast, server, product, drain, whm):
    """Unpaid, on its way, ready; the same by reload and by the polled part."""
    order = order_hosting(cast.alice_client, product, "weaves.example.com")
    drain()
    service = Service.objects.get(subscription__order_line__order=order)
    waiting = page(as_alice, "provisioning_portal:service_setup", service.pk)
    assert "Waiting for your payment" in waiting and "/pay/" in waiting
    from tests.billing.factories import pay

    whm.fault("createacct", "drop_before")
    pay(order.invoice)
    drain()
    body = page(as_alice, "provisioning_portal:service_setup_progress", service.pk)
    assert "is being set up" in body and "every 1s" in body
    from tests.provisioning.factories import hurry

    hurry()
    drain()
    body = page(as_alice, "provisioning_portal:service_setup_progress", service.pk)
    assert "Your account is ready" in body and "hx-get" not in body
    found = as_alice.get(reverse("provisioning_portal:subscription_setup", args=[service.subscription_id]))
    assert found.url == reverse("provisioning_portal:service_setup", args=[service.pk])


def test_client_page_and_panel_login(as_alice, online):
    """State in words; the login link is made at click time and leaves no referrer."""
    assert "weaves.example.com" in page(as_alice, "provisioning_portal:service_list")
    body = page(as_alice, "provisioning_portal:service_detail", online.pk)
    assert "Open control panel" in body and "Cancel weaves.example.com" in body
    terms = reverse("billing_portal:subscription_detail", args=[online.subscription_id])
    assert f'href="{terms}"' in body  # the only way to plan, options, addons, pauses and handing over
    handing_over = page(as_alice, "billing_portal:subscription_transfer", online.subscription_id)
    assert f'<a href="{terms}">' in handing_over  # says of what
    answer = as_alice.post(reverse("provisioning_portal:service_panel", args=[online.pk]))
    assert answer.status_code == 200 and "cpsess" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer" and answer["Cache-Control"] == "no-store"
    assert as_alice.get(reverse("provisioning_portal:service_panel", args=[online.pk])).status_code == 405


def test_client_gives_up_an_order_that_waits_for_its_payment(as_alice, cast, server, product, drain):
    """Nothing is paid: there is no end to choose, the invoice goes with the order."""
    order = order_hosting(cast.alice_client, product, "weaves.example.com")
    drain()
    service = Service.objects.get(subscription__order_line__order=order)
    cancel = reverse("provisioning_portal:service_cancel", args=[service.pk])
    assert cancel in page(as_alice, "provisioning_portal:service_setup", service.pk)
    assert "At the end of what is paid" not in as_alice.get(cancel).content.decode()
    after = as_alice.post(cancel, {"why": "price", "words": ""})
    drain()
    service.subscription.refresh_from_db(), order.invoice.refresh_from_db()
    assert (service.subscription.state, order.invoice.state) == ("cancelled", "cancelled")
    assert as_alice.get(after.url).status_code == 200


def test_client_cancels_and_takes_it_back(as_alice, online):
    """What will happen is said first."""
    assert "What will happen" in page(as_alice, "provisioning_portal:service_cancel", online.pk)
    values = {"why": "price", "words": "", "when": "end"}
    answer = as_alice.post(reverse("provisioning_portal:service_cancel", args=[online.pk]), values)
    assert answer.status_code == 302
    online.subscription.refresh_from_db()
    assert online.subscription.cancel_at_end and online.subscription.cancel_reason.startswith("Too expensive")
    assert "Keep it" in page(as_alice, "provisioning_portal:service_detail", online.pk)
    as_alice.post(reverse("provisioning_portal:service_keep", args=[online.pk]))
    online.subscription.refresh_from_db()
    assert not online.subscription.cancel_at_end


def test_client_sets_a_password(as_alice, online, drain):
    """Weak ones stay on the page."""
    address = reverse("provisioning_portal:service_password", args=[online.pk])
    assert as_alice.post(address, {"password": "aaaaaaaaaaaa"}).status_code == 422
    assert as_alice.post(address, {"password": "Wolf-Lantern-77"}).status_code == 302
    drain()
    assert Operation.objects.get(verb="set_password").state == "done"


def test_suspended_says_why_and_how_to_mend(client, cast, online, drain, whm):
    """Cause, cure and the chain, on both faces."""
    subscription = online.subscription
    [invoice] = raise_renewals(subscription.account, until=subscription.next_due_on, actor=SYSTEM)
    suspend_subscription(subscription, kind="nonpayment", reason="Unpaid", invoice=invoice, actor=SYSTEM)
    drain()
    online.refresh_from_db()
    assert online.state == "suspended" and whm.accounts()[online.username]["suspended"]
    client.force_login(cast.alice)
    body = page(client, "provisioning_portal:service_detail", online.pk)
    assert f"because invoice {invoice.number}" in body and "and resume" in body and "Open control panel" not in body
    client.force_login(cast.stella)
    body = page(client, "provisioning_staff:service_detail", online.pk)
    assert "Why it is suspended" in body and "Book a payment" in body and "Resume until…" in body


def test_others_see_nothing(client, cast, online):
    """Charlie has another account, Bob no right to services."""
    client.force_login(cast.charlie)
    for route in ("service_detail", "service_setup", "service_cancel", "service_password"):
        page(client, f"provisioning_portal:{route}", online.pk, status=404)
    assert client.post(reverse("provisioning_portal:service_panel", args=[online.pk])).status_code == 404
    page(client, "provisioning_staff:service_detail", online.pk, status=403)
    client.force_login(cast.bob)
    page(client, "provisioning_portal:service_list", status=403)


def test_staff_pages(as_stella, online, server, drain):
    """Lists, details and forms answer, well and in trouble."""
    for day in range(1, 9):
        UsageSample.objects.create(
            service=online, on=clock.today() - timedelta(days=day), disk_used=day * 10**9, disk_limit=10**10, bandwidth_used=day * 10**8
        )
    for route in ("service_list", "operation_list", "server_list", "group_list", "drift_list", "server_create", "group_create"):
        page(as_stella, f"provisioning_staff:{route}")
    body = page(as_stella, "provisioning_staff:service_detail", online.pk)
    assert "Usage, last 30 days" in body and "createacct" in body and "Panel confirmed" in body and "Terminate weaves.example.com" in body
    for route in ("suspend", "plan", "password", "move", "attach", "sync", "terminate", "looked"):
        page(as_stella, f"provisioning_staff:service_{route}", online.pk)
    operation = online.operations.get(verb="create")
    page(as_stella, "provisioning_staff:operation_detail", operation.pk)
    page(as_stella, "provisioning_staff:server_detail", server.pk)
    body = page(as_stella, "provisioning_staff:server_edit", server.pk)
    assert server.module_config.secrets["token"] not in body
    suspend_subscription(online.subscription, kind="manual", reason="Spam", actor=SYSTEM)
    drain()
    assert "Suspended since" in page(as_stella, "provisioning_staff:service_detail", online.pk)


def test_staff_terminate_asks_for_the_name(as_stella, online, drain, whm):
    """Typing something else changes nothing."""
    address = reverse("provisioning_staff:service_terminate", args=[online.pk])
    assert as_stella.post(address, {"reason": "x", "typed": "yes"}).status_code == 422
    drain()
    assert whm.accounts()
    assert as_stella.post(address, {"reason": "x", "typed": "weaves.example.com"}).status_code == 302
    drain()
    online.refresh_from_db()
    assert online.state == "terminated" and not whm.accounts()


def test_staff_add_a_server_and_learn_at_once_whether_it_works(as_stella, group, sandbox, whm):
    """Wrong token: saved and said; right one: tested well, and an empty secret keeps it."""
    values = {f"panel-{key}": value for key, value in connection(sandbox).items() if value is not False}
    facts = {"name": "fra-1", "hostname": "fra-1.example", "group": group.pk, "is_active": "on", "sort": 0, "driver": "cpanel"}
    address = reverse("provisioning_staff:server_create")
    shown = as_stella.get(address).content.decode()
    assert shown.count('data-case="1.2"') == shown.count('data-case="1.3"') == 1  # authority and fingerprint wait for their choice
    wrong = as_stella.post(address, {**facts, **values, "panel-token": "NO"}, follow=True)
    assert "does not let us in" in wrong.content.decode()
    server = Server.objects.get(name="fra-1")
    edit = reverse("provisioning_staff:server_edit", args=[server.pk])
    right = as_stella.post(edit, {**facts, **values, "nameservers": "ns1.example, ns2.example"}, follow=True)
    assert "The panel answers" in right.content.decode()
    as_stella.post(edit, {**facts, **values, "panel-token": ""})
    server.refresh_from_db()
    assert server.health == "well" and server.module_config.secrets["token"] == sandbox.whm.token
    assert as_stella.post(edit, {**facts, **values, "hostname": ""}).status_code == 422


def test_differences_are_found_and_closed(online, server, whm, drain):
    """Deleted by hand in the panel; then there again."""
    accounts = read_accounts(server)
    assert compare_server(server, accounts) == {"accounts": 1}
    assert compare_server(server, []) == {"accounts": 0, "missing": 1}
    compare_server(server, [])
    assert Drift.objects.open().count() == 1
    compare_server(server, accounts)
    assert Drift.objects.open().count() == 0 and compare_accounts


def test_product_form_offers_the_panels_plans(server, group):
    """Asked from the panel."""
    from billing import kinds

    form = kinds.get("hosting").product_form(initial={"server_group": group.pk})
    assert "start" in dict(form.fields["plan"].widget.choices)
    assert make_hosting


def test_the_first_server_brings_its_group(as_stella, db, sandbox):
    """In an empty house the group's name is asked; a wrong form leaves no group behind."""
    ServerGroup.objects.all().delete()
    values = {f"panel-{key}": value for key, value in connection(sandbox).items() if value is not False}
    facts = {"name": "aar-1", "hostname": "aar-1.example", "first_group": "Aarhus", "is_active": "on", "sort": 0, "driver": "cpanel"}
    address = reverse("provisioning_staff:server_create")
    assert as_stella.post(address, {**facts, **values, "hostname": ""}).status_code == 422
    assert not ServerGroup.objects.exists()
    as_stella.post(address, {**facts, **values})
    assert Server.objects.get(name="aar-1").group.name == "Aarhus"
