"""Servers by API: ours and the panel's form as one body; and asking the panel."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.crud import StaffEditView, StaffVerbView
from hostbill.core.errors import DriverError, OutcomeUnknown
from provisioning.actions import server as actions
from provisioning.api.portal import LINK
from provisioning.forms.server import ServerForm, connection_form, panel_choices
from provisioning.models import Server, Service
from provisioning.views.login import panel_link
from provisioning.views.staff.server import EDIT
from provisioning.views.staff.service import LOGIN

TESTED = {
    "type": "object",
    "properties": {
        "ok": {"type": "boolean"},
        "detail": {"type": "string"},
        "version": {"type": "string"},
        "accounts": {"type": ["integer", "null"]},
        "missing_rights": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["ok", "detail", "version", "accounts", "missing_rights"],
}


class ServerBody(ServerForm):
    """A server with its connection. Secrets are never told; one that is not sent stays."""

    connection = forms.JSONField(label=_("Connection"), required=False, help_text=_("What the panel's driver asks, by name."))

    class Meta(ServerForm.Meta):
        """The same fields."""

    @property
    def driver_name(self) -> str:
        """Which panel."""
        return self.instance.module_config.driver

    def clean(self):
        """By the driver's own form."""
        data = super().clean()
        sent, server = data.get("connection") or {}, self.instance if self.instance.pk else None
        if not isinstance(sent, dict):
            self.add_error("connection", _now("Send an object."))
            return data
        if not self.driver_name:
            return data
        empty = connection_form(self.driver_name, server)
        if unknown := sent.keys() - empty.fields.keys():
            words = _now("There is no such field. There are: %(known)s.") % {"known": ", ".join(empty.fields)}
            self._errors[f"connection.{sorted(unknown)[0][:80]}"] = self.error_class([words])
        values = {name: sent.get(name, empty[name].value()) for name in empty.fields}
        form = connection_form(self.driver_name, server, {f"panel-{name}": value for name, value in values.items() if value is not None})
        for name, texts in form.errors.items():
            self._errors[f"connection.{name}"] = self.error_class(texts)
        data["connection"] = form.cleaned_data
        return data


class NewServerBody(ServerBody):
    """Which panel, too."""

    driver = forms.ChoiceField(label=_("Panel"), choices=panel_choices)
    field_order = ("driver",)

    class Meta(ServerForm.Meta):
        """The same fields."""

    @property
    def driver_name(self):
        """As sent; nothing where it is none."""
        return self.cleaned_data.get("driver", "")


class ServerCreateByApi(StaffEditView):
    """A new server. It is tested by its own verb."""

    model, permission, form_class = Server, EDIT, NewServerBody
    create_action = staticmethod(actions.create_server)


class ServerEditByApi(StaffEditView):
    """Change one."""

    model, permission, form_class = Server, EDIT, ServerBody
    select = ("group", "module_config")
    update_action = staticmethod(actions.update_server)


class ServerTestByApi(StaffVerbView):
    """Ask the panel now."""

    model, permission, title = Server, EDIT, _("Test the connection")
    select = ("module_config",)
    outside, api_result = True, TESTED

    def act(self, values):
        """A refusal by the panel is an answer too."""
        try:
            found = actions.test_server(self.obj, actor=self.request.actor)
        except (DriverError, OutcomeUnknown) as error:
            return {"ok": False, "detail": str(error.message), "version": "", "accounts": None, "missing_rights": []}
        missing = [str(right) for right in found.missing_rights]
        return {"ok": not missing, "detail": "", "version": str(found.version), "accounts": found.account_count, "missing_rights": missing}


class PanelByApi(StaffVerbView):
    """A link that signs in to the panel once; it holds for a moment and is not kept."""

    model, permission, title = Service, LOGIN, _("Log in to the panel")
    select = ("server__module_config", "client")
    target = "panel"
    outside, api_result = True, LINK

    def act(self, values):
        """Made now."""
        return {"login_url": panel_link(self.request, self.obj, target=self.target)}


class WebmailByApi(PanelByApi):
    """The same for webmail."""

    title, target = _("Log in to webmail"), "webmail"
