"""The inbox of gateways: keep each message once, then ask the gateway what is true."""

from django.db import transaction

from billing.models import Charge, GatewayEvent, MethodSetup, Refund
from hostbill.core import clock, outgoing

from .withdrawal import lane_of


def receive_event(gateway, event) -> bool:
    """Store a verified message (a gateways.base.WebhookEvent) and queue its look-up; False when it is known already."""
    with transaction.atomic():
        made = GatewayEvent.objects.bulk_create(
            [
                GatewayEvent(
                    gateway=gateway,
                    remote_id=event.remote_id,
                    type=event.type[:100],
                    object_type=event.object_type[:60],
                    object_id=event.object_id[:255],
                    payload=event.payload,
                    received_at=clock.now(),
                    state="received" if event.is_news else "ignored",
                )
            ],
            ignore_conflicts=True,
        )
        if not event.is_news:
            return True
        row = GatewayEvent.objects.get(gateway=gateway, remote_id=made[0].remote_id)
        key = f"event:{row.pk}"
        known = outgoing.Outgoing.objects.filter(kind="billing.gateway_event", key=key).exists()
        if not known:
            outgoing.queue("billing.gateway_event", row.pk, key=key, lane=lane_of(gateway))
    return not known


def finish_event(event: GatewayEvent, state: str, message: str = "") -> GatewayEvent:
    """Note what became of a message."""
    event.state, event.message, event.done_at = state, message[:500], clock.now()
    event.save(update_fields=["state", "message", "done_at"])
    return event


def check_charge(charge: Charge, *, reason: str) -> None:
    """Queue a look at the gateway for one charge; `reason` (for instance a job's slot) makes the question unique."""
    outgoing.queue(
        "billing.charge_check", charge.pk, key=f"{charge.key}:check:{reason}"[:120], lane=lane_of(charge.gateway)
    )


def charge_of(gateway, remote_id: str, key: str) -> Charge | None:
    """The charge that the gateway knows by this id, or that we sent with this key."""
    mine = Charge.objects.filter(gateway=gateway)
    return mine.filter(remote_id=remote_id).first() or (mine.filter(key=key).first() if key else None)


def refund_of(gateway, key: str) -> Refund | None:
    """The refund that we sent with this key. One that bears none of ours was made at the gateway."""
    return Refund.objects.filter(payment__gateway=gateway, key=key).first() if key else None


def setup_of(gateway, remote_id: str, key: str) -> MethodSetup | None:
    """The set-up of a method that the gateway knows by this id, or that we sent with this key."""
    mine = MethodSetup.objects.filter(gateway=gateway)
    return mine.filter(remote_id=remote_id).first() or (mine.filter(key=key).first() if key else None)
