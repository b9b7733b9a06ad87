"""The account itself, for clients' programs."""

from django.utils.translation import gettext_lazy as _

from clients.actions.client import CLIENT_FIELDS, update_client
from clients.api.people import Invite
from clients.forms.client import ClientForm
from clients.models import Client
from hostbill.core.api.nouns import ClientNoun
from hostbill.core.crud import Column, PortalEditView, PortalListView


class OwnClientRows(PortalListView):
    """The one that the token is for."""

    model, area, title, sort = Client, "account", _("Company and address"), "pk"
    client_path = "pk"
    columns = [Column("number", _("Number"))]


class OwnClientEdit(PortalEditView):
    """Name, address, tax number."""

    model, area, form_class = Client, "account", ClientForm
    client_path = "pk"
    update_action = staticmethod(update_client)


CLIENT_NOUNS = [
    ClientNoun("clients", OwnClientRows, f"number {' '.join(CLIENT_FIELDS)} currency", edit_view=OwnClientEdit,
               acts={"invite": Invite}),
]  # fmt: skip
