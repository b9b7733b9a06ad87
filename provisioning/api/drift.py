"""Mending differences by API: which ways there are depends on the row."""

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.access import require
from hostbill.core.crud import StaffVerbView
from provisioning.actions.drift import mend_drift
from provisioning.forms.drift import TakeForm
from provisioning.models import Drift
from provisioning.queries import drift as queries


class MendBody(TakeForm):
    """Which way; for an import the service, for leaving it the reason, and where something is deleted the name."""

    way = forms.ChoiceField(label=_("Way"), choices=[(key, mend.label) for key, mend in queries.ALL.items()])
    reason = forms.CharField(label=_("Why may it stay?"), max_length=200, required=False)
    confirm = forms.CharField(label=_("Its domain or user name, where something is deleted"), max_length=253, required=False)
    field_order = ("way",)

    def __init__(self, *args, drift=None, **kwargs):
        super().__init__(*args, drift=drift, **kwargs)
        self.drift = drift
        self.fields["service"].required = False

    def clean_service(self):
        """The row, where one was sent."""
        return self.services.get(self.cleaned_data["service"])

    def clean(self):
        """What the way needs, and nothing else; `values` is what the action takes."""
        data = super().clean()
        mend = queries.ALL.get(data.get("way"))
        if mend is None:
            return data
        needed = {"import": "service", "leave": "reason"}.get(mend.key)
        if needed and not data.get(needed):
            self.add_error(needed, self.fields["way"].error_messages["required"])
        word = (self.drift.domain or self.drift.username) if mend.danger else ""
        if word and data.get("confirm") != word:
            self.add_error("confirm", _now("Send %(word)s to confirm.") % {"word": word})
        data["values"] = {needed: data.get(needed)} if needed else {}
        return data


class Mend(StaffVerbView):
    """One way for one difference. Each has its own right."""

    model, permission, title, form_class = Drift, "provisioning.server.view", _("Mend this difference"), MendBody
    select = ("server", "service__client", "service__subscription")

    def form_options(self):
        """Of this row."""
        return {"drift": self.obj}

    def act(self, values):
        """The page's act."""
        require(self.request.actor, queries.ALL[values["way"]].permission)
        return mend_drift(self.obj, way=values["way"], actor=self.request.actor, **values["values"])


def ways_of(drift) -> list[str]:
    """How it can be mended now."""
    return [mend.key for mend in queries.ways(drift)]
