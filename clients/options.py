"""Options of the clients app."""

from ipaddress import ip_network

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

GROUP = _("Clients")

INVITATION_DAYS = Option(
    "clients.invitation_days",
    int,
    7,
    label=_("Invitations are valid for, days"),
    help=_("After this an invitation's link says that it is too old."),
    group=GROUP,
    min=1,
    max=60,
)

VISIT_NEEDS_REASON = Option(
    "clients.visit_needs_reason",
    bool,
    True,
    label=_("Logging in as a client needs a reason"),
    help=_("The reason stands in the log beside the names of both. Off: it may be left empty."),
    group=GROUP,
)
VISIT_MINUTES = Option(
    "clients.visit_minutes",
    int,
    60,
    label=_("Logging in as a client ends by itself after, minutes"),
    help=_("Signing out of the console ends it too."),
    group=GROUP,
    min=5,
    max=480,
)

API_TOKEN_DAYS = Option(
    "clients.api_token_days",
    int,
    365,
    label=_("New API tokens are valid for, days"),
    help=_("What the form offers; whoever makes the token may choose another day."),
    group=_("API"),
    min=1,
    max=3650,
)

CLIENT_TOKENS = Option(
    "clients.api_tokens",
    bool,
    True,
    label=_("Clients may make API tokens"),
    help=_("Their programs then see and do what they may in the client area. Off: theirs are refused as long as this is off."),
    group=_("API"),
)


def check_networks(text: str) -> None:
    """Each line an IP address or a network."""
    for line in text.split():
        try:
            ip_network(line, strict=False)
        except ValueError:
            raise ValidationError(_("“%(text)s” is no IP address or network.") % {"text": line[:60]}) from None


WHMCS_NETWORKS = Option(
    "clients.whmcs_networks",
    "text",
    "",
    label=_("WHMCS API: from these addresses only"),
    help=_("IP addresses or networks such as 203.0.113.0/24, one a line. Empty: from everywhere."),
    group=_("API"),
    check=check_networks,
)
WHMCS_ACCESS_KEY = Option(
    "clients.whmcs_access_key",
    "secret",
    "",
    label=_("WHMCS API: access key"),
    help=_("Programs that send it as “accesskey” may call from any address, with their credentials. Empty: there is none."),
    group=_("API"),
)
WHMCS_PASSWORDS = Option(
    "clients.whmcs_passwords",
    bool,
    False,
    label=_("WHMCS API: tell passwords"),
    help=_("Answers then hold the passwords of services, and DecryptPassword works. Off: they stay empty."),
    group=_("API"),
)
