"""When a plan is set up (on order, on payment, by staff, never), through the real handlers, outbox and panel."""

import pytest
from django.urls import reverse

from provisioning.models import Service
from tests.billing.factories import pay
from tests.provisioning.factories import make_hosting, order_hosting

pytestmark = pytest.mark.django_db
ONE, NONE = 1, 0


@pytest.mark.parametrize(
    ("setup_on", "ordered", "paid", "accepted"),
    [
        ("order", ONE, ONE, ONE),
        ("payment", NONE, ONE, ONE),
        ("staff", NONE, NONE, ONE),
        ("never", NONE, NONE, NONE),
    ],
)
def test_accounts_on_the_server(cast, client, group, server, whm, drain, setup_on, ordered, paid, accepted):
    order = order_hosting(cast.charlie_client, make_hosting(group, setup_on=setup_on))
    drain()
    assert len(whm.accounts()) == ordered
    pay(order.invoice)
    drain()
    assert len(whm.accounts()) == paid
    client.force_login(cast.stella, backend="django.contrib.auth.backends.ModelBackend")
    client.post(reverse("billing_staff:order_accept", args=[order.pk]))
    drain()
    assert len(whm.accounts()) == accepted
    order.refresh_from_db()
    assert order.state == "accepted"
    assert Service.objects.get().state == ("live" if accepted else "waiting")


def test_accepting_begins_what_waits_for_staff_even_unpaid(cast, client, group, server, whm, drain):
    order = order_hosting(cast.charlie_client, make_hosting(group, setup_on="staff"))
    drain()
    client.force_login(cast.stella, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("billing_staff:order_detail", args=[order.pk]))
    assert reverse("billing_staff:order_accept", args=[order.pk]) in page.content.decode()
    client.post(reverse("billing_staff:order_accept", args=[order.pk]))
    drain()
    assert len(whm.accounts()) == 1 and order.invoice.state == "issued"
