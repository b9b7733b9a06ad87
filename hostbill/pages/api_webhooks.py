"""Webhooks by API: colleagues' own, for those who look after them everybody's; and those of a client's account."""

from django.db.models import BooleanField, Case, Value, When
from django.utils.translation import gettext_lazy as _

from clients.forms.webhook import NewWebhookForm, SecretForm
from clients.views.portal import webhook as mine
from clients.views.staff import webhook as staff
from hostbill.core.api.fields import Fact, rows
from hostbill.core.api.nouns import ClientNoun, Noun
from hostbill.core.crud import Choice, DateColumn, PortalListView
from hostbill.core.models import WebhookAttempt, WebhookDelivery
from hostbill.core.webhooks.catalogue import TEST, all_types, types_for
from hostbill.core.webhooks.endpoints import OVERSEE


def marked(found, actor, client_id=None):
    """Deliveries with whether this person may read now what each tells; see `catalogue.may_read`."""
    names = [TEST, *(kind.name for kind in types_for(actor, client_id))]
    may = Value(True) if actor.may(OVERSEE) else Case(When(type__in=names, then=True), default=False, output_field=BooleanField())
    return found.annotate(may_read=may)


def body_of(delivery) -> str | None:
    """Its words, for those who may read them."""
    return delivery.body if delivery.may_read else None


def tries_of(delivery) -> list:
    """Each try with the answer, which may repeat those words."""
    return list(delivery.attempts.all()) if delivery.may_read else []


class SecretNeeded:
    """Mixin: answers are kept for repeated requests and hold no secrets, so programs bring their own."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["secret"].required = True


class NewWebhookBody(SecretNeeded, NewWebhookForm):
    """With the secret."""


class SecretBody(SecretNeeded, SecretForm):
    """The new one."""


class WebhookCreate(staff.WebhookCreate):
    """One's own."""

    form_class = NewWebhookBody


class WebhookRotate(staff.WebhookRotate):
    """A new secret."""

    form_class = SecretBody


class DeliveryOne(staff.DeliveryDetail):
    """With its words."""

    def get_queryset(self):
        """Marked."""
        return marked(super().get_queryset(), self.request.actor)


class OwnWebhookCreate(mine.WebhookCreate):
    """For the account."""

    form_class = NewWebhookBody


class OwnWebhookRotate(mine.WebhookRotate):
    """A new secret."""

    form_class = SecretBody


class OwnDeliveries(mine.OfAccount, PortalListView):
    """What was sent to webhooks of the account."""

    model, title, sort = WebhookDelivery, _("Deliveries of webhooks"), "-pk"
    client_path = "endpoint__client_id"
    select = ("endpoint",)
    columns = [DateColumn("created_at", _("Written"))]
    filters = [Choice("type", _("Event"), [(found.name, found.name) for found in all_types()] + [(TEST, TEST)]),
               Choice("state", _("State"), WebhookDelivery.State.choices)]  # fmt: skip

    def get_queryset(self):
        """Marked."""
        return marked(super().get_queryset(), self.request.actor, self.request.client.pk)


WEBHOOK = "target_url events is_on stopped_at stopped_reason user"
DELIVERY = "message_id type endpoint object_kind object_id error_code queued_at finished_at replays"
INSIDE = (
    Fact("body", "text", get=body_of),
    rows("attempts", WebhookAttempt, "at url address status answer error_code technical ms", get=tries_of),
)
VERBS = {"test": mine.WebhookTest, "on": mine.WebhookOn, "off": mine.WebhookOff, "rotate": OwnWebhookRotate, "delete": mine.WebhookDelete}
NOUNS = [
    Noun("webhooks", "webhook", also=f"{WEBHOOK} client_id", create_view=WebhookCreate, acts={"rotate": WebhookRotate}),
    Noun(
        "webhook-deliveries", "webhook_delivery", also=DELIVERY, detail_view=DeliveryOne, inside=INSIDE, prefetch=("attempts",)
    ),
]
CLIENT_NOUNS = [
    ClientNoun(
        "webhooks", mine.WebhookList, f"label {WEBHOOK} created_at updated_at", select=("user",), detail_view=mine.WebhookDetail,
        create_view=OwnWebhookCreate, edit_view=mine.WebhookEdit, acts=VERBS,
    ),
    ClientNoun(
        "webhook-deliveries", OwnDeliveries, f"{DELIVERY} state status tries ms created_at", select=("endpoint",), inside=INSIDE,
        prefetch=("attempts",), acts={"replay": mine.DeliveryReplay},
    ),
]  # fmt: skip
