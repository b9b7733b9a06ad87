"""From where a program may call."""

from ipaddress import ip_network

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_NETWORKS = 50


class NetworksField(forms.CharField):
    """IP addresses or networks, one a line; cleaned to a list of them as networks are written."""

    def __init__(self, **kwargs):
        usual = {
            "label": _("From these addresses only"),
            "required": False,
            "max_length": 2000,
            "widget": forms.Textarea(attrs={"rows": 2}),
            "help_text": _("IP addresses or networks such as 203.0.113.0/24, one a line. Empty: from everywhere."),
        }
        super().__init__(**usual | kwargs)

    def clean(self, value) -> list[str]:
        """Raises ValidationError for what is no network."""
        lines = super().clean(value).replace(",", "\n").split()
        if len(lines) > MOST_NETWORKS:
            raise forms.ValidationError(_("Not more than %(count)d addresses.") % {"count": MOST_NETWORKS})
        return [_network(line) for line in lines]


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise forms.ValidationError(_("“%(text)s” is no IP address or network.") % {"text": text[:60]}) from None
