"""Reactions to what happens to people and accounts."""

from django.conf import settings
from django.urls import reverse

from clients.actions.membership import invitation_token
from clients.actions.merge import sweep_merged
from clients.events import ApiCredentialCreated, ApiTokenCreated, ClientMerged, MemberInvited
from clients.models import ApiCredential, ApiToken, Client, Invitation, User
from hostbill.core import clock
from hostbill.core.events import listen
from hostbill.core.localized import Spoken
from hostbill.core.models import Message, WebhookEndpoint
from hostbill.core.notify import Recipient, notify
from hostbill.core.webhooks.events import WebhookStopped


@listen(MemberInvited, name="clients.mail_on_member_invited", later=True)
def mail_on_member_invited(event):
    """Send the invitation, unless it was withdrawn meanwhile."""
    invitation = Invitation.objects.select_related("client").get(pk=event.invitation_id)
    if not invitation.is_open:
        return
    user = User.objects.filter(email=invitation.email).first()
    language = user.language if user else invitation.client.language
    link = settings.SITE_URL + reverse("clients_portal:invitation_accept", args=[invitation_token(invitation)])
    notify(
        "clients.invitation",
        to=Recipient(invitation.email, user.name if user else "", language),
        context={
            "client_name": invitation.client.name,
            "invited_by": invitation.invited_by,
            "areas": Spoken(lambda language: ", ".join(str(label) for label in invitation.area_labels)),
            "expires_on": invitation.expires_at.astimezone(clock.seller_zone()).date(),
            "link": link,
        },
        key=f"invitation:{invitation.pk}",
        subject_ref=(Message.PRIVATE, invitation.pk),
    )


@listen(ApiTokenCreated, name="clients.mail_on_api_token_created", later=True)
def mail_on_api_token_created(event):
    """Tell its owner: who got at an open session must not leave a back door unseen."""
    token = ApiToken.objects.select_related("user").get(pk=event.api_token_id)
    user = token.user
    notify(
        "clients.api_token_made",
        to=Recipient(user.email, user.name, user.language),
        context={
            "name": user.label,
            "email": user.email,
            "label": token.label,
            "expires_on": token.expires_on or "",
            "link": settings.SITE_URL + reverse(f"clients_{'portal' if token.client_id else 'staff'}:api_token_list"),
        },
        key=f"api_token:{token.pk}",
        subject_ref=(Message.PRIVATE, token.pk),
    )


@listen(ApiCredentialCreated, name="clients.mail_on_api_credential_created", later=True)
def mail_on_api_credential_created(event):
    """Tell its owner, as for a token."""
    credential = ApiCredential.objects.select_related("user").get(pk=event.api_credential_id)
    user = credential.user
    notify(
        "clients.api_credential_made",
        to=Recipient(user.email, user.name, user.language),
        context={
            "name": user.label,
            "email": user.email,
            "label": credential.label,
            "link": settings.SITE_URL + credential.get_absolute_url(),
        },
        key=f"api_credential:{credential.pk}",
        subject_ref=(Message.PRIVATE, credential.pk),
    )


@listen(ClientMerged, name="clients.sweep_on_client_merged", later=True)
def sweep_on_client_merged(event):
    """What was on its way to the client when it was merged."""
    sweep_merged(Client.objects.get(pk=event.client_id))


@listen(WebhookStopped, name="clients.mail_on_webhook_stopped", later=True)
def mail_on_webhook_stopped(event):
    """Tell whose it is: the colleague, or all who manage the account."""
    endpoint = WebhookEndpoint.objects.select_related("user").filter(pk=event.endpoint_id, is_on=False).first()
    if endpoint is None or endpoint.stopped_at is None:
        return
    user, client = endpoint.user, Client.objects.filter(pk=endpoint.client_id).first()
    notify(
        "clients.webhook_stopped",
        to=client or Recipient(user.email, user.name, user.language),
        context={
            "label": endpoint.label,
            "url": endpoint.target_url,
            "why": Spoken(lambda language: str(endpoint.stopped_words)),
            "link": settings.SITE_URL + reverse(f"clients_{'portal' if client else 'staff'}:webhook_detail", args=[endpoint.pk]),
        },
        key=f"webhook_stopped:{endpoint.pk}:{endpoint.stopped_at.isoformat()}",
        subject_ref=("core.webhookendpoint", endpoint.pk),
    )
