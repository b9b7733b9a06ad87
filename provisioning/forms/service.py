"""What people type about a service."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core.ui.fields import DayField, SearchSelect
from provisioning.models import Server
from provisioning.panels.usernames import is_allowed
from provisioning.queries.plans import plans_of_group


def clean_username(text: str) -> str:
    """A user name as panels write them. ValidationError."""
    name = text.strip().lower()
    if not is_allowed(name):
        raise forms.ValidationError(_("Panels have no such user names: letters and digits, a letter first."))
    return name


class ReasonForm(forms.Form):
    """Why; kept in the record."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Kept in the record. The client may read it."))


class SuspendForm(ReasonForm):
    """A suspension by staff."""

    until = DayField(
        label=_("Suspended up to and including"),
        required=False,
        help_text=_("The last day of it: it resumes by itself in the night after. Empty: until somebody lifts it."),
    )


class CancelForm(forms.Form):
    """A client ends the service; one that still waits for its first payment (`waits`) has no end to choose."""

    WHY = [
        ("price", _("Too expensive")),
        ("unused", _("I no longer need it")),
        ("moving", _("I am moving elsewhere")),
        ("trouble", _("Something did not work")),
        ("other", _("Another reason")),
    ]

    why = forms.ChoiceField(label=_("Why do you leave?"), choices=WHY, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What could we have done better?"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )
    when = forms.ChoiceField(
        label=_("When?"),
        choices=[("end", _("At the end of what is paid")), ("now", _("Now: it goes offline at once"))],
        widget=forms.RadioSelect,
        initial="end",
    )

    def __init__(self, *args, waits=False, **kwargs):
        super().__init__(*args, **kwargs)
        if waits:
            del self.fields["when"]

    def clean(self):
        """With `reason`: the choice and the words, as stored."""
        data = super().clean()
        if "why" in data:
            data["reason"] = f"{dict(self.WHY)[data['why']]}. {data.get('words', '')}".strip()[:500]
        return data


class PasswordForm(forms.Form):
    """A new panel password; strength is the panel's own decision, length is ours."""

    password = forms.CharField(
        label=_("New password"),
        min_length=12,
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. It is used for the panel and for FTP."),
    )

    def clean_password(self):
        """Panels refuse what is too plain."""
        password = self.cleaned_data["password"]
        if password.isalpha() or password.isdigit() or len(set(password)) < 6:
            raise forms.ValidationError(_("Mix letters, digits and signs."))
        if not password.isprintable() or not password.isascii():
            raise forms.ValidationError(_("Use letters without accents, digits and signs: panels know no others."))
        return password


class PlanForm(forms.Form):
    """Another plan of the panel."""

    plan = forms.CharField(label=_("Plan"), max_length=120)

    def __init__(self, *args, service=None, **kwargs):
        super().__init__(*args, **kwargs)
        plans = plans_of_group(service.group) if service is not None and service.group else []
        if plans:
            self.fields["plan"] = forms.ChoiceField(label=_("Plan"), choices=[(name, name) for name in plans])


class MoveForm(forms.Form):
    """Another server for an account that does not exist yet."""

    server = forms.ModelChoiceField(Server.objects.all(), label=_("Server"), widget=SearchSelect)


class RelocateForm(forms.Form):
    """Where a technician moved the account to."""

    server = forms.ModelChoiceField(Server.objects.none(), label=_("It is now on"), widget=SearchSelect)
    username = forms.CharField(label=_("User name there"), max_length=32)
    tell = forms.BooleanField(
        label=_("Mail the client the new addresses"),
        required=False,
        initial=True,
        help_text=_("Only when IP address, name servers or the panel's address are others than before."),
    )
    reason = forms.CharField(label=_("Why it was moved"), required=False, max_length=200, help_text=_("Kept in the record."))

    def __init__(self, *args, service=None, **kwargs):
        super().__init__(*args, **kwargs)
        others = Server.objects.select_related("group").order_by("group__name", "sort", "name")
        self.fields["server"].queryset = others.exclude(pk=service.server_id) if service else others

    def clean_username(self):
        """As panels write them."""
        return clean_username(self.cleaned_data["username"])


class AttachForm(forms.Form):
    """An account that already exists."""

    server = forms.ModelChoiceField(Server.objects.all(), label=_("Server"), widget=SearchSelect)
    username = forms.CharField(label=_("User name on the server"), max_length=32)

    def clean_username(self):
        """As panels write them."""
        return clean_username(self.cleaned_data["username"])
