"""Money that somebody sent back by hand, as a transaction that went out."""

from decimal import Decimal

from billing.actions.refund import refund_payment, settled_by
from billing.models import Account, Invoice, Payment, Refund
from hostbill.core.access import require
from hostbill.core.money import Money
from hostbill.whmcs.action import Call
from hostbill.whmcs.billing_words import gateway_of
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.values import Values

NOTHING_TO_RETURN = "There is no payment by hand of which this much could have gone back"


def add_money_back(call: Call, account: Account, invoice: Invoice | None) -> dict:
    """Booked as the refund of the latest payment by hand that has so much left: the invoice opens again, or credit goes down."""
    require(call.actor, "billing.payment.refund")
    values = call.values
    gateway_of(values.text("paymentmethod"))
    if values.amount("amountin"):
        raise Refused("Send amountin or amountout, not both")
    money = money_sent(values, "amountout", account.currency)
    if not money.is_positive:
        raise Refused("amountout must be above zero")
    number = values.text("transid")[:255]
    if number and Refund.objects.filter(remote_id=number).exclude(state="failed").exists():
        raise Refused("Transaction ID must be Unique")
    payment = _payment(account, invoice, money)
    reason = values.text("description") or "Refund"
    source = Refund.Source.INVOICE if invoice else Refund.Source.CREDIT
    refund_payment(payment, money=money, source=source, reason=reason, actor=call.actor, reference=number)
    return {}


def _payment(account: Account, invoice: Invoice | None, money: Money) -> Payment:
    rows = Payment.objects.filter(account=account, charge=None).select_related("gateway").order_by("-received_at", "-pk")
    for payment in rows.filter(allocations__invoice=invoice).distinct() if invoice else rows:
        left = dict(settled_by(payment)).get(invoice) if invoice else payment.remaining
        if left is not None and money <= min(left, payment.remaining):
            return payment
    raise Refused(NOTHING_TO_RETURN)


def money_sent(values: Values, name: str, currency: str) -> Money | None:
    """What was sent; nothing for none. Refused where the currency has no such fractions."""
    sent = values.amount(name)
    if sent is None:
        return None
    money = Money(sent, currency)
    if money.amount != sent:
        raise Refused(f"{name} has more decimals than {currency} has")
    if abs(sent) > Decimal(10_000_000_000):
        raise Refused(f"{name} is more than the books can hold")
    return money
