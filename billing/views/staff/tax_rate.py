"""Tax rules in the console."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import View

from billing.actions.tax_rate import add_eu_rates, create_tax_rate, update_tax_rate
from billing.forms.tax import TaxRateForm
from billing.models import TaxCategory, TaxClass, TaxRate
from hostbill.core.access import StaffView
from hostbill.core.crud import Choice, Code, Column, DateColumn, NumberColumn, StaffEditView, StaffListView

VIEW, EDIT = "billing.tax_rate.view", "billing.tax_rate.edit"
LIST = "billing_staff:tax_rate_list"


class TaxRateList(StaffListView):
    """By class, place and first day."""

    model = TaxRate
    permission = VIEW
    template_name = "billing/staff/tax_rate/list.html"
    title = _("Tax rates")
    columns = [
        Column("name", _("Name on invoices"), link=True, strong=True, beside=lambda rate: rate.reason),
        NumberColumn("percent", _("Percent"), value=lambda rate: f"{rate.percent.normalize():f} %", strong=True, sort="percent"),
        Column("country", _("Where the client is"), value=lambda rate: rate.place_words or _("every other country"), sort="country"),
        Column("tax_class", _("Tax class"), value=lambda rate: rate.get_tax_class_display()),
        Column("buyer", _("For"), value=lambda rate: rate.get_buyer_display()),
        Column("category", _("Kind of tax"), value=lambda rate: rate.get_category_display(), shown=False),
        NumberColumn("step", _("Step"), shown=False),
        Column("seller_country", _("Sold from"), shown=False),
        DateColumn("valid_from", _("Valid from"), sort="valid_from"),
        DateColumn("valid_until", _("Last day"), shown=False),
    ]
    filters = [
        Choice("tax_class", _("Tax class"), TaxClass.choices),
        Choice("category", _("Kind of tax"), TaxCategory.choices),
        Code("country", _("Country")),
    ]
    search = ["name__icontains", "country__iexact", "state__icontains"]
    sort = "country"
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
        "A change of rate is a new row with its first day, so that earlier days keep theirs. Of all rows that fit a sale the "
        "narrowest of each step counts. Issued invoices never change."
    )
    crumbs = [(_("Tax rates"), LIST)]
    success_url = LIST
    columns = 2
    create_action = staticmethod(create_tax_rate)
    update_action = staticmethod(update_tax_rate)

    def get_queryset(self):
        """All; the permission guards the page."""
        return TaxRate.objects.all()

    def back_url(self, obj):
        """The list: a rate has no other page."""
        return super().back_url(None)


class EuRatesAdd(StaffView, View):
    """The standard rates of all EU states that have none yet, by one button."""

    permission = EDIT

    def post(self, request):
        """Add them and say how many."""
        count = len(add_eu_rates(actor=request.actor))
        words = ngettext("%(count)d rate added.", "%(count)d rates added.", count) % {"count": count}
        messages.success(request, words if count else _now("Every EU state has a rate already."))
        return redirect(LIST)
