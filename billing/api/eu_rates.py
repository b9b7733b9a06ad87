"""The standard rates of EU states, at once."""

from django.utils.translation import gettext_lazy as _

from billing.actions.tax_rate import add_eu_rates
from billing.models import TaxRate
from billing.views.staff.tax_rate import EDIT
from hostbill.core.api.addresses import WHOLE, shaped
from hostbill.core.crud import StaffEditView


class EuRates(StaffEditView):
    """Of all that have none yet."""

    model, permission, title = TaxRate, EDIT, _("Add the standard rates of EU states that have none yet")
    api_answer = shaped(added=WHOLE)

    def act(self, values):
        """How many."""
        return {"added": len(add_eu_rates(actor=self.request.actor))}
