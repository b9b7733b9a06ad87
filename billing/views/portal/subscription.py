"""What the client pays for, and ending it."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.forms.subscription import ClientCancelForm
from billing.models import Subscription
from hostbill.core import clock
from hostbill.core.crud import PortalDetailView, PortalVerbView, Verb
from hostbill.core.ui.words import money

AREA = "services"


class SubscriptionDetail(PortalDetailView):
    """Terms, next charge, what was billed."""

    model = Subscription
    area = AREA
    select = ("product", "account")
    template_name = "billing/portal/subscription/detail.html"
    verbs = [
        Verb("keep", gettext_lazy("Keep it after all"), "billing_portal:subscription_keep", kind="primary",
             when=lambda row: row.cancel_at_end and row.is_running, post=True),
        Verb("cancel", gettext_lazy("Cancel…"), "billing_portal:subscription_cancel", kind="danger",
             when=lambda row: row.is_running and not row.cancel_at_end),
    ]  # fmt: skip

    def facts(self, row):
        """Terms of the agreement."""
        return [
            (_("Plan"), row.product.name),
            (_("Price, net"), f"{money(row.price)} · {row.get_cycle_display()}"),
            (_("Begun on"), row.started_on),
            (_("Paid until"), row.paid_until),
            (_("Next period begins"), row.next_due_on),
        ]

    def more_context(self, row):
        """Invoices are shown to those who may see them."""
        may_see = self.request.actor.may_in_area(row.client_id, "billing")
        lines = row.invoice_lines.select_related("invoice").exclude(invoice__state="draft").order_by("-pk")
        return {"lines": lines[:12] if may_see else []}


class SubscriptionCancel(PortalVerbView):
    """Says what will happen, asks once, never hides the way."""

    model = Subscription
    area = AREA
    visit_permission = "billing.subscription.cancel"
    select = ("product", "account")
    button = gettext_lazy("Cancel it")
    kind = "danger"
    form_class = ClientCancelForm
    template_name = "billing/portal/subscription/cancel.html"

    def get_queryset(self):
        """Those that run and are not cancelled yet."""
        return super().get_queryset().running().filter(cancel_at_end=False)

    def get_title(self):
        """With its name."""
        return _("Cancel %(name)s") % {"name": self.obj}

    def act(self, values):
        """The box was for reading, not for the action."""
        values.pop("sure")
        return cancel_subscription(self.obj, **values, actor=self.request.actor)

    def end_day(self):
        """The first day not served any more if it ends with what is invoiced."""
        return max(self.obj.next_due_on or clock.today(), clock.today())

    def more_context(self):
        """Both ways in plain words."""
        unpaid = self.obj.invoice_lines.filter(invoice__state="issued", period_start__gt=clock.today())
        return {**super().more_context(), "end_day": self.end_day(), "withdrawn": unpaid.exists()}

    @property
    def done(self):
        """What was agreed."""
        return _("Cancelled.")

    def back_url(self, obj):
        """Where it was come from."""
        return service_page(obj)

    def after_url(self, result):
        """Where it was come from."""
        return service_page(self.obj)


class SubscriptionKeep(PortalVerbView):
    """The client stays."""

    model = Subscription
    area = AREA
    visit_permission = "billing.subscription.cancel"
    select = ("account",)
    title = gettext_lazy("Keep it after all")
    button = gettext_lazy("Keep it")
    action = staticmethod(keep_subscription)
    done = gettext_lazy("It goes on as before.")

    def back_url(self, obj):
        """Where it was come from."""
        return service_page(obj)

    def after_url(self, result):
        """Where it was come from."""
        return service_page(self.obj)


def service_page(row) -> str:
    """The page of the subscription in the client area; its service's page links here and back."""
    return reverse("billing_portal:subscription_detail", args=[row.pk])
