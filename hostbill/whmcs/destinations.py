"""Where a sign-in link leads: WHMCS's names of places, as pages of the client area."""

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from billing.models import Subscription
from hostbill.whmcs.errors import Refused

PLACES = {
    "": "portal_home",
    "clientarea:homepage": "portal_home",
    "clientarea:profile": "clients_portal:client_edit",
    "clientarea:user_profile": "clients_portal:profile",
    "clientarea:contacts": "clients_portal:member_list",
    "clientarea:user_management": "clients_portal:member_list",
    "clientarea:emails": "clients_portal:message_list",
    "clientarea:change_password": "account_change_password",
    "clientarea:security": "mfa_index",
    "clientarea:billing_info": "billing_portal:payment_method_list",
    "clientarea:payment_methods": "billing_portal:payment_method_list",
    "clientarea:services": "provisioning_portal:service_list",
    "clientarea:invoices": "billing_portal:invoice_list",
    "clientarea:quotes": "billing_portal:quote_list",
    "clientarea:tickets": "support_portal:ticket_list",
    "clientarea:submit_ticket": "support_portal:ticket_create",
    "clientarea:shopping_cart": "store:cart",
}
ABSENT = ("clientarea:domains", "clientarea:domain_details", "clientarea:announcements", "clientarea:downloads",
          "clientarea:knowledgebase", "clientarea:network_status", "clientarea:affiliates")  # fmt: skip
DETAILS, UPGRADE, OWN = "clientarea:product_details", "clientarea:upgrade", "sso:custom_redirect"
MOST = 500


def path_of(values, client) -> str:
    """The path of the destination asked for. Refused for an unknown one, and for whatever leaves this site."""
    name = values.text("destination")
    if name == OWN:
        return own_path(values.text("sso_redirect_path"))
    if name in (DETAILS, UPGRADE):
        return _of_service(values.whole("service_id"), client, change=name == UPGRADE)
    if name in ABSENT:
        raise Refused(f"HostBill has no page for {name}")
    if name not in PLACES:
        raise Refused("Invalid destination")
    return reverse(PLACES[name])


def own_path(text: str) -> str:
    """A path of this site, with or without the leading slash."""
    path = "/" + text.removeprefix("/")
    odd = "\\" in path or path.startswith("//") or any(not sign.isprintable() for sign in path)
    if not text or odd or len(path) > MOST or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        raise Refused("Invalid sso_redirect_path: it must be a path of this site")
    return path


def _of_service(pk, client, *, change: bool) -> str:
    subscription = Subscription.objects.filter(pk=pk, client=client).select_related("service").first() if pk else None
    if subscription is None:
        raise Refused("Invalid service_id")
    if change:
        return reverse("billing_portal:subscription_change", args=[subscription.pk])
    service = getattr(subscription, "service", None)
    if service:
        return reverse("provisioning_portal:service_detail", args=[service.pk])
    return reverse("billing_portal:subscription_detail", args=[subscription.pk])
