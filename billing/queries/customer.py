"""By which id a gateway knows a client."""

from billing.models import GatewayCustomer


def customer_id_for(client, gateway) -> str:
    """The gateway's id of the client, or empty when it has none yet."""
    found = GatewayCustomer.objects.filter(client=client, gateway=gateway).values_list("remote_id", flat=True)
    return found.first() or ""
