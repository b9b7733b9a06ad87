"""Use cases of endpoints: make, change, new secret, off and on, delete, try."""

import base64
import binascii

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.access import SYSTEM, Actor
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.models import WebhookDelivery, WebhookEndpoint
from hostbill.core.webhooks import payload, signing, turns
from hostbill.core.webhooks.catalogue import TEST, may_read, types_for
from hostbill.core.webhooks.events import WebhookStopped
from hostbill.core.webhooks.options import FOR_CLIENTS, MOST_FOR_CLIENT
from hostbill.core.webhooks.telling import message_id

EDIT, OVERSEE = "core.webhook.edit", "core.webhook.oversee"
#: What a secret of one's own may measure, in bytes.
LEAST_SECRET, MOST_SECRET = 24, 64


def is_mine(actor: Actor, endpoint: WebhookEndpoint) -> bool:
    """Whether the actor may say where it goes and what it is told: its owner, in an account whoever manages it."""
    if endpoint.client_id is not None:
        return actor.kind == "client" and actor.behind is None and actor.may_in_area(endpoint.client_id, "account")
    return actor.is_staff and actor.user_id == endpoint.user_id and actor.may(EDIT)


def _require(actor: Actor, endpoint: WebhookEndpoint, *, own: bool = False) -> None:
    """Raises PermissionDenied. ``own``: those who look after everybody's may not do it either."""
    if not (is_mine(actor, endpoint) or actor == SYSTEM or not own and actor.may(OVERSEE)):
        raise PermissionDenied(EDIT)


