"""What servers say that was used is charged: each reading once, through months, moves and missed nights."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from billing.actions.cancellation import end_subscription
from billing.actions.metric import end_metric
from billing.models import BillableItem, Metric, UsageRecord
from billing.queries.books import verify
from billing.queries.usage import read_metrics
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun
from hostbill.core.timeline import move_clock
from provisioning import jobs
from provisioning.actions.usage import GB, store_usage
from provisioning.models import Service
from provisioning.panels.base import Usage
from tests.billing.factories import make_metric
from tests.provisioning.factories import buy_hosting, make_server


@pytest.fixture
def service(cast, server, product, drain):
    """Alice's account on a WHM server, whose traffic costs 0.50 a GB beyond ten."""
    make_metric(product, source="traffic")
    buy_hosting(cast.alice_client, product)
    drain()
    return Service.objects.get()


def read(service, gigabytes="0", disk="0"):
    """The panel's counter of traffic stands at so many GB."""
    usage = Usage(int(D(disk) * GB), None, int(D(gigabytes) * GB), None)
    metrics = read_metrics()[service.subscription.product_id]
    return store_usage(Service.objects.get(pk=service.pk), usage, on=clock.today(), metrics=metrics)


def recorded():
    return [row.quantity for row in UsageRecord.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("readings", "counted"),
    [
        (["3"], ["3"]),
        (["3", "3"], ["3"]),
        (["3", "4.5"], ["3", "1.5"]),
        (["0", "2"], ["2"]),
        (["9", "1"], ["9", "1"]),  # the panel's next month
        (["9", "0", "1"], ["9", "1"]),
        (["0.00001", "0.00012", "0.00021"], ["0.0001", "0.0001"]),  # what is cut off comes with a later reading
    ],
)
def test_each_reading_adds_what_is_new(service, readings, counted):
    for reading in readings:
        read(service, reading)
    assert recorded() == [D(row) for row in counted]


def test_storage_counts_as_it_stands(cast, server, product, drain):
    metric = make_metric(product, source="storage", kind="max")
    buy_hosting(cast.alice_client, product)
    drain()
    for disk in ("12", "30", "8"):
        read(Service.objects.get(), disk=disk)
    assert recorded() == [D(12), D(30), D(8)]
    assert metric.records.values_list("recorded_by", flat=True).distinct().get() == SYSTEM.label


def test_one_reading_counts_once_however_often_it_is_stored(service):
    """The same answer of the server, stored by two workers."""
    for _count in range(3):
        read(service, "5", disk="1")
    assert recorded() == [D(5)]


def test_what_is_not_served_any_more_is_not_metered(service):
    read(service, "2")
    end_subscription(service.subscription, actor=SYSTEM, reason="test")
    read(service, "4")
    assert recorded() == [D(2)]
    assert Service.objects.get().usage["bandwidth_used"] == 4 * GB


def test_an_ended_metric_is_not_read(service):
    end_metric(service.subscription.product.metrics.get(), actor=SYSTEM)
    read(service, "4")
    assert recorded() == []


def test_a_metric_that_comes_later_counts_from_the_reading_before(cast, server, product, drain):
    buy_hosting(cast.alice_client, product)
    drain()
    service = Service.objects.get()
    read(service, "70")
    make_metric(product, source="traffic")
    read(service, "71.5")
    assert recorded() == [D("1.5")]


def test_an_account_that_was_there_before_us_counts_from_the_first_reading(service):
    Service.objects.update(bears_id=False)
    read(service, "70")
    assert recorded() == []
    read(service, "71.5")
    assert recorded() == [D("1.5")]


def test_what_no_invoice_could_hold_is_refused_and_read_again(service):
    """Nothing of the reading is kept, so the next one counts from the last that was believed."""
    read(service, "2")
    with pytest.raises(AppError) as refusal:
        read(service, "99999999999")
    assert refusal.value.code == "too_much"
    read(service, "3")
    assert recorded() == [D(2), D(1)]


def test_a_counted_month_is_charged_with_the_renewal(service, whm):
    """Each night asks the server; what was read until the month was over waits for the invoice of the next."""
    began = clock.now()

    def follow(moment):
        whm.sandbox.control("whm", "clock", {"now": moment.isoformat()})

    product = service.subscription.product
    make_metric(product, key="disk", name="Storage", source="storage", kind="last", included="0")
    move_clock(began + timedelta(days=35), on_day=follow)
    whm.sandbox.control("whm", "clock", {"now": ""})
    readings = UsageRecord.objects.filter(metric__source="traffic")
    assert readings.count() >= 30 and UsageRecord.objects.filter(metric__source="storage").count() >= 30
    for metric in Metric.objects.all():
        [month] = metric.periods.all()
        assert month.quantity > 0 and month.charged_quantity == max(month.quantity - month.terms.included, D(0))
    storage = BillableItem.objects.get(usage__metric__source="storage")
    last = UsageRecord.objects.filter(metric__source="storage", period__isnull=False).order_by("-occurred_at").first()
    assert (storage.quantity, storage.unit_amount, storage.state) == (last.quantity, D("0.5"), "open")
    assert not verify()


def test_all_servers_at_night(cast, sandbox, group, server, product, drain):
    """Services without a metric are measured as ever, and their products' metrics are looked up once for all."""
    make_server(sandbox, group)
    buy_hosting(cast.alice_client, product)
    buy_hosting(cast.charlie_client, product)
    drain()
    make_metric(product, source="storage", kind="last")
    report = Report(JobRun())
    jobs.sync_usage(clock.now(), report)
    assert report.counts == {"stored": 2} and not report.failures
    assert UsageRecord.objects.count() == 2


@pytest.mark.parametrize(("source", "kind"), [("traffic", "last"), ("traffic", "max"), ("storage", "sum")])
def test_what_cannot_be_counted_so_is_refused(cast, product, source, kind):
    with pytest.raises(AppError) as refusal:
        make_metric(product, source=source, kind=kind)
    assert refusal.value.code == "kind"
    metric = make_metric(product)
    with pytest.raises(IntegrityError), transaction.atomic():
        Metric.objects.filter(pk=metric.pk).update(source=source, kind=kind)
