"""The rows behind a figure of the home page, where no list has a filter of its own for them."""

import calendar

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


def _this_month():
    return clock.today().replace(day=1)


def _renewals_due():
    today = clock.today()
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    return renewals_due(today, last, COMPANY_CURRENCY.value)


class _Behind:
    """The noun's own columns, narrowed to the figure's rows; saved views and new rows have no place here."""

    tabs: list = []
    create_url = ""
    figure = None
    once = False

    def get_queryset(self):
        """The figure's rows, as far as the person may see them."""
        return super().get_queryset().filter(pk__in=self.keys())

    def keys(self):
        """Looked for in the way of the page; those that take a while (``once``) not again for each count."""
        found = type(self).figure().order_by().values_list("pk", flat=True)
        ids = list(found[: MOST + 1]) if self.once else []
        return RawSQL("SELECT unnest(%s::bigint[])", [ids]) if 0 < len(ids) <= MOST else found


class UnpaidRunning(_Behind, ServiceList):
    """Online although an invoice is overdue for a month."""

    title = _("Services that run unpaid for a month")
    figure = staticmethod(unpaid_running)
    once = True


class PaidDown(_Behind, ServiceList):
    """Billing wants them online."""

    title = _("Paid services that are down")
    figure = staticmethod(paid_down)
    once = True


class Unbilled(_Behind, SubscriptionList):
    """Should be empty after each night."""

    title = _("Periods that began without an invoice")
    figure = staticmethod(unbilled)


class RenewalsDue(_Behind, SubscriptionList):
    """What the forecast adds to the unpaid invoices."""

    title = _("Renewals until the month's end, not invoiced yet")
    figure = staticmethod(_renewals_due)


class NewClients(_Behind, ClientList):
    """Accounts opened since the first."""

    title = _("New customers this month")
    figure = staticmethod(lambda: won_since(_this_month()))


class LostClients(_Behind, ClientList):
    """Nothing of theirs runs any more."""

    title = _("Customers lost this month")
    figure = staticmethod(lambda: lost_since(_this_month()))
    once = True


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
