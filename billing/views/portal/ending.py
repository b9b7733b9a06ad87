"""Pauses and handing over in the client area."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.pause import pause_subscription, resume_paused
from billing.actions.transfer import accept_transfer, decline_transfer, offer_transfer
from billing.forms.ending import ClientPauseForm, ClientTransferForm
from billing.models import Subscription, Transfer
from billing.options import CLIENTS_PAUSE, CLIENTS_TRANSFER
from hostbill.core.crud import Column, DateColumn, PortalListView, PortalVerbView, StateColumn

AREA = "services"


def can_pause(row) -> bool:
    """May the client let it rest?"""
    return row.state == "active" and row.is_recurring and not row.cancel_on and CLIENTS_PAUSE.value


def is_paused(row) -> bool:
    """Did the client or staff let it rest?"""
    return row.state == "suspended" and row.suspensions.filter(kind="pause", lifted_at=None).exists()


def can_hand_over(row) -> bool:
    """May it be offered to somebody?"""
    return row.is_running and not row.parent_id and CLIENTS_TRANSFER.value and not row.transfers.offered().exists()


class _OfSubscription(PortalVerbView):
    """Base: one of the client's subscriptions."""

    model = Subscription
    area = AREA
    visit_permission = "billing.subscription.change"
    select = ("account", "client", "product")

    def back_url(self, obj):
        """Its page."""
        return reverse("billing_portal:subscription_detail", args=[obj.pk])

    def after_url(self, result):
        """Its page."""
        return self.back_url(self.obj)


class SubscriptionPause(_OfSubscription):
    """It rests and is not charged."""

    title = gettext_lazy("Pause")
    explain = gettext_lazy(
        "It goes offline today and nothing is charged meanwhile. When it goes on, a new period begins."
    )
    button = gettext_lazy("Pause it")
    form_class = ClientPauseForm
    action = staticmethod(pause_subscription)
    done = gettext_lazy("Paused.")

    def get_queryset(self):
        """Where we allow it."""
        return super().get_queryset().filter(state="active") if CLIENTS_PAUSE.value else super().get_queryset().none()


class SubscriptionResume(_OfSubscription):
    """Let it go on."""

    title = gettext_lazy("Let it go on")
    explain = gettext_lazy("It goes online again, and a new period begins today.")
    button = gettext_lazy("Let it go on")
    action = staticmethod(resume_paused)
    done = gettext_lazy("It goes on.")

    def get_queryset(self):
        """Those that rest."""
        return super().get_queryset().filter(suspensions__kind="pause", suspensions__lifted_at=None)


class SubscriptionTransfer(_OfSubscription):
    """Offer it to another client."""

    title = gettext_lazy("Hand over to another client")
    explain = gettext_lazy(
        "The other client is asked and has to accept. You keep your invoices and your credit; the other client is charged from the "
        "next period on."
    )
    button = gettext_lazy("Offer it")
    form_class = ClientTransferForm
    action = staticmethod(offer_transfer)
    done = gettext_lazy("Offered. The other client has a mail about it.")

    def get_queryset(self):
        """Where we allow it."""
        return super().get_queryset().running() if CLIENTS_TRANSFER.value else super().get_queryset().none()


class TransferList(PortalListView):
    """Offers to and from the account."""

    model = Transfer
    area = AREA
    title = gettext_lazy("Services handed over")
    select = ("subscription__product", "from_client", "to_client")
    columns = [
        Column("subscription", gettext_lazy("Service"), strong=True, link=True),
        StateColumn(),
        DateColumn("offered_at", gettext_lazy("Offered")),
    ]
    sort = "-offered_at"
    empty = (
        gettext_lazy("Nothing is handed over"),
        gettext_lazy("Offers to take over somebody's service appear here."),
    )

    def get_queryset(self):
        """Those given and those taken."""
        rows = super(PortalListView, self).get_queryset()
        return rows.filter(Q(from_client=self.request.client.pk) | Q(to_client=self.request.client.pk))

    def url_of(self, row):
        """Where it is answered; what is answered is only told."""
        mine = row.state == "offered" and row.to_client_id == self.request.client.pk
        return reverse("billing_portal:transfer_accept", args=[row.pk]) if mine else ""


class _OfTransfer(PortalVerbView):
    """Base: an offer to or from the chosen account."""

    model = Transfer
    area = AREA
    visit_permission = "billing.subscription.transfer"
    select = ("subscription__product", "subscription__account", "to_client", "from_client")
    success_url = "billing_portal:transfer_list"
    side = "to_client"

    def get_queryset(self):
        """Open ones."""
        rows = Transfer.objects.visible_to(self.request.actor).offered().select_related(*self.select)
        return rows.filter(**{self.side: self.request.client})

    def back_url(self, obj):
        """The list."""
        return reverse("billing_portal:transfer_list")

    def after_url(self, result):
        """The list."""
        return self.back_url(self.obj)


class TransferAccept(_OfTransfer):
    """Take it over."""

    template_name = "billing/portal/transfer/accept.html"
    button = gettext_lazy("Take it over")
    action = staticmethod(accept_transfer)
    done = gettext_lazy("It is yours now.")

    def get_title(self):
        """What it is."""
        return _("Take over %(name)s") % {"name": self.obj.subscription}


class TransferDecline(_OfTransfer):
    """No, thank you."""

    title = gettext_lazy("Decline the offer")
    button = gettext_lazy("Decline")
    action = staticmethod(decline_transfer)
    done = gettext_lazy("Declined.")


class TransferWithdraw(_OfTransfer):
    """The giver changes their mind."""

    side = "from_client"
    title = gettext_lazy("Take the offer back")
    button = gettext_lazy("Take it back")
    action = staticmethod(decline_transfer)
    done = gettext_lazy("Taken back.")
