"""Queues and mails by API: one more try, a lane that goes on, a mail sent again."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core import outgoing
from hostbill.core.api.addresses import TEXT, shaped
from hostbill.core.audit import audit
from hostbill.core.crud import StaffEditView, StaffVerbView
from hostbill.core.models import Delivery, Lane, Message, Outgoing
from hostbill.core.notify import resend
from hostbill.pages.queues.deliveries import retry_delivery
from hostbill.pages.queues.outgoing import retry_outgoing
from hostbill.pages.queues.places import RETRY


class OutgoingRetry(StaffVerbView):
    """A call."""

    model, permission, title = Outgoing, RETRY, _("Try again now")

    def get_queryset(self):
        """All; the permission guards them."""
        return Outgoing.objects.all()

    def act(self, values):
        """AppError "not_retryable"."""
        retry_outgoing(self.obj, actor=self.request.actor)


class DeliveryRetry(StaffVerbView):
    """An event for one listener."""

    model, permission, title = Delivery, RETRY, _("Try again now")

    def get_queryset(self):
        """All; the permission guards them."""
        return Delivery.objects.select_related("event")

    def act(self, values):
        """AppError where it is done."""
        retry_delivery(self.obj, actor=self.request.actor)


class LaneBody(forms.Form):
    """Which: as calls name theirs."""

    lane = forms.ModelChoiceField(Lane.objects.all(), label=_("Lane"))


class LaneReopen(StaffEditView):
    """The remote system is mended: its calls go on."""

    model, permission, title, form_class = Outgoing, RETRY, _("Let the calls of a lane go on"), LaneBody
    api_answer = shaped(lane=TEXT)

    def act(self, values):
        """As from the page."""
        lane = values["lane"]
        outgoing.reopen_lane(lane.pk)
        audit(self.request.actor, "core.lane_reopened", changes={"lane": [lane.pk, lane.pk]}, reason=lane.reason)
        return {"lane": str(lane.pk)}


class MessageResend(StaffVerbView):
    """The same words to the same people."""

    model, permission, title = Message, "core.message.resend", _("Send again")

    def act(self, values):
        """The copy. AppError while it waits."""
        return resend(self.obj, self.request.actor)
