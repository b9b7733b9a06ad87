"""Differences between books and servers: how each can be mended, and what they cost."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, Value
from django.utils.translation import gettext_lazy as _

from billing.models.cycle import months
from hostbill.core import clock
from hostbill.core.compiled import Compiled
from hostbill.core.money import Money
from provisioning.models import Drift, Service

EDIT, TERMINATE, SERVER = "provisioning.service.edit", "provisioning.service.terminate", "provisioning.server.edit"


@dataclass(frozen=True)
class Mend:
    """One way to end a difference. `safe`: nothing is made or deleted, and it can be turned back."""

    key: str
    label: str
    explain: str
    permission: str = EDIT
    safe: bool = False
    danger: bool = False


SUSPEND = Mend(
    "suspend", _("Suspend again"), _("The site goes offline on the server, as billing says. Nothing is deleted."), safe=True
)
RESUME = Mend(
    "resume",
    _("Bring back online"),
    _("Lifts on the server what somebody suspended there, perhaps for abuse. Do it after you know why."),
)
OUR_PLAN = Mend(
    "our_plan", _("Set our plan"), _("The server gets the plan that is paid for; only limits change."), safe=True
)
THEIR_PLAN = Mend(
    "their_plan", _("Keep the server's plan"), _("Only our record changes. The price is not touched: it is the subscription's.")
)
THEIR_DOMAIN = Mend(
    "their_domain", _("Take the server's domain"), _("Only our record changes: the account was renamed on the server."), safe=True
)
RECREATE = Mend(
    "recreate",
    _("Set up again"),
    _("A new, empty account is made on a server of the group, and the client gets the welcome mail. Restore a backup after it."),
)
DELETE = Mend(
    "delete",
    _("Delete on the server"),
    _("The account with all files, databases and mail is deleted on the server. This cannot be undone."),
    permission=TERMINATE,
    danger=True,
)
IMPORT = Mend("import", _("Give to a service"), _("The account becomes the chosen service's own, and the panel is read."))
LEAVE = Mend(
    "leave", _("Leave as it is"), _("It stands no longer among what needs somebody, until it is gone or you take it up again."),
    permission=SERVER,
)  # fmt: skip
TAKE_UP = Mend("take_up", _("Take it up again"), _("It stands among what needs somebody again."), permission=SERVER)
ALL = {mend.key: mend for mend in (SUSPEND, RESUME, OUR_PLAN, THEIR_PLAN, THEIR_DOMAIN, RECREATE, DELETE, IMPORT, LEAVE, TAKE_UP)}

#: Who loses: we (it runs unpaid), the client (paid and not there), nobody.
RUNS_UNPAID = Q(kind="unpaid") | Q(kind="state", service__state="suspended") | Q(kind="stranger")
AT_RISK = Q(kind="missing") | Q(kind="state") & ~Q(service__state="suspended")
OTHER_FACTS = Q(kind__in=["plan", "domain"])
STANDING = Q(resolved_at__isnull=True, left_at__isnull=True)
SAFE = STANDING & Q(mended_at__isnull=True) & (Q(kind__in=["plan", "domain"]) | Q(kind="state", service__state="suspended"))


def ways(drift: Drift) -> list[Mend]:
    """How it can be mended, the usual way first; nothing for one that is gone or being mended."""
    if drift.resolved_at or drift.mended_at:
        return []
    if drift.left_at:
        return [TAKE_UP]
    if drift.kind == "state":
        first = SUSPEND if drift.service and drift.service.state == "suspended" else RESUME
        return [first, LEAVE]
    by_kind = {
        "plan": [OUR_PLAN, THEIR_PLAN, LEAVE],
        "domain": [THEIR_DOMAIN, LEAVE],
        "missing": [RECREATE, LEAVE],
        "unpaid": [DELETE, LEAVE],
        "stranger": [IMPORT, LEAVE],
    }
    return by_kind[drift.kind]


def usual(drift: Drift) -> Mend | None:
    """The first way."""
    return next(iter(ways(drift)), None)


def monthly(service: Service | None) -> Money | None:
    """What the service's subscription costs a month, net; None without one or when it does not recur."""
    if service is None or service.subscription.cycle == "one_time":
        return None
    subscription = service.subscription
    return Money(subscription.price_amount * subscription.quantity / months(subscription.cycle), subscription.currency)


def leak(drift: Drift) -> Money | None:
    """What we lose a month while it runs unpaid."""
    unpaid = drift.kind == "unpaid" or drift.kind == "state" and drift.service and drift.service.state == "suspended"
    return monthly(drift.service) if unpaid else None


KINDS = {"all": STANDING, "safe": SAFE, "unpaid": RUNS_UNPAID, "risk": AT_RISK, "facts": OTHER_FACTS}
_LEAKING = Compiled(lambda: Drift.objects.filter(STANDING & RUNS_UNPAID).select_related("service__subscription")[:2000])
_LEAKED = Compiled(
    lambda since, currency: Drift.objects.filter(RUNS_UNPAID, Q(resolved_at__isnull=True) | Q(resolved_at__gte=since))
    .filter(service__subscription__currency=currency)
    .select_related("service__subscription")[:5000],
    since=datetime,
    currency=str,
)
_BY_KIND = Compiled(
    lambda: Drift.objects.filter(STANDING)
    .order_by()
    .values(together=Value(1))
    .annotate(**{name: Count("pk", filter=condition) for name, condition in KINDS.items()})
    .values(*KINDS)
)


def standing_by_kind() -> dict[str, int]:
    """How many differences stand, of each of `KINDS`."""
    return _BY_KIND.first() or dict.fromkeys(KINDS, 0)


def leaks() -> dict[str, Money]:
    """Lost a month now, by currency."""
    totals: dict[str, Money] = {}
    for drift in _LEAKING():
        lost = leak(drift)
        if lost is not None:
            totals[lost.currency] = totals.get(lost.currency, Money.zero(lost.currency)) + lost
    return totals


def leak_by_month(currency: str, number: int = 12) -> list[tuple[date, Decimal]]:
    """(first of the month, lost a month at its end) for the last months, this one as it stands today."""
    ends = _month_ends(number)
    sums = dict.fromkeys(ends, Decimal(0))
    for drift in _LEAKED(since=clock.start_of(ends[0]), currency=currency):
        lost = leak(drift)
        for end in ends if lost else ():
            gone = drift.resolved_at is not None and drift.resolved_at.date() <= end
            if drift.found_at.date() <= end and not gone:
                sums[end] += lost.amount
    return [(end.replace(day=1), sums[end]) for end in ends]


def _month_ends(number: int) -> list[date]:
    """The last days of the last months, the oldest first; today stands for the month's end."""
    today, ends = clock.today(), []
    year, month = today.year, today.month
    for _step in range(number):
        ends.append(min(today, date(year, month, monthrange(year, month)[1])))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return ends[::-1]


def can_take(drift: Drift):
    """Services that could own an unknown account: without one of their own, the same domain first."""
    free = Service.objects.filter(live_at__isnull=True, state__in=["waiting", "review"]).select_related("client")
    return sorted(free.order_by("-pk")[:200], key=lambda service: service.domain != drift.domain)
