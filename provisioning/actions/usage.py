"""What a service uses, as the panel measured it."""

from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from django.db import transaction

from billing.actions.account import lock_account
from billing.actions.usage import UsageEvent, record_usage
from billing.models import Metric
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from provisioning.models import Service, UsageSample
from provisioning.panels.base import Usage

GB = 1024**3


def store_usage(service: Service, usage: Usage, *, on: date, metrics: list[Metric] = ()) -> UsageSample:
    """One sample a day; measuring again on the same day replaces it. `metrics`: those of its product that are charged by what the
    panel says; each reading counts once, since the reading before is replaced together with what is recorded."""
    values = {
        "disk_used": usage.disk_used,
        "disk_limit": usage.disk_limit,
        "bandwidth_used": usage.bandwidth_used,
        "bandwidth_limit": usage.bandwidth_limit,
    }
    with transaction.atomic():
        moment = clock.now()
        if metrics:
            _record(service, usage, metrics, moment)
        sample, _created = UsageSample.objects.update_or_create(service=service, on=on, defaults=values)
        Service.objects.filter(pk=service.pk).update(usage=values, usage_at=moment, updated_at=moment)
    return sample


def _record(service: Service, usage: Usage, metrics: list[Metric], moment: datetime) -> None:
    """Under the lock of the account, so that two workers with the same answer cannot both count from the same reading before."""
    lock_account(service.subscription.account)
    service = Service.objects.select_related("subscription").get(pk=service.pk)
    if service.subscription.is_running:
        events = [_event(metric, usage, _read_before(service, usage), moment) for metric in metrics]
        record_usage(service.subscription, [event for event in events if event.quantity], actor=SYSTEM)


def _read_before(service: Service, usage: Usage) -> int:
    """Bytes of traffic at the reading before. Where there is none: nothing for an account that we made; one that was there before us is
    counted from this reading on."""
    first = 0 if service.bears_id else usage.bandwidth_used
    return service.usage.get("bandwidth_used", first) or 0


def _event(metric: Metric, usage: Usage, before: int, moment: datetime) -> UsageEvent:
    """`before`: as of `_read_before`. A panel counts anew with each of its months, another server from nothing."""
    if metric.source == Metric.Source.STORAGE:
        bytes_, quantity = usage.disk_used, gigabytes(usage.disk_used)
    else:
        bytes_ = usage.bandwidth_used
        quantity = gigabytes(bytes_) - (gigabytes(before) if bytes_ >= before else 0)
    return UsageEvent(f"panel:{metric.key}:{moment:%Y%m%dT%H%M%S.%f}:{bytes_}", metric, quantity, moment)


def gigabytes(bytes_: int | None) -> Decimal:
    """Four decimals, cut off, so that readings which follow each other add up without drifting."""
    return (Decimal(bytes_ or 0) / GB).quantize(Decimal("0.0001"), ROUND_DOWN)
