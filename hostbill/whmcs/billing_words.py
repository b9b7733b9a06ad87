"""WHMCS's words for invoices, payments, quotes and saved cards."""

from decimal import Decimal

from billing.models import BillableItem, Invoice, Quote, TaxClass
from hostbill.core.models import ModuleConfig
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.words import driver_of, first_gateway, module_words

#: Money that nobody's gateway told us of is booked by hand, as the console does.
BY_HAND = {"banktransfer": "Bank transfer", "mailin": "Mail-in payment"}
INVOICE_STATUS = {
    "draft": "Draft",
    "issued": "Unpaid",
    "paid": "Paid",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "bad_debt": "Cancelled",
}
COLLECTIONS, PENDING, OVERDUE = "Collections", "Payment Pending", "Overdue"
#: States of charges whose outcome may be money without anybody doing more.
UNDER_WAY = ("queued", "unknown", "processing")
STAGES = {
    Quote.State.DRAFT: "Draft",
    Quote.State.DELIVERED: "Delivered",
    Quote.State.EXPIRED: "Delivered",
    Quote.State.ON_HOLD: "On Hold",
    Quote.State.ACCEPTED: "Accepted",
    Quote.State.LOST: "Lost",
    Quote.State.DEAD: "Dead",
}
ITEM_TYPES = {"setup": "Setup", "late_fee": "LateFee", "discount": "PromoHosting", "credit": "Upgrade"}
BILLABLE_ACTIONS = {
    "noinvoice": BillableItem.Action.NOT_YET,
    "nextcron": BillableItem.Action.DUE_DATE,
    "nextinvoice": BillableItem.Action.NEXT_INVOICE,
    "duedate": BillableItem.Action.DUE_DATE,
    "recur": BillableItem.Action.RECURRING,
}
METHOD_TYPES = {"card": "RemoteCreditCard", "sepa_debit": "RemoteBankAccount"}


def status_of(invoice: Invoice, charges=()) -> str:
    """"Unpaid"; of an unpaid one also that it is in collections, or that ``charges`` are under way."""
    if invoice.state == Invoice.State.ISSUED and invoice.collections_at:
        return COLLECTIONS
    if invoice.state == Invoice.State.ISSUED and any(charge.state in UNDER_WAY for charge in charges):
        return PENDING
    return INVOICE_STATUS[invoice.state]


def known_status(text: str) -> str:
    """The word as WHMCS writes it, whatever its case. Refused for an unknown one."""
    words = [*dict.fromkeys(INVOICE_STATUS.values()), COLLECTIONS, PENDING, OVERDUE]
    found = next((word for word in words if word.lower() == text.lower()), None)
    if found is None:
        raise Refused(f"Invalid status {text}")
    return found


def of_status(rows, text: str):
    """The invoices of the queryset that have this status; "Unpaid" are the overdue ones too."""
    word = known_status(text)
    if word == OVERDUE:
        return rows.overdue()
    if word == COLLECTIONS:
        return rows.unpaid().filter(collections_at__isnull=False)
    if word == PENDING:
        return rows.unpaid().filter(pk__in=rows.model.objects.filter(charges__state__in=UNDER_WAY).values("pk"))
    return rows.filter(state__in=[state for state, status in INVOICE_STATUS.items() if status == word])


def stage_of(text: str) -> str:
    """WHMCS's word of a stage, whatever its case. Refused for an unknown one."""
    found = next((word for word in STAGES.values() if word.lower() == text.lower()), None)
    if found is None:
        raise Refused("Invalid Stage")
    return found


def gateway_word(gateway: ModuleConfig | None) -> str:
    """"stripe", "banktransfer"; the latter too for money booked by hand."""
    return module_words(gateway.driver) if gateway else "banktransfer"


def gateway_of(text: str) -> tuple[ModuleConfig | None, str]:
    """(gateway, how it was paid in words) by WHMCS's name; None for what is booked by hand. Refused for one that is not here."""
    driver = driver_of(text)
    word = module_words(driver)
    if word in BY_HAND:
        return None, BY_HAND[word]
    rows = ModuleConfig.objects.filter(kind="gateway", driver=driver).order_by("-is_active", "-is_default", "pk")
    found = rows.first()
    if found is None:
        raise Refused("Invalid Payment Method")
    return found, str(found)


def usual_gateway() -> str:
    """What is offered first; a bank transfer where nothing is set up."""
    return first_gateway()[0] or gateway_word(None)


def percent(value: Decimal) -> str:
    """"19.00", with more decimals where the rate has them."""
    return f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"


def tax_class(is_taxed: bool) -> str:
    """Of a line that is taxed, or not."""
    return TaxClass.STANDARD if is_taxed else TaxClass.ZERO


def is_taxed(tax_class: str) -> int:
    """1 or 0."""
    return int(tax_class != TaxClass.ZERO)
