"""Servers, groups and differences in the console."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views import View

from hostbill.core.access import StaffView
from hostbill.core.crud import (
    Choice,
    Column,
    DateColumn,
    NumberColumn,
    Related,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.crud.detail import ObjectMixin
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from provisioning.actions import server as actions
from provisioning.forms.server import GroupForm, ServerForm, connection_form, panel_choices
from provisioning.models import Server, ServerGroup
from provisioning.queries.account import panel_name

VIEW, EDIT = "provisioning.server.view", "provisioning.server.edit"
SERVERS = (_("Servers"), "provisioning_staff:server_list")
TROUBLE = Q(health="problem") | Q(stopped_since__isnull=False) | Q(full_since__isnull=False)


def _load(server: Server) -> str:
    """How full, in words."""
    if server.max_accounts is None:
        return _now("%(count)s, no limit") % {"count": server.account_count}
    return _now("%(count)s of %(most)s") % {"count": server.account_count, "most": server.max_accounts}


class ServerList(StaffListView):
    """Where accounts live."""

    model = Server
    permission = VIEW
    title = _("Servers")
    select = ("group", "module_config")
    columns = [
        Column("name", _("Server"), link=True, strong=True, second=lambda server: server.hostname, sort="name"),
        StateColumn(),
        Column("group", _("Group")),
        Column("module_config.driver", _("Panel"), value=panel_name),
        NumberColumn("account_count", _("Accounts"), value=_load, sort="account_count"),
        DateColumn("last_ok_at", _("Last answer"), relative=True),
    ]
    filters = [Related("group", _("Group"), ServerGroup), Choice("health", _("Health"), Server.HEALTH_CHOICES)]
    search = ["name__icontains", "hostname__icontains"]
    sort = "name"
    tabs = [Tab("all", _("All"), Q()), Tab("trouble", _("Need a person"), TROUBLE, count=True, tone="bad")]
    create_url = "provisioning_staff:server_create"
    create_label = _("New server")
    create_permission = EDIT
    template_name = "provisioning/staff/server/list.html"
    empty = (_("No servers yet"), _("Add the first panel: accounts are made there when hosting is paid."))


class ServerDetail(StaffDetailView):
    """Is it well, how full is it, what waits for it."""

    model = Server
    permission = VIEW
    select = ("group", "module_config")
    template_name = "provisioning/staff/server/detail.html"
    crumbs = [SERVERS]
    verbs = [
        Verb("test", _("Test the connection"), "provisioning_staff:server_test", permission=EDIT, icon="refresh", post=True),
        Verb("drain", _("No new accounts…"), "provisioning_staff:server_drain", EDIT, "", "player-pause",
             lambda server: server.is_active),
        Verb("fill", _("Take new accounts…"), "provisioning_staff:server_fill", EDIT, "", "player-play",
             lambda server: not server.is_active),
        Verb("edit", _("Edit"), "provisioning_staff:server_edit", permission=EDIT, icon="pencil"),
    ]

    def subtitle(self, server):
        """Panel and group."""
        return f"{panel_name(server)} · {server.group}"

    def facts(self, server):
        """What one asks for on the phone."""
        return [
            (_("Host name"), server.hostname),
            (_("Group"), server.group, server.group.get_absolute_url()),
            (_("Panel"), f"{panel_name(server)} {server.version}".strip()),
            (_("Accounts"), _load(server)),
            (_("Takes new accounts"), server.is_active),
            (_("IP address"), server.ip_address),
            (_("Name servers"), server.nameservers),
            (_("Last good answer"), server.last_ok_at),
        ]

    def more_context(self, server):
        return {
            "server": server,
            "services": server.services.unsettled().select_related("client", "subscription__product")[:25],
            "service_count": server.services.unsettled().count(),
            "open_operations": server.operations.open().select_related("service")[:25],
            "drifts": server.drifts.open().select_related("service")[:25],
            "may_edit": self.request.actor.may(EDIT),
        }


class ServerForms(StaffView, View):
    """Creating and editing: our facts and the driver's own form, saved together."""

    permission = EDIT

    def driver(self):
        """Of the server, else chosen in the URL or form."""
        names = [name for name, _label in panel_choices()]
        asked = self.request.POST.get("driver") or self.request.GET.get("driver")
        return asked if asked in names else names[0]

    def show(self, form, connection, *, server=None, status=200):
        """Both forms on one page."""
        driver = server.module_config.driver if server else self.driver()
        title = str(server) if server else _now("New server")
        context = {
            "page_title": title,
            "crumbs": [(_("Servers"), reverse("provisioning_staff:server_list")), (title, "")],
            "form": form,
            "connection": connection,
            "server": server,
            "driver": driver,
            "drivers": [] if server else panel_choices(),
        }
        return render(self.request, "provisioning/staff/server/edit.html", context, status=status)

    def saved(self, server):
        """Test at once: a wrong token is best found now."""
        try:
            result = actions.test_server(server, actor=self.request.actor)
        except (DriverError, OutcomeUnknown) as error:
            messages.error(self.request, _now("Saved, but the panel does not let us in: %(why)s") % {"why": error.message})
        else:
            messages.success(self.request, _tested_words(result))
        return redirect(server.get_absolute_url())


