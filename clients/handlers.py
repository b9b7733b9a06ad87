"""Reactions to what happens to people and accounts."""

from django.conf import settings
from django.urls import reverse

from clients.actions.membership import invitation_token
from clients.actions.merge import sweep_merged
from clients.events import ApiTokenCreated, ClientMerged, MemberInvited
from clients.models import ApiToken, Client, Invitation, User
from hostbill.core import clock
from hostbill.core.events import listen
from hostbill.core.localized import Spoken
from hostbill.core.models import Message
from hostbill.core.notify import Recipient, notify


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
            "expires_on": token.expires_on,
            "link": settings.SITE_URL + reverse("clients_staff:api_token_list"),
        },
        key=f"api_token:{token.pk}",
        subject_ref=(Message.PRIVATE, token.pk),
    )


@listen(ClientMerged, name="clients.sweep_on_client_merged", later=True)
def sweep_on_client_merged(event):
    """What was on its way to the client when it was merged."""
    sweep_merged(Client.objects.get(pk=event.client_id))
