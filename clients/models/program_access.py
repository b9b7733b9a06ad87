"""What tokens and credentials of programs share."""

from ipaddress import ip_address, ip_network

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel


class ProgramAccess(TrackedModel):
    """A door for a program: from where it may be used, until when, and when it was last."""

    label = models.CharField(_("what it is for"), max_length=80)
    networks = models.JSONField(_("from these addresses only"), default=list, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(_("last used from"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.label

    def admits(self, address: str | None) -> bool:
        """Whether it may be used from this IP address."""
        return not self.networks or within(address, self.networks)


def within(address: str | None, networks) -> bool:
    """Whether the IP address is in one of the networks; False for what is no address."""
    try:
        caller = ip_address(address or "")
    except ValueError:
        return False
    return any(caller in ip_network(network) for network in networks)
