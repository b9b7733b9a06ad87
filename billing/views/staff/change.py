"""Changes of subscriptions in the console."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.change import withdraw_change
from billing.forms.invoice import ReasonForm
from billing.models import Subscription, SubscriptionChange
from billing.views.change import ChangeSteps
from clients.models import Client
from hostbill.core.crud import (
    Choice,
    Column,
    DateColumn,
    MoneyColumn,
    Related,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
)

VIEW, CHANGE = "billing.subscription.view", "billing.subscription.change"


class SubscriptionChangeView(ChangeSteps, StaffVerbView):
    """Another plan, cycle, quantity, billing day or other options; the price may be staff's own."""

    model = Subscription
    permission = CHANGE
    select = ("product", "client", "account")
    for_staff = True

    def get_title(self):
        """With its name."""
        return _("Change %(name)s") % {"name": self.obj}

    def after_url(self, result):
        """The subscription, where the change is shown."""
        return self.obj.get_absolute_url()


class SubscriptionChangeList(StaffListView):
    """What waits for its day or for money, and what was changed."""

    model = SubscriptionChange
    permission = VIEW
    title = gettext_lazy("Changes of subscriptions")
    select = ("subscription__product", "client", "from_product", "to_product", "invoice")
    columns = [
        Column("__str__", gettext_lazy("Change"), link=True, strong=True, phone="lead"),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("Client"), beside=lambda row: row.client.native_name, phone="under"),
        DateColumn("effective_on", gettext_lazy("From"), sort="effective_on"),
        MoneyColumn("due", gettext_lazy("Charged"), strong=True, phone="end"),
        MoneyColumn("credit", gettext_lazy("Credit"), muted=True, phone="hide"),
        Column("invoice", gettext_lazy("Invoice"), shown=False),
        Column("asked_by", gettext_lazy("Asked by"), shown=False),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        Choice("state", gettext_lazy("State"), SubscriptionChange.State.choices),
        Choice("when", gettext_lazy("When"), SubscriptionChange.When.choices),
    ]
    search = ["subscription__label__icontains", "client__company__icontains", "client__last_name__icontains"]
    sort = "-effective_on"
    tabs = [
        Tab("open", gettext_lazy("Under way"), Q(state__in=SubscriptionChange.UNDER_WAY), count=True),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    empty = (
        gettext_lazy("No changes here"),
        gettext_lazy("They appear when a plan, a cycle or a quantity is changed."),
    )


class ChangeWithdraw(StaffVerbView):
    """Before it is paid or has begun."""

    model = SubscriptionChange
    permission = CHANGE
    select = ("subscription__account",)
    title = gettext_lazy("Take this change back")
    explain = gettext_lazy("Its unpaid invoice is cancelled, and everything is as it was before.")
    button = gettext_lazy("Take it back")
    kind = "danger"
    form_class = ReasonForm
    done = gettext_lazy("Taken back.")
    action = staticmethod(withdraw_change)
