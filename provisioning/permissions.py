"""What staff may be allowed to do in provisioning."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.access import Permission, register_permissions

SERVICES = _("Services")
SERVERS = _("Servers")

register_permissions(
    [
        Permission("provisioning.service.view", _("See services and their operations"), area=SERVICES),
        Permission("provisioning.service.edit", _("Set up, change plan, move, attach and correct services"), area=SERVICES),
        Permission("provisioning.service.login", _("Log in to clients' panels"), area=SERVICES),
        Permission("provisioning.service.password", _("Set panel passwords"), area=SERVICES),
        Permission("provisioning.service.terminate", _("Terminate services"), area=SERVICES),
        Permission("provisioning.operation.retry", _("Retry, cancel and settle operations"), area=SERVICES),
        Permission("provisioning.server.view", _("See servers"), area=SERVERS),
        Permission("provisioning.server.edit", _("Add and change servers and their groups"), area=SERVERS),
    ]
)
