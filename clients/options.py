"""Options of the clients app."""

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
