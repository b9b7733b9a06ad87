"""The limit of sales to consumers of other EU states: noted when it is passed, so that it need not be counted again."""

from billing.models import Invoice, TaxYear
from billing.options import OSS, OSS_LIMIT
from billing.queries.tax import EU_CONSUMER
from billing.queries.tax_rules import eu_turnover
from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit


def note_limit(invoice: Invoice) -> None:
    """An invoice was issued; with it the limit of its year may be passed."""
    if invoice.tax_supply != EU_CONSUMER or OSS.value != "limit":
        return
    year = invoice.issued_on.year
    if TaxYear.objects.filter(year=year).exists() or eu_turnover(year)[year] <= OSS_LIMIT.value:
        return
    row, made = TaxYear.objects.get_or_create(year=year, defaults={"passed_on": invoice.issued_on})
    if made:
        audit(SYSTEM, "billing.oss_limit_passed", row)
