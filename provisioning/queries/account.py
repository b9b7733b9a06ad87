"""A service's account as panels name it, and where its people go."""

from provisioning.models import Server, Service
from provisioning.panels.base import AccountRef


def account_ref(service: Service) -> AccountRef:
    """The names by which a panel knows the account."""
    return AccountRef(
        username=service.username,
        domain=service.domain,
        remote_id=service.remote_id,
        external_id=str(service.external_id) if service.bears_id else "",
    )


def panel_address(server: Server | None) -> str:
    """Where clients reach the panel with user name and password; empty without a server."""
    if server is None:
        return ""
    if server.panel_url:
        return server.panel_url
    port = {"cpanel": ":2083", "plesk": ":8443"}.get(server.module_config.driver, "")
    return f"https://{server.hostname}{port}"


def panel_name(server: Server | None) -> str:
    """What the panel is called: "cPanel", "Plesk"."""
    if server is None:
        return ""
    return {"cpanel": "cPanel", "plesk": "Plesk"}.get(server.module_config.driver, server.module_config.driver.title())
