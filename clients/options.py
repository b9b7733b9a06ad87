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
