"""What staff do about a client's tax: ask about the VAT number again, charge none."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.actions.vat_check import recheck, set_exemption
from billing.forms.tax import ExemptionForm
from billing.queries.tax_rules import profile_of
from clients.models import Client
from hostbill.core.crud import StaffVerbView


class _OfClient(StaffVerbView):
    model = Client

    def after_url(self, result):
        """Back to the client's tax."""
        return reverse("staff_client_tax", args=[self.obj.pk])


class VatNumberAsk(_OfClient):
    """Once more."""

    permission = "clients.client.edit"
    title = _("Ask about the VAT number again")
    explain = _("The office is asked within seconds. What is known now counts until it answers.")
    button = _("Ask")
    done = _("The question is on its way.")
    action = staticmethod(recheck)


class TaxExemption(_OfClient):
    """Charge no tax, or charge it again."""

    permission = "billing.tax_exempt"
    title = _("Tax exemption")
    explain = _("Holds for invoices from now on; those that are issued stay as they are. A reverse charge comes before it.")
    button = _("Save")
    done = _("Saved. New invoices follow it.")
    form_class = ExemptionForm
    action = staticmethod(set_exemption)

    def get_initial(self):
        """As it is now."""
        profile = profile_of(self.obj)
        names = ("is_exempt", "exempt_reason", "exempt_until")
        return {name: getattr(profile, name) for name in names} if profile else {}
