"""Money as Stripe counts it (docs.stripe.com/currencies)."""

from decimal import ROUND_CEILING, Decimal

from hostbill.core.money import Money

ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
#: Sent as thousandths; the last digit must be 0.
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())
#: Without decimals in the world, with two at Stripe, which must be 00.
PADDED = frozenset({"ISK", "UGX"})


def digits(currency: str) -> int:
    """Decimals of Stripe's integer amounts in this currency."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def _step(currency: str) -> int:
    return 10 if currency in THREE_DECIMAL else 100 if currency in PADDED else 1


def next_payable(money: Money) -> Money:
    """The same or the next larger amount that Stripe can take: 11.055 KWD becomes 11.060. Stripe leaves the rounding to us;
    upwards, because a rest of some thousandths would leave the invoice unpaid. What is above it becomes the client's credit."""
    scale = digits(money.currency)
    step = Decimal(_step(money.currency)).scaleb(-scale)
    return Money((money.amount / step).to_integral_value(ROUND_CEILING) * step, money.currency)


def to_stripe(money: Money) -> int:
    """The integer Stripe wants. Raises ValueError for an amount Stripe cannot take (5.001 KWD, 10.50 ISK)."""
    scaled = money.amount.scaleb(digits(money.currency))
    units = int(scaled)
    if units != scaled or units % _step(money.currency):
        raise ValueError(f"Stripe cannot take {money}")
    return units


def from_stripe(units: int, currency: str) -> Money:
    """Our money from Stripe's integer and lower-case currency."""
    currency = currency.upper()
    return Money(Decimal(units).scaleb(-digits(currency)), currency)
