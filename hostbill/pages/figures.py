"""The rows behind a figure of the home page, where no list has a filter of its own for them."""

import calendar

from django.core.cache import cache
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.urls import path
from django.utils.translation import gettext_lazy as _

from billing.models import Charge
from billing.views.staff.subscription import SubscriptionList
from clients.views.staff.client import ClientList
from hostbill.core import clock
from hostbill.core.crud import Column, DateColumn, MoneyColumn, StaffListView, StateColumn
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.pages.money_overview import (
    lost_since,
    paid_down,
    renewals_due,
    unanswered,
    unbilled,
    unpaid_running,
    won_since,
)
from provisioning.views.staff.service import ServiceList

#: Rows that are named one by one; of more, one is soon met on the way through the list.
MOST = 5000
#: Seconds for which they are remembered.
MOMENT = 20


def _this_month():
    return clock.today().replace(day=1)


def _renewals_due(rows):
    today = clock.today()
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    return renewals_due(today, last, COMPANY_CURRENCY.value, rows)


class _Behind:
    """The noun's own columns, narrowed to the figure's rows; saved views and new rows have no place here."""

    tabs: list = []
    create_url = ""
    figure = None

    def get_queryset(self):
        """The figure's rows, as far as the person may see them."""
        return type(self).figure(super().get_queryset())


class _Compared(_Behind):
    """A figure for which tables are compared: its rows are looked for once and remembered for a moment. Who acts on them acts on
    those of now."""

    def get_queryset(self):
        """The figure's rows, as far as the person may see them; ``standing`` is asked anew each time."""
        return super(_Behind, self).get_queryset().filter(self.standing, pk__in=self.keys())

    def keys(self):
        """The rows' keys; of very many, one is soon met on the way through the list."""
        if getattr(self.request, "method", "") != "GET":
            return self.found()
        key = f"figure.{type(self).__name__}.{clock.today()}"
        ids = cache.get(key)
        if ids is None:
            found = list(self.found()[: MOST + 1])
            # As Postgres writes an array: the page needs it several times.
            ids = f"{{{','.join(map(str, found))}}}" if len(found) <= MOST else ""
            cache.set(key, ids, MOMENT)
        return RawSQL("SELECT unnest(%s::bigint[])", [ids]) if ids else self.found()

    def found(self):
        """Those of now."""
        return type(self).figure().order_by().values_list("pk", flat=True)


#: What an empty figure says, whatever it counts.
NONE = (_("None"), _("Nothing counts towards this figure now."))


class UnpaidRunning(_Compared, ServiceList):
    """Online although an invoice is overdue for a month."""

    title = _("Services that run unpaid for a month")
    empty = NONE
    figure = staticmethod(unpaid_running)
    standing = Q(state="live")


class PaidDown(_Compared, ServiceList):
    """Billing wants them online."""

    title = _("Paid services that are down")
    empty = NONE
    figure = staticmethod(paid_down)
    standing = Q(state__in=["suspended", "review"])


class Unbilled(_Behind, SubscriptionList):
    """Should be empty after each night."""

    title = _("Periods that began without an invoice")
    empty = NONE
    figure = staticmethod(unbilled)


class RenewalsDue(_Behind, SubscriptionList):
    """What the forecast adds to the unpaid invoices."""

    title = _("Renewals until the month's end, not invoiced yet")
    empty = NONE
    figure = staticmethod(_renewals_due)


class NewClients(_Behind, ClientList):
    """Accounts opened since the first."""

    title = _("New customers this month")
    empty = NONE
    figure = staticmethod(lambda rows: won_since(_this_month(), rows))


class LostClients(_Compared, ClientList):
    """Nothing of theirs runs any more."""

    title = _("Customers lost this month")
    empty = NONE
    figure = staticmethod(lambda: lost_since(_this_month()))
    standing = Q()


class Unanswered(_Behind, StaffListView):
    """Charges have no list of their own."""

    model = Charge
    permission = "billing.payment.view"
    title = _("Charges without an answer")
    select = ("client", "invoice", "gateway")
    figure = staticmethod(unanswered)
    columns = [
        Column("invoice", _("Invoice"), strong=True),
        StateColumn(),
        Column("client", _("Client")),
        Column("gateway", _("Way"), value=lambda charge: charge.gateway.label, muted=True),
        DateColumn("created_at", _("Since"), sort="created_at", relative=True),
        MoneyColumn("money", _("Amount"), strong=True),
    ]
    sort = "created_at"
    empty = (_("Every charge has its answer"), _("A charge whose answer is lost is asked about until it is known."))


urls = [
    path("staff/figures/unpaid-running/", UnpaidRunning.as_view(), name="figure_unpaid_running"),
    path("staff/figures/paid-down/", PaidDown.as_view(), name="figure_paid_down"),
    path("staff/figures/unbilled/", Unbilled.as_view(), name="figure_unbilled"),
    path("staff/figures/renewals-due/", RenewalsDue.as_view(), name="figure_renewals_due"),
    path("staff/figures/new-clients/", NewClients.as_view(), name="figure_new_clients"),
    path("staff/figures/lost-clients/", LostClients.as_view(), name="figure_lost_clients"),
    path("staff/figures/unanswered/", Unanswered.as_view(), name="figure_unanswered"),
]
