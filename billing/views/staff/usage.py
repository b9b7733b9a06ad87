"""Metered use in the console: what was recorded, and recording by hand."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.actions.usage import record_by_hand
from billing.forms.usage import UsageForm
from billing.models import Metric, Subscription, UsageRecord
from hostbill.core.crud import Column, DateColumn, NumberColumn, Related, StaffListView, StaffVerbView, Tab
from hostbill.core.ui.words import in_digits

VIEW, RECORD = "billing.usage.view", "billing.usage.record"


def quantity_words(row) -> str:
    """``12.4 GB``."""
    return in_digits(f"{row.quantity.normalize():f} {row.metric.unit}".strip())


class UsageRecordList(StaffListView):
    """The newest first."""

    model = UsageRecord
    permission = VIEW
    title = _("Recorded use")
    select = ("subscription__client", "subscription__product", "metric", "period")
    columns = [
        Column("subscription", _("Subscription"), strong=True, phone="lead"),
        Column("metric", _("Metric"), phone="under"),
        NumberColumn("quantity", _("Quantity"), value=quantity_words, phone="end"),
        DateColumn("occurred_at", _("When"), phone="start"),
        Column("period", _("Counted in"), value=lambda row: str(row.period.starts_on) if row.period else _("The month that is open")),
        Column("reason", _("Reason"), muted=True, phone="hide"),
        Column("recorded_by", _("Recorded by"), muted=True, phone="hide"),
        Column("event_id", _("Event"), shown=False),
    ]
    filters = [
        Related("subscription", _("Subscription"), Subscription),
        Related("metric", _("Metric"), Metric),
    ]
    sort = "-pk"
    tabs = [
        Tab("open", _("Of the open month"), Q(period=None)),
        Tab("corrections", _("Corrections"), Q(quantity__lt=0)),
        Tab("all", _("Everything"), Q()),
    ]
    empty = (_("Nothing recorded here"), _("Programs record use by API; colleagues on the page of a subscription."))


class SubscriptionUsage(StaffVerbView):
    """Record use by hand, or correct it."""

    model = Subscription
    permission = RECORD
    select = ("account", "client", "product")
    title = _("Record use")
    explain = _("Each record stays. What was recorded wrongly is corrected by another one, with a minus and the reason.")
    button = _("Record it")
    form_class = UsageForm
    done = _("Recorded.")
    action = staticmethod(record_by_hand)

    def form_options(self):
        """Its product's metrics."""
        return {"subscription": self.obj}

    def after_url(self, result):
        """Back to the subscription."""
        return self.obj.get_absolute_url()
