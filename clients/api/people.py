"""People of a client by API: who may sign in, who was asked, who gets mail; and what colleagues noted."""

from django.utils.translation import gettext_lazy as _

from clients.actions.contact import update_contact
from clients.actions.membership import change_rights, invite_member, remove_member, withdraw_invitation
from clients.forms.membership import ContactForm, InviteForm, RightsForm
from clients.models import Client, Contact, Invitation, Membership, Note
from clients.views.staff.membership import EDIT
from hostbill.core.api.fields import Fact
from hostbill.core.api.nouns import ClientNoun, Noun
from hostbill.core.crud import (
    Column,
    DateColumn,
    PortalEditView,
    PortalListView,
    PortalVerbView,
    Related,
    StaffEditView,
    StaffListView,
    YesNo,
)
from hostbill.core.models import Message

VIEW, ACCOUNT = "clients.client.view", "account"
BY_CLIENT = [Related("client", _("Client"), Client)]


class MemberRows(StaffListView):
    """They stand on clients' pages."""

    model, permission, title, sort = Membership, VIEW, _("People with a login"), "-pk"
    select = ("user", "client")
    columns = [Column("user", _("Person")), Column("client", _("Client"))]
    filters = [*BY_CLIENT, YesNo("is_owner", _("Owner"))]
    search = ["user__email__icontains"]


class InvitationRows(StaffListView):
    """Those who were asked."""

    model, permission, title, sort = Invitation, VIEW, _("Invitations"), "-pk"
    select = ("client",)
    columns = [Column("email", _("E-mail address")), Column("client", _("Client"))]
    filters = BY_CLIENT
    search = ["email__icontains"]


class ContactRows(StaffListView):
    """Who gets mail without a login."""

    model, permission, title, sort = Contact, VIEW, _("Recipients of mail"), "-pk"
    select = ("client",)
    columns = [Column("name", _("Name")), Column("client", _("Client"))]
    filters = BY_CLIENT
    search = ["email__icontains", "name__icontains"]


class NoteRows(StaffListView):
    """What stands on top of clients' pages; written by the client's verb ``note``."""

    model, permission, title, sort = Note, VIEW, _("Notes"), "-pk"
    select = ("client",)
    columns = [Column("client", _("Client"))]
    filters = BY_CLIENT


def areas_of(member) -> list[str]:
    """What the person really may use, in one order."""
    return sorted(member.granted_areas)


class MemberChange(StaffEditView):
    """What a member may use."""

    model, permission, form_class = Membership, EDIT, RightsForm
    select = ("user", "client")
    update_action = staticmethod(change_rights)


class ContactChange(StaffEditView):
    """Name, address, what the mail is about."""

    model, permission, form_class = Contact, "clients.client.edit", ContactForm
    select = ("client",)
    update_action = staticmethod(update_contact)


MEMBER = ("user", "is_owner", Fact("areas", "list", nullable=False, get=areas_of))
INVITATION = "email areas invited_by expires_at accepted_at withdrawn_at is_open"
NOUNS = [
    Noun("members", "member", also=(*MEMBER, "client"), list_view=MemberRows, edit_view=MemberChange,
         closed={"edit": "PATCH is its twin"}),
    Noun("invitations", "invitation", also=INVITATION, list_view=InvitationRows),
    Noun("contacts", "contact", also="name email language areas client", list_view=ContactRows, edit_view=ContactChange),
    Noun("notes", "note", also="body is_sticky author_label client", list_view=NoteRows),
]  # fmt: skip


class OwnMembers(PortalListView):
    """Who may sign in to the account."""

    model, area, title, sort = Membership, ACCOUNT, _("People with a login"), "-pk"
    select = ("user", "client")
    columns = [Column("user", _("Person"))]


class OwnInvitations(PortalListView):
    """Who was asked."""

    model, area, title, sort = Invitation, ACCOUNT, _("Invitations"), "-pk"
    columns = [DateColumn("expires_at", _("Valid until"), sort="expires_at")]


class Invite(PortalVerbView):
    """Ask somebody by mail; with no more than one may oneself."""

    model, area, title, form_class = Client, ACCOUNT, _("Invite somebody to this account"), InviteForm
    client_path = "pk"
    action = staticmethod(invite_member)


class OwnMemberChange(PortalEditView):
    """What a member may use."""

    model, area, form_class = Membership, ACCOUNT, RightsForm
    select = ("user", "client")
    update_action = staticmethod(change_rights)


class OwnMemberRemove(PortalVerbView):
    """Take access away."""

    model, area, title = Membership, ACCOUNT, _("Remove this person from the account")
    select = ("user", "client")
    action = staticmethod(remove_member)


class OwnInvitationWithdraw(PortalVerbView):
    """Make an invitation stop working."""

    model, area, title = Invitation, ACCOUNT, _("Withdraw this invitation")
    select = ("client",)
    action = staticmethod(withdraw_invitation)


def email_of(member) -> str:
    """By which the person signs in."""
    return member.user.email


def name_of(member) -> str:
    """What the person is called."""
    return member.user.label


class OwnMessages(PortalListView):
    """Which mails went to the account."""

    model, area, title, sort = Message, ACCOUNT, _("Mail from us"), "-pk"
    client_path = "client_id"
    columns = [DateColumn("created_at", _("Written"))]


CLIENT_NOUNS = [
    ClientNoun(
        "members",
        OwnMembers,
        (Fact("email", nullable=False, get=email_of), Fact("name", nullable=False, get=name_of), *MEMBER[1:]),
        select=("user",),
        edit_view=OwnMemberChange,
        acts={"remove": OwnMemberRemove},
    ),
    ClientNoun("messages", OwnMessages, "kind subject to_email to_name language state sent_at created_at"),
    ClientNoun("invitations", OwnInvitations, INVITATION, acts={"withdraw": OwnInvitationWithdraw}),
]
