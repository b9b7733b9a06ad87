"""Metrics in the console: what of products is metered, and its prices."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.actions.metric import end_metric, save_metric
from billing.forms.metric import MetricForm
from billing.models import Metric, Product
from hostbill.core.crud import (
    Choice,
    Column,
    DateColumn,
    Related,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
)

VIEW, EDIT = "billing.product.view", "billing.product.edit"
LIST = (_("Metered use"), "billing_staff:metric_list")


class MetricList(StaffListView):
    """By product."""

    model = Metric
    permission = VIEW
    title = _("Metered use")
    select = ("product",)
    template_name = "billing/staff/product/list.html"
    columns = [
        Column("name", _("Metric"), link=True, strong=True, phone="lead"),
        StateColumn(phone="start"),
        Column("product", _("Product"), phone="under"),
        Column("key", _("Key"), muted=True, phone="hide"),
        Column("unit", _("Unit"), phone="hide"),
        Column("kind", _("How it is counted"), value=lambda row: row.get_kind_display(), muted=True, phone="hide"),
        Column("source", _("Where it comes from"), value=lambda row: row.get_source_display(), muted=True, phone="hide"),
        DateColumn("ended_on", _("Ended"), shown=False),
    ]
    filters = [
        Related("product", _("Product"), Product),
        Choice("kind", _("How it is counted"), Metric.Kind.choices),
        Choice("source", _("Where it comes from"), Metric.Source.choices),
    ]
    search = ["name__icontains", "key__icontains"]
    sort = "-pk"
    tabs = [Tab("metered", _("Metered"), Q(ended_on=None)), Tab("all", _("Everything"), Q())]
    create_url, create_label, create_permission = "billing_staff:metric_create", _("New metric"), EDIT
    empty = (
        _("Nothing is metered"),
        _("A metric counts what customers use of a product, such as traffic, and charges it after the month."),
    )

    def get_queryset(self):
        """All; the permission guards the page."""
        return Metric.objects.select_related("product")


class MetricEdit(StaffEditView):
    """Make or change one, with its prices."""

    model = Metric
    form_class = MetricForm
    permission = EDIT
    title = _("metric")
    explain = _("Use is charged after the month, beside the next renewal. Other prices hold for months that begin from today on.")
    crumbs = [LIST]
    template_name = "billing/staff/metric/edit.html"

    def get_queryset(self):
        """All; the permission guards the page."""
        return Metric.objects.select_related("product")

    def make_form(self, data=None, files=None):
        """Kept: its row has what was typed, and the action stores it."""
        self.form = super().make_form(data, files)
        return self.form

    def act(self, values):
        """All or nothing."""
        terms = {"included": values["included"], "model": values["model"], "tiers": values["prices"]}
        return save_metric(self.form.instance, **terms, actor=self.request.actor)

    def after_url(self, result):
        """The product that it is metered of."""
        return result.product.get_absolute_url()


class MetricEnd(StaffVerbView):
    """No longer metered."""

    model = Metric
    permission = EDIT
    select = ("product",)
    title = _("Stop metering this")
    explain = _("Nothing more is recorded from today on. What was used before is charged after the month as usual.")
    button = _("Stop metering")
    kind = "danger"
    done = _("It is no longer metered.")
    action = staticmethod(end_metric)

    def get_queryset(self):
        """All; the permission guards the page."""
        return Metric.objects.select_related("product")
