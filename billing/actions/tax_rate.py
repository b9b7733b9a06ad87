"""Use cases of tax rates. A rate that was used stays on its invoices; a new one is a new row with its own first day."""

from decimal import Decimal

from django.db import transaction

from billing.models import TaxClass, TaxRate
from billing.queries.vat_area import RATES
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


def add_eu_rates(*, actor) -> list[TaxRate]:
    """The standard rate of each EU state that has no row of its own yet, in force from its first day. Returns those made."""
    with transaction.atomic():
        known = set(TaxRate.objects.filter(tax_class=TaxClass.STANDARD).values_list("country", flat=True))
        rows = [
            TaxRate(country=country, name="VAT", percent=Decimal(percent), valid_from=since)
            for country, (percent, since) in sorted(RATES.items())
            if country not in known
        ]
        TaxRate.objects.bulk_create(rows)
        if rows:
            audit(actor, "billing.tax_rates_added", changes={"countries": ["", " ".join(row.country for row in rows)]})
    return rows
