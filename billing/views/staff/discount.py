"""Discounts of single subscriptions in the console."""

from django.utils.translation import gettext_lazy as _

from billing.actions.discount import end_discount, grant_discount
from billing.forms.invoice import ReasonForm
from billing.forms.price import DiscountForm
from billing.models import Subscription, SubscriptionDiscount
from hostbill.core.crud import StaffVerbView

PERMISSION = "billing.subscription.discount"


class SubscriptionGrant(StaffVerbView):
    """Take something off the coming periods."""

    model = Subscription
    permission = PERMISSION
    select = ("account", "client")
    title = _("Grant a discount")
    explain = _("It is taken off the coming periods, as a line of its own on each invoice. What is invoiced stays.")
    button = _("Grant it")
    form_class = DiscountForm
    done = _("The discount is taken off from the next period on.")
    action = staticmethod(grant_discount)

    def after_url(self, result):
        """Back to the subscription."""
        return self.obj.get_absolute_url()


class DiscountEnd(StaffVerbView):
    """The full price again."""

    model = SubscriptionDiscount
    permission = PERMISSION
    select = ("subscription__account",)
    title = _("End this discount")
    explain = _("The next period costs the full price again. What is invoiced stays.")
    button = _("End it")
    kind = "danger"
    form_class = ReasonForm
    done = _("The discount has ended.")
    action = staticmethod(end_discount)

    def get_queryset(self):
        """Of the subscriptions that the person may see."""
        seen = Subscription.objects.visible_to(self.request.actor)
        return SubscriptionDiscount.objects.filter(subscription__in=seen)

    def back_url(self, obj):
        """The subscription."""
        return obj.subscription.get_absolute_url()

    def after_url(self, result):
        """The same."""
        return self.back_url(self.obj)
