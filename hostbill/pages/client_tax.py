"""The tax tab of a client in the console: how sales are taxed now, the VAT number with its proof, signs of the place."""

from billing.models import LocationEvidence, TaxClass, TaxIdCheck
from billing.queries.tax_rules import load_rules, profile_of
from billing.queries.taxing import taxing
from billing.queries.vat_status import status_of

SHOWN = 20


def tax_page(client) -> dict:
    """What the tab shows."""
    tax = taxing(client.currency, client=client, rules=load_rules())
    signs = LocationEvidence.objects.filter(client=client).select_related("order").order_by("-order_id", "id")
    return {
        "profile": profile_of(client),
        "vat": status_of(client),
        "treatments": [(label, tax.of(value)) for value, label in TaxClass.choices],
        "checks": TaxIdCheck.objects.filter(client=client).order_by("-pk")[:SHOWN],
        "signs": signs[:SHOWN],
    }
