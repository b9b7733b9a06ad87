"""What a service uses, as the panel measured it."""

from django.db import transaction

from hostbill.core import clock
from provisioning.models import Service, UsageSample
from provisioning.panels.base import Usage


def store_usage(service: Service, usage: Usage, *, on) -> UsageSample:
    """One sample a day; measuring again on the same day replaces it."""
    values = {
        "disk_used": usage.disk_used,
        "disk_limit": usage.disk_limit,
        "bandwidth_used": usage.bandwidth_used,
        "bandwidth_limit": usage.bandwidth_limit,
    }
    with transaction.atomic():
        sample, _created = UsageSample.objects.update_or_create(service=service, on=on, defaults=values)
        Service.objects.filter(pk=service.pk).update(usage=values, usage_at=clock.now(), updated_at=clock.now())
    return sample
