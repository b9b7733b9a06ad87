"""What provisioning's mails say about a service, as plain data."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from provisioning.models import Operation, Service


def service_letter(service: Service, *, password: str = "") -> dict:
    """The access data of a service. ``password`` only where mailing it is allowed."""
    server = service.server
    nameservers = ", ".join(server.nameservers) if server else ""
    details = [
        (_("Domain"), service.domain),
        (_("Plan"), str(service.subscription.product)),
        (_("User name"), service.username),
        (_("Password"), password),
        (_("Server"), server.hostname if server else ""),
        (_("Name servers"), nameservers),
        (_("IP address"), (server.ip_address or "") if server else ""),
    ]
    return {
        "client_name": service.client.name,
        "domain": service.domain,
        "plan": str(service.subscription.product),
        "username": service.username,
        "password": password,
        "server": server.hostname if server else "",
        "nameservers": nameservers,
        "ip_address": (server.ip_address or "") if server else "",
        "service_url": _address("provisioning_portal:service_detail", service.pk, "/account/"),
        "details": [{"label": label, "value": value} for label, value in details if value],
    }


def operation_letter(operation: Operation, error: str) -> dict:
    """For staff: what failed, where, and what the panel said."""
    service = operation.service
    return {
        "client_name": service.client.name,
        "domain": service.domain,
        "verb": operation.get_verb_display(),
        "server": operation.server.name if operation.server else "",
        "error": error,
        "url": _address("provisioning_staff:service_detail", service.pk, "/staff/"),
    }


def _address(route: str, pk: int, otherwise: str) -> str:
    """The whole address; a front page where the screen does not exist: no mail is lost to a link."""
    try:
        return settings.SITE_URL + reverse(route, args=[pk])
    except NoReverseMatch:
        return settings.SITE_URL + otherwise
