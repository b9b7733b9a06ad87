"""What provisioning's mails say, as plain data."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hostbill.core.failures import short
from provisioning.models import Operation, Server, Service
from provisioning.options import MAIL_PASSWORD
from provisioning.queries.account import panel_address, panel_name


def _site(route: str, *args) -> str:
    return f"{settings.SITE_URL}{reverse(route, args=args)}"


def welcome_letter(service: Service) -> dict:
    """What the client needs to begin: where, who, and how to get in."""
    server = service.server
    details = [{"label": _("Domain"), "value": service.shown_domain}]
    if service.username:
        details.append({"label": _("User name"), "value": service.username})
    if server is not None:
        details.append({"label": _("Control panel"), "value": panel_address(server)})
        details.append({"label": _("Server"), "value": server.hostname})
        if server.ip_address:
            details.append({"label": _("IP address"), "value": server.ip_address})
        if server.nameservers:
            details.append({"label": _("Name servers"), "value": ", ".join(server.nameservers)})
    password = service.password if MAIL_PASSWORD.value else ""
    if password:
        details.append({"label": _("Password"), "value": password})
    return {
        "domain": service.shown_domain,
        "product": service.subscription.product.name,
        "username": service.username,
        "password": password,
        "panel": panel_name(server),
        "panel_url": panel_address(server),
        "webmail_url": server.webmail_url if server else "",
        "nameservers": ", ".join(server.nameservers) if server else "",
        "server": server.hostname if server else "",
        "service_url": _site("provisioning_portal:service_detail", service.pk),
        "details": details,
    }


def moved_letter(operation: Operation) -> dict:
    """Where a service that was moved is now; empty when nothing changed that its people use."""
    service = operation.service
    former = service.former_accounts.select_related("server__module_config").order_by("left_at", "pk").last()
    if former is None or _addresses(former.server) == _addresses(operation.server):
        return {}
    letter = welcome_letter(service) | {"password": ""}
    return letter | {
        "ip_address": operation.server.ip_address or "",
        "old_ip_address": former.server.ip_address or "",
        "new_nameservers": former.server.nameservers != operation.server.nameservers and bool(operation.server.nameservers),
    }


def _addresses(server: Server) -> tuple:
    return (server.hostname, server.ip_address, server.nameservers, panel_address(server), server.webmail_url)


def operation_letter(operation: Operation) -> dict:
    """An operation that needs a person."""
    service = operation.service
    return {
        "service": str(service),
        "client_name": service.client.name,
        "verb": operation.get_verb_display(),
        "server": operation.server.name if operation.server else "",
        "cause": short(operation.error_code, operation.error),
        "attention": service.attention,
        "service_url": _site("provisioning_staff:service_detail", service.pk),
    }


def server_letter(server: Server | None) -> dict:
    """A server staff must look at; without one, where all of them are listed."""
    if server is None:
        return {"server_url": _site("provisioning_staff:server_list")}
    return {
        "server": server.name,
        "host": server.hostname,
        "cause": server.last_error,
        "waiting": server.operations.open().count(),
        "server_url": _site("provisioning_staff:server_detail", server.pk),
    }