def check_secret(text: str) -> str:
    """A secret as the scheme has it. Raises AppError."""
    try:
        raw = base64.b64decode(text.removeprefix(signing.PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not text.startswith(signing.PREFIX) or not LEAST_SECRET <= len(raw) <= MOST_SECRET:
        raise AppError(_("A secret is whsec_ and 24 to 64 random bytes in base64."), code="bad_secret", field="secret")
    return text


def _chosen(actor: Actor, client_id: int | None, events: list, kept: list = ()) -> list[str]:
    """In the order of declaration. Raises AppError for those that the person may not see; what is there already may stay."""
    allowed = [found.name for found in types_for(actor, client_id)]
    if not events or not set(events) <= {*allowed, *kept}:
        raise AppError(_("Choose events that you may see."), code="bad_events", field="events")
    return [name for name in dict.fromkeys([*allowed, *kept]) if name in events]


def _refuse_narrower(actor: Actor, endpoint: WebhookEndpoint) -> None:
    """A token that may see less than its person does not lead elsewhere what the person has told. Raises AppError."""
    allowed = {found.name for found in types_for(actor, endpoint.client_id)}
    if actor.by_token and not set(endpoint.events) <= allowed:
        raise AppError(_("This token may not see all that the webhook is told."), code="more_than_own")


@transaction.atomic
def create_endpoint(*, actor: Actor, label: str, target_url: str, events: list, secret: str = "", client=None) -> WebhookEndpoint:
    """Make one for oneself, or for a client account that one manages. Its ``secret`` is to be shown once.

    ``target_url`` is checked by the form, and again before each call. AppError "bad_events", "bad_secret", "too_many", "switched_off"."""
    endpoint = WebhookEndpoint(user_id=actor.user_id, client_id=client.pk if client else None, label=label, target_url=target_url)
    if not is_mine(actor, endpoint):
        raise PermissionDenied(EDIT)
    if client is not None:
        _check_room(lock(client))
    endpoint.events = _chosen(actor, endpoint.client_id, events)
    endpoint.secret = check_secret(secret) if secret else signing.new_secret()
    endpoint.save()
    audit(actor, "core.webhook_created", endpoint)
    return endpoint


def _check_room(client) -> None:
    if not FOR_CLIENTS.value:
        raise AppError(_("Webhooks are switched off here."), code="switched_off")
    if client.is_closed:
        raise AppError(_("This account is closed."), code="client_closed")
    if WebhookEndpoint.objects.filter(client_id=client.pk).count() >= MOST_FOR_CLIENT.value:
        raise AppError(_("Not more than %(most)d webhooks.") % {"most": MOST_FOR_CLIENT.value}, code="too_many")


@transaction.atomic
def change_endpoint(endpoint, *, actor: Actor, label: str, target_url: str, events: list) -> WebhookEndpoint:
    """Change what it is told and where. In an account it stands from now on for whoever changed it."""
    _require(actor, endpoint, own=True)
    endpoint = lock(endpoint)
    _refuse_narrower(actor, endpoint)
    endpoint.events = _chosen(actor, endpoint.client_id, events, endpoint.events)
    endpoint.label, endpoint.target_url, endpoint.user_id = label, target_url, actor.user_id
    audit(actor, "core.webhook_changed", endpoint)
    endpoint.save()
    return endpoint


@transaction.atomic
def rotate_secret(endpoint, *, actor: Actor, secret: str = "") -> WebhookEndpoint:
    """A new secret, to be shown once; for a day the one before signs too, so that nothing is refused meanwhile."""
    _require(actor, endpoint, own=True)
    endpoint = lock(endpoint)
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, clock.now() + signing.OVERLAP
    endpoint.secret = check_secret(secret) if secret else signing.new_secret()
    audit(actor, "core.webhook_secret_changed", endpoint, changes={})
    endpoint.save()
    return endpoint


@transaction.atomic
def switch_off(endpoint, *, actor: Actor) -> WebhookEndpoint:
    """Nothing is written for it any more; what is due for a try meanwhile is given up."""
    _require(actor, endpoint)
    endpoint = lock(endpoint)
    endpoint.is_on, endpoint.stopped_at, endpoint.stopped_reason = False, None, ""
    audit(actor, "core.webhook_switched_off", endpoint)
    endpoint.save()
    return endpoint


@transaction.atomic
def switch_on(endpoint, *, actor: Actor) -> WebhookEndpoint:
    """From now on it is told again; what was given up can be sent once more by hand."""
    _require(actor, endpoint)
    endpoint = lock(endpoint)
    endpoint.is_on, endpoint.stopped_at, endpoint.stopped_reason = True, None, ""
    audit(actor, "core.webhook_switched_on", endpoint)
    endpoint.save()
    return endpoint


def stop(endpoint: WebhookEndpoint, reason: str) -> None:
    """We give it up, in the transaction of the delivery that showed it; its owner is told."""
    endpoint.is_on, endpoint.stopped_at, endpoint.stopped_reason = False, clock.now(), reason
    audit(SYSTEM, "core.webhook_stopped", endpoint, reason=reason)
    endpoint.save()
    emit(WebhookStopped(endpoint.pk))


@transaction.atomic
def delete_endpoint(endpoint, *, actor: Actor) -> None:
    """It and what was sent to it; the log of acts stays."""
    _require(actor, endpoint)
    endpoint = lock(endpoint)
    audit(actor, "core.webhook_deleted", endpoint, changes={"target_url": [endpoint.target_url, ""]})
    endpoint.delete()


@transaction.atomic
def send_test(endpoint, *, actor: Actor) -> WebhookDelivery:
    """Send an event that means nothing. AppError "switched_off", "under_way"."""
    _require(actor, endpoint)
    endpoint = lock(endpoint)
    if not endpoint.is_on:
        raise AppError(_("Switch it on first."), code="switched_off")
    if endpoint.deliveries.filter(type=TEST, state=turns.State.WAITING).exists():
        raise AppError(_("The test before is still on its way."), code="under_way")
    body = payload.test_body(endpoint, clock.now())
    delivery = WebhookDelivery(endpoint=endpoint, message_id=message_id(), type=TEST, body=body)
    turns.enter(delivery)
    audit(actor, "core.webhook_tested", endpoint, changes={})
    return delivery


@transaction.atomic
def replay(delivery, *, actor: Actor) -> WebhookDelivery:
    """Send the same words again under the same id. AppError "switched_off", "under_way", "not_yours" for what one may not see."""
    _require(actor, delivery.endpoint)
    if not (may_read(actor, delivery) or actor == SYSTEM or actor.may(OVERSEE)):
        raise AppError(_("You may not see what this event is about."), code="not_yours")
    endpoint = lock(delivery.endpoint)
    delivery = WebhookDelivery.objects.get(pk=delivery.pk)
    delivery.endpoint = endpoint
    if not endpoint.is_on:
        raise AppError(_("Switch it on first."), code="switched_off")
    if not delivery.is_over:
        raise AppError(_("It is still on its way."), code="under_way")
    delivery.replays += 1
    turns.start(delivery)
    audit(actor, "core.webhook_replayed", endpoint, changes={"webhook-id": [delivery.message_id, delivery.message_id]})
    return delivery
