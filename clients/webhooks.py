"""What programs are told about people and accounts."""

from django.utils.translation import gettext_lazy as _

from clients import events
from clients.models import Client, Invitation, Membership
from hostbill.core.webhooks.events import WebhookStopped
from hostbill.core.webhooks.offers import Subject, keep_in, offer

CLIENT = Subject(
    "client", Client, _("Clients"), client="pk", area="account",
    own=("number company first_name last_name native_name email phone address1 address2 city state postcode country tax_id language "
         "currency status created_at updated_at",),
)  # fmt: skip
INVITATION = Subject(
    "invitation", Invitation, _("People"), facts=("client email areas invited_by expires_at",), permission="clients.client.view"
)
MEMBER = Subject("member", Membership, _("People"), facts=("client user areas is_owner",), permission="clients.client.view")

offer(CLIENT, "created", events.ClientCreated, "client_id", for_clients=False)
offer(CLIENT, "updated", events.ClientUpdated, "client_id")
offer(CLIENT, "closed", events.ClientClosed, "client_id", for_clients=False)
offer(CLIENT, "merged", events.ClientMerged, "client_id", for_clients=False)
offer(INVITATION, "sent", events.MemberInvited, "invitation_id")
offer(MEMBER, "joined", events.MemberJoined, "membership_id")
keep_in(events.ApiTokenCreated, "security of a person: they are told by mail")
keep_in(events.ApiCredentialCreated, "security of a person: they are told by mail")
keep_in(WebhookStopped, "its owner is told by mail")
