"""Tax rates in the console."""

from django.utils.translation import gettext_lazy as _

from billing.actions.tax_rate import create_tax_rate, update_tax_rate
from billing.forms.product import TaxRateForm
from billing.models import TaxClass, TaxRate
from hostbill.core.crud import Choice, Column, DateColumn, NumberColumn, StaffEditView, StaffListView

VIEW, EDIT = "billing.tax_rate.view", "billing.tax_rate.edit"


class TaxRateList(StaffListView):
    """By class, country and first day."""

    model = TaxRate
    permission = VIEW
    title = _("Tax rates")
    columns = [
        Column("name", _("Name on invoices"), link=True, strong=True),
        NumberColumn("percent", _("Percent"), value=lambda rate: f"{rate.percent.normalize():f} %", strong=True),
        Column("tax_class", _("Tax class"), value=lambda rate: rate.get_tax_class_display()),
        Column("country", _("Country"), value=lambda rate: rate.country or _("every other country")),
        DateColumn("valid_from", _("Valid from"), sort="valid_from"),
    ]
    filters = [Choice("tax_class", _("Tax class"), TaxClass.choices)]
    search = ["name__icontains", "country__iexact"]
    sort = "-valid_from"
    create_url, create_label, create_permission = "billing_staff:tax_rate_create", _("New tax rate"), EDIT
    empty = (_("No tax rates yet"), _("Without any, invoices carry no tax."))

    def get_queryset(self):
        """All; the permission guards the page."""
        return TaxRate.objects.all()


class TaxRateEdit(StaffEditView):
    """Create or correct."""

    model = TaxRate
    form_class = TaxRateForm
    permission = EDIT
    title = _("tax rate")
    explain = _(
        "A change of rate is a new row with its first day, so that earlier days keep theirs. Issued invoices never change."
    )
    crumbs = [(_("Tax rates"), "billing_staff:tax_rate_list")]
    success_url = "billing_staff:tax_rate_list"
    columns = 2
    create_action = staticmethod(create_tax_rate)
    update_action = staticmethod(update_tax_rate)

    def get_queryset(self):
        """All; the permission guards the page."""
        return TaxRate.objects.all()

    def back_url(self, obj):
        """The list: a rate has no other page."""
        return super().back_url(None)
