"""For whom a webhook stands."""

from dataclasses import replace

from clients.models import Client, Membership, User
from clients.queries.actor import actor_of
from hostbill.core.access import Actor
from hostbill.core.models import WebhookEndpoint
from hostbill.core.webhooks.options import FOR_CLIENTS


def stands_for(endpoint: WebhookEndpoint) -> Actor | None:
    """Its owner as they may see things today; None when they may not have it any more: switched off, without the right, not in the
    account, or the account is closed."""
    user = User.objects.filter(pk=endpoint.user_id, is_active=True).first()
    if user is None:
        return None
    if endpoint.client_id is None:
        actor = actor_of(user)
        return actor if actor.kind == "staff" and actor.may("core.webhook.edit") else None
    return _member(user, endpoint.client_id) if FOR_CLIENTS.value else None


def _member(user: User, client_id: int) -> Actor | None:
    """Somebody who manages the open account, narrowed to it."""
    held = Membership.objects.filter(user=user, client=client_id, client__status=Client.Status.ACTIVE).first()
    actor = actor_of(user) if held and held.has_area("account") else None
    return replace(actor, client_ids=(client_id,), areas={client_id: held.granted_areas}) if actor else None
