"""Permissions over the floor's own objects, for staff roles."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.access import Permission, register_permissions

MESSAGES = _("Messages")

register_permissions(
    [
        Permission("core.message.view", _("Read every message sent"), area=MESSAGES),
        Permission("core.message.resend", _("Send a message again"), area=MESSAGES),
        Permission("core.template.view", _("See the wording of messages"), area=MESSAGES),
        Permission("core.template.edit", _("Change the wording of messages"), area=MESSAGES),
    ]
)
