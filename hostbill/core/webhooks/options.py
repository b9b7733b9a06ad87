"""Settings of webhooks."""

from ipaddress import ip_network

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

GROUP = _("Webhooks")


def check_networks(text: str) -> None:
    """One network a line."""
    for line in text.split():
        try:
            ip_network(line)
        except ValueError:
            raise ValidationError(_now("“%(text)s” is no IP address or network.") % {"text": line[:60]}) from None


FOR_CLIENTS = Option(
    "webhook.for_clients",
    bool,
    True,
    _("Clients may have webhooks"),
    _("For what happens in their own account. Off: theirs send nothing as long as this is off."),
    GROUP,
)
ALLOW_HTTP = Option(
    "webhook.allow_http",
    bool,
    False,
    _("Addresses without encryption (http) are allowed"),
    _("What is sent can then be read on its way."),
    GROUP,
)
ALLOWED_NETWORKS = Option(
    "webhook.allowed_networks",
    "text",
    "",
    _("Networks of one's own that may be reached"),
    _("IP addresses or networks such as 10.20.0.0/16, one a line. Without them webhooks go to public addresses only."),
    GROUP,
    check=check_networks,
)
ALLOWED_FOR_CLIENTS = Option(
    "webhook.allowed_for_clients",
    bool,
    False,
    _("Clients' webhooks may reach these networks too"),
    _("For trying things out only: clients could then call machines of yours."),
    GROUP,
)
MOST_FOR_CLIENT = Option(
    "webhook.most_for_client", int, 10, _("Most webhooks of one client"), group=GROUP, min=1, max=100
)
KEEP_DAYS = Option(
    "webhook.keep_days",
    int,
    30,
    _("Keep deliveries for days"),
    _("What was sent and answered is forgotten afterwards."),
    GROUP,
    min=4,
    max=365,
)
