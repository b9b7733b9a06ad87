"""What a hosting product says about its set-up, and what an order for it asks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core.errors import AppError
from provisioning.models import ServerGroup
from provisioning.queries.domain import clean_domain
from provisioning.queries.plans import plans_of_group


def _groups() -> list:
    return [("", _("Choose a group")), *ServerGroup.objects.values_list("pk", "name")]


class HostingProductForm(forms.Form):
    """Stored in Product.provisioning as {"server_group": id, "plan": name}."""

    server_group = forms.TypedChoiceField(
        label=_("Server group"), choices=_groups, coerce=int, help_text=_("New accounts go to a server of this group.")
    )
    plan = forms.CharField(
        label=_("Plan on the panel"),
        max_length=120,
        help_text=_("The package (cPanel) or service plan (Plesk) exactly as the panel calls it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        group = self._chosen_group()
        plans = plans_of_group(group) if group else []
        if plans:
            current = str(self.initial.get("plan") or "")
            names = plans if not current or current in plans else [current, *plans]
            self.fields["plan"].widget = forms.Select(choices=[("", _("Choose a plan")), *((name, name) for name in names)])

    def _chosen_group(self) -> ServerGroup | None:
        chosen = self.data.get(self.add_prefix("server_group")) if self.is_bound else self.initial.get("server_group")
        return ServerGroup.objects.filter(pk=chosen).first() if str(chosen or "").isdigit() else None


class DomainForm(forms.Form):
    """The own domain the account is made for; stored as ASCII."""

    staff_labels = {"domain": _("Domain")}

    domain = forms.CharField(
        label=_("Your domain"),
        max_length=300,
        help_text=_("The one you have, or will register elsewhere, like example.com."),
        widget=forms.TextInput(attrs={"autocomplete": "url", "autocapitalize": "none", "spellcheck": "false", "inputmode": "url"}),
    )

    def clean_domain(self) -> str:
        """The A-label form."""
        try:
            return clean_domain(self.cleaned_data["domain"])
        except AppError as error:
            raise forms.ValidationError(error.message, code=error.code) from error
