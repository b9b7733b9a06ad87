"""The data file of an own invoice."""

from django.views.generic import View

from billing.models import EInvoice
from billing.views.einvoice_file import xml_response
from hostbill.core.access import PortalView
from hostbill.core.crud.detail import ObjectMixin, OwnClientMixin


class EInvoiceFile(PortalView, OwnClientMixin, ObjectMixin, View):
    """Only what is ready can be seen by clients."""

    model = EInvoice
    area = "billing"
    select = ("invoice", "credit_note")

    def get(self, request, pk):
        """As a download."""
        return xml_response(self.obj)
