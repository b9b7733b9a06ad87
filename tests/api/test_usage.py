"""Metered use from the console and programs to the invoice: a metric is set, events are recorded, the clock moves, the line is there."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.jobs import close_months_of_use, raise_renewal_invoices
from billing.models import InvoiceLine, UsageRecord
from hostbill.core import clock
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from tests.api.test_reading import program_with

assert reverse("api:entrance")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]


def event(world, **values):
    base = {"subscription": world.objects["subscription"].pk, "metric": "mail_gb", "event_id": "a", "quantity": "12.5",
            "occurred_at": clock.now().isoformat()}  # fmt: skip
    return base | values


@pytest.fixture
def metric(world, stella):
    body = {"product": world.objects["product"].pk, "name": "Mail", "key": "mail_gb", "unit": "GB", "kind": "sum", "included": "10",
            "model": "graduated", "tiers": [{"begins": "0", "prices": {"EUR": "0.50"}}]}  # fmt: skip
    made = stella.post("metrics/", body)
    assert made.status_code == 201, made.content
    return made.json()


def test_events_are_recorded_once(world, stella, metric):
    events = [event(world), event(world, event_id="b", quantity="1")]
    first = stella.post("usage-records/record/", {"events": events})
    assert first.status_code == 200 and first.json() == {"recorded": 2, "known": 0}, first.content
    assert stella.post("usage-records/record/", {"events": events}).json() == {"recorded": 0, "known": 2}
    changed = stella.post("usage-records/record/", {"events": [event(world, event_id="c"), events[0] | {"quantity": "9"}]})
    assert changed.status_code == 422 and changed.json()["code"] == "event_conflict"
    assert UsageRecord.objects.filter(metric_id=metric["id"]).count() == 2, "all or none"
    [now] = [row for row in stella.get(f"subscriptions/{events[0]['subscription']}/").json()["usage"] if row["metric"] == "mail_gb"]
    assert (now["quantity"], now["net"]["amount"]) == ("13.5", "1.75")
    assert stella.get(f"usage-records/?metric={metric['id']}").json()["data"][0]["quantity"]


def test_what_is_wrong_stands_under_its_place(world, stella, metric):
    later = (clock.now() + timedelta(days=2)).isoformat()
    wrong = [event(world, metric="nonsense"), event(world, quantity=1.5), event(world, subscription=10**9), event(world, occurred_at="x")]
    found = stella.post("usage-records/record/", {"events": wrong})
    assert found.status_code == 422
    assert set(found.json()["errors"]) >= {"events.0.metric", "events.1.quantity", "events.2.subscription", "events.3.occurred_at"}
    for body, code in ((event(world, quantity="-1"), "no_reason"), (event(world, occurred_at=later), "future")):
        assert stella.post("usage-records/record/", {"events": [body]}).json()["code"] == code
    assert not UsageRecord.objects.filter(metric_id=metric["id"]).exists()


def test_looking_is_not_recording(world, metric):
    reader = program_with("billing.usage.view", "billing.subscription.view")
    assert reader.post("usage-records/record/", {"events": [event(world)]}).status_code in (403, 404)
    assert not UsageRecord.objects.filter(metric_id=metric["id"]).exists()


@pytest.mark.parametrize(
    ("change", "place"),
    [({"tiers": [{"begins": "5", "prices": {"EUR": "1"}}]}, "tiers"),
     ({"tiers": [{"begins": "0", "prices": {"EUR": "-1"}}]}, "tiers.0.prices"),
     ({"tiers": [{"begins": "0", "prices": {"EUR": 0.5}}]}, "tiers.0.prices"),
     ({"tiers": [{"begins": "0", "prices": {"EUR": "1"}}, {"begins": "9", "prices": {"USD": "1"}}]}, "tiers"),
     ({"included": "-1"}, "included"), ({"key": "Not a key"}, "key"),
     ({"source": "traffic", "kind": "max"}, "kind"), ({"source": "storage"}, "kind"), ({"source": "elsewhere"}, "source")],
)  # fmt: skip
def test_prices_that_cannot_be(stella, metric, change, place):
    found = stella.patch(metric["url"], change)
    assert found.status_code == 422 and list(found.json()["errors"]) == [place], found.content
    assert stella.get(metric["url"]).json()["terms"] == metric["terms"]


def test_from_the_console_to_the_invoice(world, stella, client, monkeypatch):
    client.force_login(world.cast.stella)
    product, subscription = world.objects["product"], world.objects["subscription"]
    world.objects["change"].delete()
    page = reverse("billing_staff:metric_create")
    values = {"product": product.pk, "name": "Mail", "key": "mail_gb", "unit": "GB", "kind": "sum", "included": "10", "model": "graduated"}
    wrong = client.post(page, values | {"prices": "0: free"})
    assert wrong.status_code == 422 and b"Not understood" in wrong.content
    assert client.post(page, values | {"prices": "0: 0.50 EUR\n100: 0.0125 EUR"}).status_code == 302
    assert client.get(reverse("billing_staff:product_edit", args=[product.pk])).content.count(b">Mail</bdi>") == 1
    assert stella.post("usage-records/record/", {"events": [event(world, quantity="15")]}).json()["recorded"] == 1

    usage = reverse("billing_staff:subscription_usage", args=[subscription.pk])
    made = product.metrics.get(key="mail_gb")
    assert client.post(usage, {"metric": made.pk, "quantity": "-2.5"}).status_code == 422
    assert client.post(usage, {"metric": made.pk, "quantity": "-2.5", "reason": "Counted twice"}).status_code == 302
    shown = client.get(subscription.get_absolute_url()).content.decode()
    assert "12.5 GB" in shown and "1.25" in shown and "so far" in shown

    client.force_login(world.people["alice"])
    own = client.get(reverse("billing_portal:subscription_detail", args=[subscription.pk])).content.decode()
    assert "12.5 GB of 10 GB included" in own and "1.25, before tax" in own

    later = clock.now() + timedelta(days=45)
    monkeypatch.setattr(clock, "now", lambda: later)
    for job in (close_months_of_use, raise_renewal_invoices):
        report = Report(JobRun(name="test", slot=later))
        job(later, report)
        assert not report.failures
    monkeypatch.undo()
    line = InvoiceLine.objects.get(kind="usage", subscription=subscription, description__startswith="Mail")
    assert (line.quantity, line.net_amount) == (D("2.5"), D("1.25"))
    client.force_login(world.cast.stella)
    shown = client.get(subscription.get_absolute_url()).content.decode()
    assert str(line.invoice) in shown and "12.5 GB" in shown
