"""The decimals of currencies, for statements that round."""

from billing.models import Account
from hostbill.core.money import exponent


def digits() -> str:
    """The decimals of a row's column `currency`, as SQL."""
    used = Account.objects.order_by("currency").values_list("currency", flat=True).distinct()
    cases = " ".join(f"WHEN '{currency}' THEN {exponent(currency)}" for currency in used if currency.isalpha())
    return f"CASE currency {cases} ELSE 2 END" if cases else "2"
