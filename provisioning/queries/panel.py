"""Questions to a panel: network, no transaction open. They raise DriverError or OutcomeUnknown."""

from hostbill.core import modules
from provisioning.models import Server, Service
from provisioning.panels.base import RemoteAccount, Usage
from provisioning.queries.account import account_ref


def read_usage(server: Server) -> dict[str, Usage]:
    """Of all accounts of the server, by user name."""
    return modules.load(server.module_config).usage()


def read_accounts(server: Server) -> list[RemoteAccount]:
    """All accounts of the server."""
    return modules.load(server.module_config).list_accounts()


def login_link(service: Service, *, target: str, client_ip: str = "") -> str:
    """A short-lived address into the panel ("panel") or webmail ("webmail"); never stored."""
    panel = modules.load(service.server.module_config)
    return panel.login_link(account_ref(service), service=target, client_ip=client_ip)


def capabilities(server: Server | None) -> frozenset[str]:
    """What the server's driver can do; nothing without a server."""
    if server is None:
        return frozenset()
    module = server.module_config
    return modules.driver_class(module.kind, module.driver).capabilities
