"""Giving up an unpaid invoice, and taking that back."""

from django.utils.translation import gettext_lazy as _

from billing.actions.write_off import take_back_write_off, write_off
from billing.forms.invoice import ReasonForm
from billing.models import Invoice
from hostbill.core.crud import StaffVerbView

WRITE_OFF = "billing.invoice.write_off"


class InvoiceWriteOff(StaffVerbView):
    """What is open becomes a loss."""

    model = Invoice
    permission = WRITE_OFF
    title = _("Write off this invoice")
    explain = _(
        "What is open is booked as bad debt. No more reminders, charges or late fees follow; services stay as they are. It can be "
        "taken back when money comes after all."
    )
    button = _("Write it off")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(write_off)
    done = _("Written off.")

    def after_url(self, result):
        """The invoice."""
        return self.obj.get_absolute_url()


class InvoiceTakeBack(StaffVerbView):
    """It is open again."""

    model = Invoice
    permission = WRITE_OFF
    title = _("Take the write-off back")
    explain = _("The invoice is open again with what was written off, and the loss is booked back.")
    button = _("Open the invoice again")
    action = staticmethod(take_back_write_off)
    done = _("Open again.")
