"""Pauses and handing over in the console."""

from django.db.models import Q
from django.utils.translation import gettext_lazy

from billing.actions.pause import pause_subscription
from billing.actions.transfer import accept_transfer, decline_transfer, offer_transfer
from billing.forms.ending import PauseForm, TransferForm
from billing.models import Subscription, Transfer
from hostbill.core.crud import Column, DateColumn, StaffListView, StaffVerbView, StateColumn, Tab

SUSPEND, TRANSFER, VIEW = "billing.subscription.suspend", "billing.subscription.transfer", "billing.subscription.view"


class SubscriptionPause(StaffVerbView):
    """It rests and is not charged."""

    model = Subscription
    permission = SUSPEND
    select = ("account",)
    title = gettext_lazy("Pause")
    explain = gettext_lazy("It goes offline today and nothing is charged. When it goes on, a new period begins.")
    button = gettext_lazy("Pause it")
    form_class = PauseForm
    done = gettext_lazy("Paused.")

    def act(self, values):
        """The pause is shown on the subscription's page."""
        pause_subscription(self.obj, **values, actor=self.request.actor)


class SubscriptionTransfer(StaffVerbView):
    """Offer it to another client."""

    model = Subscription
    permission = TRANSFER
    select = ("account", "client")
    title = gettext_lazy("Hand over to another client")
    explain = gettext_lazy(
        "The other client has to accept. What is invoiced stays with the present client; the other one is charged from the next "
        "period on."
    )
    button = gettext_lazy("Offer it")
    form_class = TransferForm
    action = staticmethod(offer_transfer)
    done = gettext_lazy("Offered. The other client has a mail about it.")


class TransferList(StaffListView):
    """What is offered and what was handed over."""

    model = Transfer
    permission = VIEW
    title = gettext_lazy("Services handed over")
    select = ("subscription__product", "from_client", "to_client")
    columns = [
        Column("subscription", gettext_lazy("Subscription"), link=True, strong=True),
        StateColumn(),
        Column("from_client", gettext_lazy("From")),
        Column("to_client", gettext_lazy("To")),
        DateColumn("offered_at", gettext_lazy("Offered"), sort="offered_at"),
        Column("offered_by", gettext_lazy("Offered by"), shown=False),
        Column("answered_by", gettext_lazy("Answered by"), shown=False),
    ]
    search = ["subscription__label__icontains"]
    sort = "-offered_at"
    tabs = [
        Tab("open", gettext_lazy("Waiting"), Q(state="offered"), count=True),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    empty = (
        gettext_lazy("Nothing is handed over"),
        gettext_lazy("A service can be offered to another client on its page."),
    )


class TransferAccept(StaffVerbView):
    """The taker said yes by another way."""

    model = Transfer
    permission = TRANSFER
    select = ("subscription__account", "to_client")
    title = gettext_lazy("Hand it over now")
    explain = gettext_lazy("Only when the other client has agreed.")
    button = gettext_lazy("Hand over")
    action = staticmethod(accept_transfer)
    done = gettext_lazy("Handed over.")

    def after_url(self, result):
        """The subscription."""
        return self.obj.subscription.get_absolute_url()


class TransferDecline(StaffVerbView):
    """Take the offer back."""

    model = Transfer
    permission = TRANSFER
    select = ("subscription__account",)
    title = gettext_lazy("Take the offer back")
    button = gettext_lazy("Take it back")
    action = staticmethod(decline_transfer)
    done = gettext_lazy("Taken back.")
