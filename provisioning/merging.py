"""What becomes of services when two clients are merged. Their accounts on servers stay as they are."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clients.actions.merge_plan import Obstacle, Share, moved, register_share
from provisioning.models import Operation


def running_operations(kept, gone) -> list[Obstacle]:
    """A server that is being talked to about the client's service names the client in what it is told."""
    rows = Operation.objects.filter(service__client=gone, state__in=["running", "unknown"])
    names = ", ".join(str(row.service) for row in rows.select_related("service")[:3])
    if not names:
        return []
    return [Obstacle("operation_running", _now("A server is at work for %(services)s: wait for it.") % {"services": names})]


register_share(
    Share(parts=(moved("provisioning.Service.client", label=_("Services on servers")),), obstacles=running_operations)
)
