"""Forms of webhooks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core.webhooks import targets
from hostbill.core.webhooks.catalogue import all_types, types_for

SECRET_HELP = _("Empty: we make one and show it once. Your own is whsec_ and 24 to 64 random bytes in base64.")


def choices(types) -> list:
    """Grouped by what they are about, in words and with their public names."""
    groups: dict = {}
    for found in types:
        groups.setdefault(str(found.subject.label), []).append((found.name, f"{found.label} ({found.name})"))
    return list(groups.items())


class WebhookForm(forms.Form):
    """What is told, and where. Offers what this person may see: of all, or of one account."""

    label = forms.CharField(label=_("What is it for?"), max_length=80, help_text=_("The program that will be told."))
    target_url = forms.CharField(
        label=_("Address"),
        max_length=targets.MOST_URL,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        help_text=_("Where we send to, such as https://hooks.example.com/hostbill."),
    )
    events = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, actor=None, client_id=None, kept=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.client_id = client_id
        allowed = types_for(actor, client_id) if actor else all_types()
        names = {found.name for found in allowed} | set(kept)
        self.fields["events"].choices = choices(found for found in all_types() if found.name in names)

    def clean_target_url(self) -> str:
        """An address that we may call."""
        url = self.cleaned_data["target_url"]
        targets.check(url, is_client=self.client_id is not None)
        return url


class NewWebhookForm(WebhookForm):
    """Also with a secret of one's own."""

    secret = forms.CharField(
        label=_("Secret"),
        max_length=120,
        required=False,
        help_text=SECRET_HELP,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )


class SecretForm(forms.Form):
    """A new secret."""

    secret = forms.CharField(
        label=_("Secret"),
        max_length=120,
        required=False,
        help_text=SECRET_HELP,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
