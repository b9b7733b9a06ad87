"""Servers, their groups, and the connection to the panel (the driver's own form)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core import modules
from provisioning.models import Server, ServerGroup


class GroupForm(forms.ModelForm):
    """A group of servers."""

    class Meta:
        model = ServerGroup
        fields = ["name", "fill"]


class ServerForm(forms.ModelForm):
    """Facts about a server."""

    nameservers = forms.CharField(
        label=_("Name servers"), required=False, help_text=_("Separated by commas; clients see them in the welcome mail.")
    )

    class Meta:
        model = Server
        fields = [
            "name",
            "hostname",
            "group",
            "max_accounts",
            "is_active",
            "sort",
            "ip_address",
            "nameservers",
            "panel_url",
            "webmail_url",
        ]
        help_texts = {
            "max_accounts": _("Empty: as many as the licence allows."),
            "is_active": _("Off: accounts stay, new ones go elsewhere."),
            "panel_url": _("Empty: the usual port at the host name."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["nameservers"] = ", ".join(self.instance.nameservers)
        elif not ServerGroup.objects.exists():
            self._ask_for_the_first_group()

    def _ask_for_the_first_group(self):
        """In an empty house there is none to choose: its name is asked instead."""
        words = _("Your first group: products name the group, and new accounts go to a server in it. More can be made later.")
        field = forms.CharField(label=_("Group"), max_length=80, initial=_("Servers"), help_text=words)
        parts = {("first_group" if name == "group" else name): part for name, part in self.fields.items()}
        self.fields = {**parts, "first_group": field}

    def clean_nameservers(self) -> list[str]:
        """A list of names."""
        return [name.strip().rstrip(".").lower() for name in self.cleaned_data["nameservers"].split(",") if name.strip()]


def panel_choices() -> list[tuple[str, str]]:
    """(driver, label) of every installed panel driver."""
    return [(name, modules.driver_class("panel", name).label) for name in modules.kinds()["panel"].names()]


def connection_form(driver: str, server: Server | None, data=None) -> forms.Form:
    """The driver's own Config form; secrets are never filled in."""
    form_class = modules.driver_class("panel", driver).Config
    initial = dict(server.module_config.config) if server is not None else {}
    return form_class(data, initial=initial or None, prefix="panel")
