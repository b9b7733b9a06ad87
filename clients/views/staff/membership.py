"""People of a client account and its extra recipients, seen by staff."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.actions.contact import add_contact, remove_contact
from clients.actions.membership import change_rights, invite_member, remove_member, withdraw_invitation
from clients.forms.membership import ContactForm, InviteForm, RightsForm
from clients.models import Client, Contact, Invitation, Membership
from hostbill.core.crud import StaffVerbView

EDIT = "clients.member.edit"


class ClientInvite(StaffVerbView):
    """Ask somebody by mail."""

    model = Client
    permission = EDIT
    title = _("Invite somebody to this account")
    explain = _("The person gets a link by mail, which works for this address only.")
    button = _("Send the invitation")
    form_class = InviteForm
    action = staticmethod(invite_member)
    done = _("The invitation is on its way.")


class ClientContact(StaffVerbView):
    """An extra recipient of mail."""

    model = Client
    permission = "clients.client.edit"
    title = _("Add a recipient of mail")
    explain = _("Gets copies of mail without a login, for example a bookkeeper.")
    button = _("Add")
    form_class = ContactForm
    action = staticmethod(add_contact)
    done = _("Added.")


class ClientPart(StaffVerbView):
    """Base: something of a client; afterwards back to the client's page."""

    permission = EDIT

    def after_url(self, result):
        """The client's page: the row itself may be gone."""
        return reverse("clients_staff:client_detail", args=[self.obj.client_id])

    def back_url(self, obj):
        """The same."""
        return self.after_url(None)


class MemberRights(ClientPart):
    """What a member may use."""

    model = Membership
    title = _("What this person may use")
    button = _("Save")
    form_class = RightsForm

    def get_initial(self):
        """The rights as they are."""
        return {"areas": sorted(self.obj.granted_areas)}

    action = staticmethod(change_rights)
    done = _("Saved.")


class MemberRemove(ClientPart):
    """Take access away."""

    model = Membership
    title = _("Remove this person from the account")
    explain = _("The login stays, but no longer reaches this account.")
    button = _("Remove")
    kind = "danger"
    action = staticmethod(remove_member)
    done = _("Removed.")


class InvitationWithdraw(ClientPart):
    """Make an invitation stop working."""

    model = Invitation
    title = _("Withdraw this invitation")
    explain = _("The link in its mail stops working. You can invite the person again.")
    button = _("Withdraw")
    action = staticmethod(withdraw_invitation)
    done = _("Withdrawn.")


class ContactRemove(ClientPart):
    """Stop mail to an extra recipient."""

    model = Contact
    permission = "clients.client.edit"
    title = _("Remove this recipient")
    explain = _("No mail goes to this address any more. What was sent stays in the log.")
    button = _("Remove")
    kind = "danger"
    action = staticmethod(remove_contact)
    done = _("Removed.")
