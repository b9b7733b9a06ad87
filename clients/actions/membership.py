"""Use cases of people with a login to a client account: invite, accept, change rights, remove."""

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clients.actions.client import may_edit_account
from clients.events import MemberInvited, MemberJoined
from clients.models import ALL_AREAS, Invitation, Membership
from clients.options import INVITATION_DAYS
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock

INVITATION_SALT = "clients.invitation"
MEMBER_EDIT = "clients.member.edit"


def invitation_token(invitation):
    """The secret of the invitation's link."""
    return signing.dumps(invitation.pk, salt=INVITATION_SALT)


def _clean_areas(areas):
    """Known areas only, in one order; at least one."""
    chosen = [area for area in ALL_AREAS if area in areas]
    if not chosen:
        raise AppError(_("Choose at least one thing the person may use."), code="no_area", field="areas")
    return chosen


def _refuse_more_than_own(actor, client, areas):
    """A member cannot hand out areas they do not have themselves."""
    if actor.kind == "client" and not set(areas) <= set(actor.areas.get(client.pk, ())):
        raise AppError(_("You can only share what you may use yourself."), code="more_than_own", field="areas")


@transaction.atomic
def invite_member(client, *, actor, email, areas):
    """Ask somebody by mail to join; an older open invitation to the same address is replaced."""
    may_edit_account(actor, client, MEMBER_EDIT)
    email, areas = email.strip().lower(), _clean_areas(areas)
    _refuse_more_than_own(actor, client, areas)
    if client.memberships.filter(user__email=email).exists():
        raise AppError(_("This person has access already."), code="already_member", field="email")
    client.invitations.open().filter(email=email).update(withdrawn_at=clock.now())
    invitation = Invitation.objects.create(
        client=client,
        email=email,
        areas=areas,
        invited_by=actor.label,
        expires_at=clock.now() + timedelta(days=INVITATION_DAYS.value),
    )
    audit(actor, "clients.member_invited", invitation)
    emit(MemberInvited(invitation.pk))
    return invitation


@transaction.atomic
def withdraw_invitation(invitation, *, actor):
    """Make an invitation's link stop working."""
    may_edit_account(actor, invitation.client, MEMBER_EDIT)
    invitation = lock(invitation)
    invitation.withdrawn_at = invitation.withdrawn_at or clock.now()
    audit(actor, "clients.invitation_withdrawn", invitation)
    invitation.save()
    return invitation


def find_invitation(token):
    """The open invitation behind a link's token. Raises AppError `invitation_gone` for any that does not work."""
    try:
        pk = signing.loads(token, salt=INVITATION_SALT)
    except signing.BadSignature:
        pk = None
    invitation = Invitation.objects.open().select_related("client").filter(pk=pk).first()
    if invitation is None:
        raise AppError(_("This invitation is used up or too old. Ask for a new one."), code="invitation_gone")
    return invitation


@transaction.atomic
def accept_invite(token, *, user, actor):
    """Join the account as `user`, who must own the invited address: a forwarded link gives nobody else access."""
    invitation = lock(find_invitation(token))
    if invitation.accepted_at or invitation.email != user.email:
        raise AppError(_("This invitation is for another address."), code="wrong_person")
    invitation.accepted_at = clock.now()
    invitation.save()
    membership, _created = Membership.objects.get_or_create(
        user=user, client=invitation.client, defaults={"areas": invitation.areas}
    )
    audit(actor, "clients.member_joined", membership)
    emit(MemberJoined(membership.pk))
    return membership


@transaction.atomic
def change_rights(membership, *, actor, areas):
    """Set what a member may use. The owner always may use everything."""
    may_edit_account(actor, membership.client, MEMBER_EDIT)
    membership = lock(membership)
    if membership.is_owner:
        raise AppError(_("The owner always may use everything."), code="owner")
    areas = _clean_areas(areas)
    _refuse_more_than_own(actor, membership.client, set(areas) | membership.granted_areas)
    membership.areas = areas
    audit(actor, "clients.member_rights_changed", membership)
    membership.save()
    return membership


@transaction.atomic
def remove_member(membership, *, actor):
    """Take away a login's access to the account. The owner stays."""
    may_edit_account(actor, membership.client, MEMBER_EDIT)
    membership = lock(membership)
    if membership.is_owner:
        raise AppError(_("The owner cannot be removed."), code="owner")
    _refuse_more_than_own(actor, membership.client, membership.granted_areas)
    audit(actor, "clients.member_removed", membership, reason=str(membership.user))
    membership.delete()