class ServerCreate(ServerForms):
    """A new server."""

    def get(self, request):
        """Empty forms; `?driver=` chooses the panel."""
        return self.show(ServerForm(), connection_form(self.driver(), None))

    def post(self, request):
        """Save both, test, go there."""
        form, connection = ServerForm(request.POST), connection_form(self.driver(), None, request.POST)
        if form.is_valid() and connection.is_valid():
            try:
                server = actions.create_server(
                    driver=self.driver(), connection=connection.cleaned_data, actor=request.actor, **form.cleaned_data
                )
                return self.saved(server)
            except AppError as error:
                form.add_error(error.field, error.message)
        return self.show(form, connection, status=422)


class ServerEdit(ObjectMixin, ServerForms):
    """Change a server; an empty secret keeps the stored one."""

    model = Server
    select = ("group", "module_config")

    def get(self, request, pk):
        """Filled forms."""
        return self.show(ServerForm(instance=self.obj), connection_form(self.obj.module_config.driver, self.obj), server=self.obj)

    def post(self, request, pk):
        """Save both, test, go back."""
        form = ServerForm(request.POST, instance=Server.objects.get(pk=self.obj.pk))  # a copy: the form changes it
        connection = connection_form(self.obj.module_config.driver, self.obj, request.POST)
        if form.is_valid() and connection.is_valid():
            server = Server.objects.select_related("module_config").get(pk=pk)
            actions.update_server(server, actor=request.actor, connection=connection.cleaned_data, **form.cleaned_data)
            return self.saved(Server.objects.select_related("module_config").get(pk=pk))
        return self.show(form, connection, server=self.obj, status=422)


def _tested_words(result) -> str:
    if result.missing_rights:
        return _now("The panel answers, but our login lacks rights: %(rights)s") % {"rights": ", ".join(result.missing_rights)}
    return _now("The panel answers (%(version)s), with %(count)s accounts.") % {
        "version": result.version,
        "count": result.account_count,
    }


class ServerTest(StaffView, ObjectMixin, View):
    """Ask the panel now."""

    model = Server
    permission = EDIT
    select = ("module_config",)
    http_method_names = ["post"]

    def post(self, request, pk):
        """Result as a toast; the page shows the rest."""
        try:
            result = actions.test_server(self.obj, actor=request.actor)
        except (DriverError, OutcomeUnknown) as error:
            messages.error(request, _now("The test failed: %(why)s") % {"why": error.message})
        else:
            messages.success(request, _tested_words(result))
        return HttpResponseRedirect(self.obj.get_absolute_url())


class ServerDrain(StaffVerbView):
    """Before maintenance, or when it is full enough."""

    model = Server
    permission = EDIT
    title = _("No new accounts on this server")
    explain = _("What it has stays and is served as before; new accounts go to other servers of its group.")
    button = _("No new accounts")
    takes = False
    done = _("New accounts go elsewhere.")

    def action(self, server, *, actor):
        """One of two."""
        return actions.update_server(server, is_active=self.takes, actor=actor)


class ServerFill(ServerDrain):
    """Back in use."""

    title = _("Take new accounts again")
    explain = _("From now on new accounts of its group may be made here.")
    button = _("Take new accounts")
    takes = True
    done = _("New accounts may be made here.")


class ServerReopen(StaffVerbView):
    """Let calls go again."""

    model = Server
    permission = EDIT
    title = _("Let calls go again")
    explain = _("After the login or the licence was mended in the panel. The waiting operations go at once.")
    button = _("Let them go")
    action = staticmethod(actions.reopen_server)
    done = _("Calls go again.")


class ServerDelete(StaffVerbView):
    """Remove a server that never had accounts."""

    model = Server
    permission = EDIT
    title = _("Delete this server")
    explain = _("Possible while no service ever belonged to it.")
    button = _("Delete the server")
    kind = "danger"
    success_url = "provisioning_staff:server_list"
    action = staticmethod(actions.delete_server)
    done = _("Deleted.")

    def type_word(self, server):
        return server.name


class GroupList(StaffListView):
    """Groups of servers."""

    model = ServerGroup
    permission = VIEW
    title = _("Server groups")
    crumbs = [SERVERS]
    prefetch = ("servers",)
    columns = [
        Column("name", _("Group"), link=True, strong=True, sort="name"),
        Column("get_fill_display", _("New accounts go to")),
        NumberColumn("servers", _("Servers"), value=lambda group: len(group.servers.all())),
        Column("full_alerted_at", _("State"), value=lambda group: _("Full") if group.full_alerted_at else ""),
    ]
    sort = "name"
    create_url = "provisioning_staff:group_create"
    create_label = _("New group")
    create_permission = EDIT
    empty = (_("No groups yet"), _("A product names the group its accounts are made in."))


class GroupEdit(StaffEditView):
    """A group's name and fill rule."""

    model = ServerGroup
    form_class = GroupForm
    permission = EDIT
    title = _("server group")
    crumbs = [SERVERS, (_("Server groups"), "provisioning_staff:group_list")]
    success_url = "provisioning_staff:group_list"
    create_action = staticmethod(actions.create_group)
    update_action = staticmethod(actions.update_group)
