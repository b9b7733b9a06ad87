"""Exchange rates in the console: what was published, for reports only."""

from django.utils.translation import gettext_lazy as _

from billing.models import ExchangeRate
from hostbill.core.crud import Code, Column, DateColumn, DateRange, NumberColumn, StaffListView


class ExchangeRateList(StaffListView):
    """The newest day first."""

    model = ExchangeRate
    permission = "billing.exchange_rate.view"
    title = _("Exchange rates")
    columns = [
        Column("currency", _("Currency"), strong=True, phone="lead"),
        DateColumn("on", _("Day"), sort="on", phone="under"),
        NumberColumn("rate", _("For one unit of the base"), value=lambda row: f"{row.rate.normalize():f}", phone="end"),
        Column("base", _("Base"), phone="hide"),
        Column("source", _("Source"), muted=True, phone="hide"),
    ]
    filters = [Code("currency", _("Currency")), DateRange("on", _("Day"))]
    search = ["currency__iexact"]
    sort = "-on"
    template_name = "billing/staff/product/list.html"
    empty = (_("No rates yet"), _("They are fetched each afternoon once something is sold in a second currency."))

    def get_queryset(self):
        """All; the permission guards the page."""
        return ExchangeRate.objects.all()
