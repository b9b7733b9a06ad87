"""Where a panel server is and how its certificate is checked: the form part and what http.request needs, for all panels."""

import os
import re
import ssl
import tempfile
import weakref
from functools import cached_property
from pathlib import Path

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core import http

_FINGERPRINT = re.compile(r"(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}", re.IGNORECASE)
_HOSTNAME = re.compile(r"[A-Za-z0-9.-]+|[0-9a-fA-F:]+")
CONNECT = 10  # seconds
READ = 30
LONG = 300  # createacct and its like really take minutes on busy servers


class AddressForm(forms.Form):
    """Hostname, port and TLS. Drivers add their credentials."""

    default_port = 443
    cases = {"ca_certificate": ("tls_check", ("ca",)), "fingerprint": ("tls_check", ("fingerprint",))}

    hostname = forms.CharField(
        label=_("Address of the panel"),
        max_length=253,
        help_text=_("The host name or an IP address, without https://. It may differ from the name that clients see."),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    use_tls = forms.BooleanField(label=_("Use TLS (https)"), initial=True, required=False)
    tls_check = forms.ChoiceField(
        label=_("Certificate check"),
        initial="system",
        choices=[
            ("system", _("Signed by a public authority")),
            ("ca", _("Signed by the authority below")),
            ("fingerprint", _("Exactly the certificate with the fingerprint below")),
            ("insecure", _("None (insecure: anyone on the way can read the credentials)")),
        ],
    )
    ca_certificate = forms.CharField(
        label=_("Authority (PEM)"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    fingerprint = forms.CharField(label=_("SHA-256 fingerprint"), required=False, max_length=95)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["port"].initial = self.default_port

    def clean_hostname(self) -> str:
        """A bare host name or address."""
        hostname = self.cleaned_data["hostname"].strip()
        if not _HOSTNAME.fullmatch(hostname):
            raise forms.ValidationError(_("Give only the host name, like server1.example.com."))
        return hostname

    def clean(self) -> dict:
        """The chosen certificate check must have what it checks against."""
        values = super().clean()
        if values.get("tls_check") == "ca" and not _is_pem(values.get("ca_certificate", "")):
            self.add_error("ca_certificate", _("Paste the certificate of the authority in PEM form."))
        if values.get("tls_check") == "fingerprint" and not _FINGERPRINT.fullmatch(
            values.get("fingerprint", "").strip()
        ):
            self.add_error("fingerprint", _("Give the 64 hexadecimal digits of the SHA-256 fingerprint."))
        return values


def _is_pem(text: str) -> bool:
    try:
        return bool(ssl.PEM_cert_to_DER_cert(text.strip()))
    except ValueError:
        return False


class Address:
    """A server's address from a driver's values; sends requests with the right certificate check and time-outs."""

    def __init__(self, values: dict):
        self.values = values
        host = str(values["hostname"])
        scheme = "https" if values.get("use_tls", True) else "http"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{values['port']}"

    @cached_property
    def _tls(self) -> dict:
        match self.values.get("tls_check", "system"):
            case "insecure":
                return {"verify": False}
            case "fingerprint":
                return {"fingerprint": self.values["fingerprint"].strip()}
            case "ca":
                return {"verify": self._ca_file()}
        return {}

    def _ca_file(self) -> str:
        """The authority as a file, which is what requests wants; it goes when this object goes."""
        handle, path = tempfile.mkstemp(prefix="panel-ca-", suffix=".pem")
        weakref.finalize(self, Path(path).unlink, missing_ok=True)
        with os.fdopen(handle, "w") as file:
            file.write(self.values["ca_certificate"])
        return path

    def send(self, method: str, path: str, *, mutating: bool, timeout: int = READ, secrets=(), **kwargs):
        """http.request to a path of this server."""
        return http.request(
            method,
            self.url + path,
            mutating=mutating,
            timeout=(CONNECT, timeout),
            secrets=secrets,
            **self._tls,
            **kwargs,
        )
