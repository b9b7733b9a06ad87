"""`stats` of GetClientsDetails: what a client owes, paid and has. As far as the caller may see each."""

from decimal import Decimal

from django.db.models import Count, Sum

from billing.models import Account, Invoice, Payment, Quote, Refund, Subscription
from clients.models import Client
from hostbill.whmcs.answers import money
from hostbill.whmcs.currencies import prefix, suffix
from support.models import Ticket

NOTHING = (0, Decimal(0), Decimal(0))
#: WHMCS's names of the states; the figure beside the count is named ...amount.
STATES = {"paid": "paid", "issued": "unpaid", "cancelled": "cancelled", "refunded": "refunded", "bad_debt": "collections"}


def stats_record(client: Client, actor) -> dict:
    """Counts are numbers, money is written out: "€12.30 EUR"."""
    return {
        **_money(client, actor),
        **_invoices(client, actor),
        **_services(client, actor),
        **_rest(client, actor),
    }


def _words(client: Client, amount) -> str:
    return f"{prefix(client.currency)}{money(amount)}{suffix(client.currency)}"


def _sum(rows, name: str) -> Decimal:
    return rows.aggregate(sum=Sum(name))["sum"] or Decimal(0)


def _money(client: Client, actor) -> dict:
    payments = Payment.objects.visible_to(actor).filter(client=client)
    came, fees = _sum(payments, "amount"), _sum(payments, "fee_amount")
    went = _sum(Refund.objects.visible_to(actor).filter(client=client, state="succeeded"), "amount")
    account = Account.objects.visible_to(actor).filter(client=client).first()
    credit = account.credit_amount if account else Decimal(0)
    return {
        "incredit": credit > 0,
        "creditbalance": _words(client, credit),
        "grossRevenue": _words(client, came),
        "expenses": _words(client, fees + went),
        "income": _words(client, came - fees - went),
    }


def _invoices(client: Client, actor) -> dict:
    rows = Invoice.objects.visible_to(actor).filter(client=client)
    sums = rows.values("state").annotate(many=Count("pk"), total=Sum("total_amount"), rest=Sum("open_amount")).order_by()
    by_state = {row["state"]: (row["many"], row["total"], row["rest"]) for row in sums}
    late = rows.overdue().aggregate(many=Count("pk"), rest=Sum("open_amount"))
    due, drafts = by_state.get("issued", NOTHING), by_state.get("draft", NOTHING)
    found = {
        "numdueinvoices": due[0],
        "dueinvoicesbalance": _words(client, due[2]),
        "numoverdueinvoices": late["many"],
        "overdueinvoicesbalance": _words(client, late["rest"]),
        "numDraftInvoices": drafts[0],
        "draftInvoicesBalance": _words(client, drafts[1]),
        "numpaymentpendinginvoices": 0,
        "paymentpendinginvoicesamount": _words(client, 0),
    }
    for state, name in STATES.items():
        many, total, _rest = by_state.get(state, NOTHING)
        found |= {f"num{name}invoices": many, f"{name}invoicesamount": _words(client, total)}
    return found


def _services(client: Client, actor) -> dict:
    rows = Subscription.objects.visible_to(actor).filter(client=client, parent=None)
    sums = rows.values("product__kind", "state").annotate(many=Count("pk")).order_by()
    hosting, other, active = [0, 0], [0, 0], {"active", "suspended"}
    for row in sums:
        place = hosting if row["product__kind"] == "hosting" else other
        place[0] += row["many"] if row["state"] in active else 0
        place[1] += row["many"]
    return {
        "productsnumactivehosting": hosting[0],
        "productsnumhosting": hosting[1],
        "productsnumactivereseller": 0,
        "productsnumreseller": 0,
        "productsnumactiveservers": 0,
        "productsnumservers": 0,
        "productsnumactiveother": other[0],
        "productsnumother": other[1],
        "productsnumactive": hosting[0] + other[0],
        "productsnumtotal": hosting[1] + other[1],
        "numactivedomains": 0,
        "numdomains": 0,
    }


def _rest(client: Client, actor) -> dict:
    quotes = Quote.objects.visible_to(actor).filter(client=client)
    tickets = Ticket.objects.visible_to(actor).filter(client=client)
    return {
        "numacceptedquotes": quotes.filter(state="accepted").count(),
        "numquotes": quotes.count(),
        "numtickets": tickets.count(),
        "numactivetickets": tickets.not_closed().count(),
        "numaffiliatesignups": 0,
        "isAffiliate": False,
    }
