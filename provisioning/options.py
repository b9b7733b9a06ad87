"""What a host decides about provisioning, without touching code."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

GROUP = _("Provisioning")

TERMINATE_GRACE_DAYS = Option(
    "provisioning.terminate_grace_days",
    int,
    3,
    label=_("Days an ended service is kept suspended"),
    help=_("After the end the account is offline and can still be rescued for this long; then it is deleted on the server."),
    group=GROUP,
    min=0,
    max=365,
)
MAIL_PASSWORD = Option(
    "provisioning.mail_password",
    bool,
    False,
    label=_("Send the panel password by mail"),
    help=_("Off: clients open the panel from their account and set a password there. Passwords in mailboxes are read by others."),
    group=GROUP,
)
UNKNOWN_ALERT_MINUTES = Option(
    "provisioning.unknown_alert_minutes",
    int,
    15,
    label=_("Minutes until staff hear of a lost answer"),
    help=_("A panel call whose outcome is still unknown after this long needs a person."),
    group=GROUP,
    min=1,
    max=1440,
)
