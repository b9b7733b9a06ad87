"""A line of an invoice before it is written: what prices are worked out to, before tax."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .cycle import Period
from .invoice import InvoiceLine
from .subscription import Subscription


@dataclass(frozen=True)
class NewLine:
    """A line to be invoiced. `unit_amount` is net and may have more decimals than the currency; the line net is
    rounded once. `period` is half-open; a one-off line of a subscription gives its first day only (`starts_on`).
    `part` tells lines of one subscription, period and kind apart: "" is the price itself, "option:7" a configurable option's.
    `gross_amount` is set where the price includes tax: what the whole line costs with the tax charged at home; its net follows
    from the tax, and `unit_amount` is not looked at.
    `choice`: id of what was chosen of an option, for discounts. `origin` is the `InvoiceLine.origin` of the draft's line that it
    takes the place of. `taxed_as`: an issued line that this one gives back in part, taxed as that one was. `is_released`: it holds
    no period any more."""

    description: str
    unit_amount: Decimal
    quantity: Decimal = Decimal(1)
    kind: str = InvoiceLine.Kind.MANUAL
    tax_class: str = "standard"
    revenue_code: str = "manual"
    subscription: Subscription | None = None
    period: Period | None = None
    starts_on: date | None = None
    part: str = ""
    gross_amount: Decimal | None = None
    origin: str = ""
    choice: int | None = None
    taxed_as: InvoiceLine | None = None
    is_released: bool = False
