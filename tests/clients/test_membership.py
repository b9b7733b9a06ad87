"""People with a login to an account: invited, let in, limited, removed."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from clients.actions.membership import (
    accept_invite,
    change_rights,
    find_invitation,
    invitation_token,
    invite_member,
    remove_member,
    withdraw_invitation,
)
from clients.models import Invitation, Membership
from clients.queries.actor import actor_of
from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.models import Message
from tests.factories import UserFactory


def test_invited_person_joins_with_the_offered_rights(cast, drain):
    """The mail's link lets exactly the invited address in, once."""
    invite_member(cast.alice_client, actor=cast.alice_actor, email="Dora@Weaves.example", areas=["billing"])
    drain()
    message = Message.objects.get(kind="clients.invitation")
    assert message.to_email == "dora@weaves.example"
    token = re.search(r"/account/join/([^/\s]+)/", mail.outbox[-1].body).group(1)
    dora = UserFactory(email="dora@weaves.example")
    accept_invite(token, user=dora, actor=actor_of(dora))
    assert actor_of(dora).clients_with("billing") == [cast.alice_client.pk]
    assert actor_of(dora).clients_with("services") == []
    with pytest.raises(AppError):
        find_invitation(token)


def test_a_forwarded_link_lets_nobody_else_in(cast):
    """Charlie has the link but not the address."""
    invitation = invite_member(cast.alice_client, actor=cast.alice_actor, email="dora@weaves.example", areas=["billing"])
    with pytest.raises(AppError) as refused:
        accept_invite(invitation_token(invitation), user=cast.charlie, actor=cast.charlie_actor)
    assert refused.value.code == "wrong_person"
    assert cast.charlie.memberships.count() == 1


def test_old_withdrawn_and_forged_links_do_not_work(cast):
    """Each for its own reason, all with the same words."""
    invitation = invite_member(cast.alice_client, actor=cast.alice_actor, email="dora@weaves.example", areas=["billing"])
    token = invitation_token(invitation)
    assert find_invitation(token) == invitation
    with pytest.raises(AppError):
        find_invitation(token[:-2] + "xx")
    withdraw_invitation(invitation, actor=cast.alice_actor)
    with pytest.raises(AppError):
        find_invitation(token)
    Invitation.objects.update(withdrawn_at=None, expires_at=clock.now() - timedelta(minutes=1))
    with pytest.raises(AppError):
        find_invitation(token)


def test_only_those_with_the_account_area_invite(cast):
    """Bob has support only, Charlie is foreign; a member shares no more than they have."""
    for actor in (cast.bob_actor, cast.charlie_actor):
        with pytest.raises(PermissionDenied):
            invite_member(cast.alice_client, actor=actor, email="x@people.example", areas=["support"])
    Membership.objects.filter(user=cast.bob).update(areas=["account", "support"])
    with pytest.raises(AppError) as refused:
        invite_member(cast.alice_client, actor=actor_of(cast.bob), email="x@people.example", areas=["billing"])
    assert refused.value.code == "more_than_own"


def test_rights_are_changed_and_taken_away(cast):
    """Alice widens and removes Bob; the owner stays."""
    membership = cast.bob.memberships.get()
    change_rights(membership, actor=cast.alice_actor, areas=["billing", "support"])
    assert actor_of(cast.bob).clients_with("billing") == [cast.alice_client.pk]
    with pytest.raises(PermissionDenied):
        change_rights(membership, actor=cast.charlie_actor, areas=["support"])
    with pytest.raises(AppError):
        remove_member(cast.alice.memberships.get(), actor=cast.stella_actor)
    remove_member(membership, actor=cast.alice_actor)
    assert actor_of(cast.bob).client_ids == ()


def test_inviting_again_replaces_the_open_invitation(cast):
    """Two mails, one link that works."""
    first = invite_member(cast.alice_client, actor=cast.alice_actor, email="d@weaves.example", areas=["billing"])
    second = invite_member(cast.alice_client, actor=cast.alice_actor, email="d@weaves.example", areas=["support"])
    assert list(Invitation.objects.open()) == [second]
    assert first != second
    with pytest.raises(AppError):
        invite_member(cast.alice_client, actor=cast.alice_actor, email="bob@weaves.example", areas=["support"])
