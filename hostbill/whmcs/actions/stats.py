"""Figures as WHMCS's home page has them; money in the house's currency only."""

from datetime import date, timedelta

from django.db.models import Count, Q, Sum

from billing.models import BillableItem, Order, Payment, Quote, Refund, Subscription
from hostbill.core import clock
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.system import get_staff_online
from hostbill.whmcs.answers import day, money
from hostbill.whmcs.currencies import prefix, suffix
from hostbill.whmcs.words import ORDER_STATUS
from support.models import Ticket

NEEDS = (
    "billing.order.view billing.payment.view billing.subscription.view billing.quote.view billing.billable.view support.ticket.view "
    "clients.user.view"
)
MOST_DAYS = 90


@action("GetStats", "System", needs=NEEDS, optional="timeline_days",
        missing="There are no to-do items and network issues, so they are 0; of the timeline no expenditure but refunds")  # fmt: skip
def get_stats(call: Call) -> dict:
    """All of it in one go."""
    found = {
        **_income(),
        **_orders(),
        **_tickets(call.actor),
        "cancellations_pending": Subscription.objects.running().filter(cancel_on__isnull=False).count(),
        "todoitems_due": 0,
        "networkissues_open": 0,
        "billableitems_uninvoiced": BillableItem.objects.filter(state="open").count(),
        "quotes_valid": Quote.objects.filter(state=Quote.State.DELIVERED).count(),
        "staff_online": get_staff_online(call)["totalresults"],
    }
    days = call.values.whole("timeline_days", 0)
    return found | ({"timeline_data": _timeline(max(1, min(MOST_DAYS, days)))} if days else {})


def _income() -> dict:
    """What was paid, as it is written: "€12.30 EUR"."""
    code, today = COMPANY_CURRENCY.value, clock.today()
    spans = {
        "today": Q(received_on=today),
        "thismonth": Q(received_on__gte=today.replace(day=1)),
        "thisyear": Q(received_on__gte=today.replace(month=1, day=1)),
        "alltime": Q(),
    }
    sums = Payment.objects.filter(currency=code).aggregate(**{name: Sum("amount", filter=span) for name, span in spans.items()})
    return {f"income_{name}": f"{prefix(code)}{money(total)}{suffix(code)}" for name, total in sums.items()}


def _placed(first: date, last: date) -> Q:
    return Q(placed_at__gte=clock.start_of(first), placed_at__lt=clock.start_of(last + timedelta(days=1)))


def _orders() -> dict:
    """By day and status."""
    today = clock.today()
    days = {"today": _placed(today, today), "yesterday": _placed(today - timedelta(days=1), today - timedelta(days=1))}
    wanted = {"pending": Q(state=Order.State.PENDING)}
    for name, span in days.items():
        wanted |= {f"{name}_{word.lower()}": span & Q(state=state) for state, word in ORDER_STATUS.items()}
        wanted[f"{name}_total"] = span
    wanted["thismonth_total"] = _placed(today.replace(day=1), today)
    wanted["thisyear_total"] = _placed(today.replace(month=1, day=1), today)
    found = Order.objects.aggregate(**{name: Count("pk", filter=condition) for name, condition in wanted.items()})
    return {f"orders_{name}": count for name, count in found.items()}


def _tickets(actor) -> dict:
    """By status, as the ticket list names them."""
    states = Ticket.State
    wanted = {
        "allactive": ~Q(state=states.CLOSED),
        "awaitingreply": Q(state__in=[states.OPEN, states.CUSTOMER_REPLY]),
        "flaggedtickets": Q(assigned_to=actor.user_id) & ~Q(state=states.CLOSED),
        "open": Q(state=states.OPEN),
        "answered": Q(state=states.ANSWERED),
        "customerreply": Q(state=states.CUSTOMER_REPLY),
        "closed": Q(state=states.CLOSED),
    }
    found = Ticket.objects.aggregate(**{name: Count("pk", filter=condition) for name, condition in wanted.items()})
    return {f"tickets_{name}": count for name, count in found.items()} | {"tickets_onhold": 0, "tickets_inprogress": 0}


def _timeline(length: int) -> dict:
    """{figure: {day: value}}, the oldest day first."""
    first, code = clock.today() - timedelta(days=length - 1), COMPANY_CURRENCY.value
    paid = dict(_by_day(Payment.objects.filter(currency=code, received_on__gte=first), "received_on"))
    back = {}
    begin = clock.start_of(first)
    for at, amount in Refund.objects.filter(currency=code, succeeded_at__gte=begin).values_list("succeeded_at", "amount"):
        back[_day_of(at)] = back.get(_day_of(at), 0) + amount
    days = [first + timedelta(days=number) for number in range(length)]
    return {
        "new_orders": _counted(days, Order.objects.filter(placed_at__gte=begin).values_list("placed_at", flat=True)),
        "accepted_orders": _counted(days, Order.objects.filter(accepted_at__gte=begin).values_list("accepted_at", flat=True)),
        "income": {day(on): money(paid.get(on, 0)) for on in days},
        "expenditure": {day(on): money(back.get(on, 0)) for on in days},
        "new_tickets": _counted(days, Ticket.objects.filter(created_at__gte=begin).values_list("created_at", flat=True)),
    }


def _by_day(rows, column: str):
    return rows.order_by().values_list(column).annotate(total=Sum("amount"))


def _day_of(at) -> date:
    return at.astimezone(clock.seller_zone()).date()


def _counted(days: list[date], instants) -> dict[str, int]:
    found = dict.fromkeys(map(day, days), 0)
    for at in instants:
        found[day(_day_of(at))] = found.get(day(_day_of(at)), 0) + 1
    return found
