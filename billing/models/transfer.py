"""Handing a service over to another client, who has to accept it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel

from .owned import OwnedQuerySet, owned
from .subscription import Subscription


class TransferQuerySet(OwnedQuerySet):
    """Finding transfers."""

    def visible_to(self, actor):
        """To both sides; staff as with subscriptions."""
        if actor.kind == "client":
            mine = actor.clients_with("services")
            return self.filter(models.Q(from_client_id__in=mine) | models.Q(to_client_id__in=mine))
        return super().visible_to(actor)

    def offered(self):
        """Waiting for an answer."""
        return self.filter(state="offered")


class Transfer(TrackedModel):
    """What is invoiced stays with the client it was invoiced to; the taker is charged from the next period on."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Waits for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Taken back")

    TRANSITIONS = {
        "offered": {"accepted", "declined", "withdrawn"},
        "accepted": set(),
        "declined": set(),
        "withdrawn": set(),
    }

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="transfers")
    from_client = models.ForeignKey("clients.Client", models.PROTECT, related_name="transfers_given")
    to_client = models.ForeignKey("clients.Client", models.PROTECT, related_name="transfers_taken")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OFFERED)
    offered_at = models.DateTimeField()
    offered_by = models.CharField(max_length=200)
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)

    objects = owned("billing.subscription.view", client_path="from_client_id", area="services", base=TransferQuerySet)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"], condition=models.Q(state="offered"), name="billing_transfer_one_open"
            )
        ]

    def __str__(self):
        return f"{self.subscription}: {self.from_client} → {self.to_client}"

    def get_absolute_url(self):
        """The page of its subscription."""
        return address("billing_staff:subscription_detail", self.subscription_id)

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        kinds = {"offered": "pending", "accepted": "ok", "declined": "ended", "withdrawn": "ended"}
        return (kinds[self.state], self.get_state_display())
