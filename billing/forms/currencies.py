"""In which currencies forms ask for figures."""

from billing.models import Price
from hostbill.core.options import COMPANY_CURRENCY


def currencies_in_use() -> list[str]:
    """Ours first, then those in which anything is sold."""
    used = Price.objects.order_by("currency").values_list("currency", flat=True).distinct()
    return list(dict.fromkeys([str(COMPANY_CURRENCY.value), *used]))
