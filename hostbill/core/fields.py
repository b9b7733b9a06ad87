"""Model fields for money."""

from django.db import models

from hostbill.core.money import Money


class AmountField(models.DecimalField):
    """A Decimal in major units; named ``<noun>_amount``, beside a ``currency`` column on the same row."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)


class MoneyOf:
    """Reads and writes an amount column together with the row's currency: ``total = MoneyOf("total_amount")``."""

    def __init__(self, column: str, currency: str = "currency"):
        self.column = column
        self.currency = currency

    def __get__(self, row, owner=None):
        if row is None:
            return self
        amount = getattr(row, self.column)
        return None if amount is None else Money(amount, getattr(row, self.currency))

    def __set__(self, row, money):
        if money.currency != getattr(row, self.currency):
            raise ValueError(f"{money.currency} into a row in {getattr(row, self.currency)}")
        setattr(row, self.column, money.amount)
