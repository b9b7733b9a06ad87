"""Client accounts in the console. The page of one client is composed by the roof (hostbill/pages/staff_client.py)."""

from urllib.parse import urlencode

from django.db.models import Q
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from clients.actions.client import close_client, create_client, reopen_client, update_client
from clients.actions.letter import write_to_client
from clients.actions.note import set_sticky_note
from clients.forms.client import ClientForm, LetterForm, NewClientForm, ReasonForm, StickyNoteForm
from clients.models import Client
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Code,
    Column,
    DateColumn,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Text,
)
from hostbill.core.ui.words import country_name

VIEW, EDIT, CLOSE = "clients.client.view", "clients.client.edit", "clients.client.close"


def second_name(client) -> str:
    """The native name, else the person of a company; not the same name twice."""
    return client.native_name or (client.person_name if client.company else "")


class ClientList(StaffListView):
    """Everybody we serve."""

    model = Client
    permission = VIEW
    title = _("Clients")
    columns = [
        Column("name", _("Client"), link=True, strong=True, second=second_name, phone="lead"),
        StateColumn(phone="start"),
        Column("number", _("Number"), sort="number", phone="under"),
        Column("email", _("E-mail"), phone="hide"),
        Column("city", _("Place"), second=lambda client: country_name(client.country.code), phone="hide"),
        DateColumn("created_at", _("Since"), sort="created_at"),
        Column("company", _("Company"), shown=False, sort="company"),
        Column("person_name", _("Person"), shown=False),
        Column("phone", _("Phone"), shown=False),
        Column("tax_id", _("Tax number"), shown=False),
        Column("currency", _("Currency"), shown=False),
        Column("country.name", _("Country"), shown=False),
    ]
    filters = [
        Choice("status", _("Status"), Client.Status.choices),
        Text("city", _("Place"), lookup="istartswith"),
        Code("country", _("Country code")),
    ]
    search = [
        "number__iexact",
        "company__icontains",
        "first_name__icontains",
        "last_name__icontains",
        "native_name__icontains",
        "email__icontains",
        "phone__icontains",
        "tax_id__iexact",
    ]
    sort = "-created_at"
    tabs = [
        Tab("active", _("Active"), Q(status="active")),
        Tab("closed", _("Closed"), Q(status="closed")),
        Tab("all", _("Everything"), Q()),
    ]
    bulk = [
        BulkAction(
            "close",
            _("Close accounts"),
            close_client,
            CLOSE,
            kind="danger",
            confirm=_("Nothing new can be sold to them. People can still sign in and read their invoices."),
            form_class=ReasonForm,
            when=lambda client: not client.is_closed,
        ),
    ]
    create_permission = EDIT
    create_url = "clients_staff:client_create"
    create_label = _("New client")
    empty = (_("No clients yet"), _("They appear when somebody orders, or when you add one."))


class ClientDetail(StaffDetailView):
    """Facts only; the roof's page answers at the same address with everything about the client."""

    model = Client
    permission = VIEW

    def facts(self, client):
        """Who it is."""
        return [
            (_("Number"), client.number),
            (_("E-mail"), client.email),
            (_("Phone"), client.phone),
            (_("Address"), ", ".join(client.address_lines)),
            (_("Tax number"), client.tax_id),
            (_("Currency"), client.currency),
        ]


class ClientCreate(StaffEditView):
    """A new account."""

    model = Client
    form_class = NewClientForm
    permission = EDIT
    title = _("Client")
    columns = 2
    crumbs = [(_("Clients"), "clients_staff:client_list")]
    create_action = staticmethod(create_client)

    def after_url(self, client):
        """The client's page, or back to what was begun without a client (`?then=`, a page of the console)."""
        then = self.request.GET.get("then", "")
        back = then.startswith("/staff/") and url_has_allowed_host_and_scheme(then, allowed_hosts=None)
        return f"{then}?{urlencode({'client': client.pk})}" if back else super().after_url(client)


class ClientEdit(StaffEditView):
    """Change an account."""

    model = Client
    form_class = ClientForm
    permission = EDIT
    title = _("Client")
    columns = 2
    crumbs = [(_("Clients"), "clients_staff:client_list")]
    update_action = staticmethod(update_client)


class ClientNote(StaffVerbView):
    """The sticky note."""

    model = Client
    permission = "clients.note.edit"
    title = _("Sticky note")
    explain = _("Stands on top of the client's page and beside each ticket.")
    button = _("Save the note")
    form_class = StickyNoteForm

    def get_initial(self):
        """The note as it stands."""
        note = self.obj.notes.sticky().first()
        return {"body": note.body if note else ""}

    action = staticmethod(set_sticky_note)
    done = _("Note saved.")


class ClientClose(StaffVerbView):
    """Close the account."""

    model = Client
    permission = CLOSE
    title = _("Close this account")
    explain = _("Nothing new can be sold to it. People can still sign in and read their invoices.")
    button = _("Close the account")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(close_client)
    done = _("The account is closed.")


class ClientReopen(StaffVerbView):
    """Open it again."""

    model = Client
    permission = CLOSE
    title = _("Open this account again")
    explain = _("The client can order again.")
    button = _("Open the account")
    form_class = ReasonForm
    action = staticmethod(reopen_client)
    done = _("The account is open.")


class ClientMail(StaffVerbView):
    """A mail by hand; what waits for an answer is better a ticket."""

    model = Client
    permission = "clients.client.write"
    title = _("Write a mail")
    explain = _("Goes to the account's own address in our layout. Where an answer is awaited, open a ticket instead.")
    button = _("Send")
    form_class = LetterForm
    action = staticmethod(write_to_client)
    done = _("The mail is on its way.")
