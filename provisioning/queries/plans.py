"""Plans that the panels of a group offer: asked when staff edit a product, remembered for a minute."""

import structlog
from django.core.cache import cache

from hostbill.core import modules
from hostbill.core.errors import DriverError, OutcomeUnknown
from provisioning.models import ServerGroup

log = structlog.get_logger(__name__)
REMEMBERED = 60  # seconds


def plans_of_group(group: ServerGroup) -> list[str]:
    """Names offered by the first server that answers; empty when none does (then the name is typed)."""
    key = f"provisioning.plans:{group.pk}"
    names = cache.get(key)
    if names is None:
        names = _ask(group)
        cache.set(key, names, REMEMBERED if names else 5)
    return names


def _ask(group: ServerGroup) -> list[str]:
    servers = group.servers.filter(stopped_since__isnull=True).select_related("module_config").order_by("sort", "pk")
    for server in servers[:3]:
        try:
            return sorted(modules.load(server.module_config).list_plans())
        except (DriverError, OutcomeUnknown, KeyError) as error:
            log.warning("plans_not_read", server=server.name, error=str(error))
    return []
