"""Use cases of tax rates. A rate that was used stays on its invoices; a new one is a new row with its own first day."""

from django.db import transaction

from billing.models import TaxRate
from hostbill.core.audit import audit


def create_tax_rate(*, actor, **fields) -> TaxRate:
    """A rate in force from its first day on."""
    with transaction.atomic():
        rate = TaxRate.objects.create(**fields)
        audit(actor, "billing.tax_rate_created", rate)
    return rate


def update_tax_rate(rate: TaxRate, *, actor, **fields) -> TaxRate:
    """Correct a rate; invoices issued before keep what they say."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(rate, name, value)
        rate.save()
        audit(actor, "billing.tax_rate_changed", rate)
    return rate
