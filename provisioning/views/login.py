"""Logging in to a panel: the link is made at click time, never stored, and leaves no referrer."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hostbill.core.audit import audit
from hostbill.core.errors import DriverError, OutcomeUnknown
from provisioning.queries.account import panel_address
from provisioning.queries.panel import login_link

ALLOWED = ("https", "http")


class PanelRedirect(HttpResponseRedirect):
    """To whatever scheme panels use, with nothing kept and nothing told."""

    allowed_schemes = list(ALLOWED)

    def __init__(self, url: str):
        super().__init__(url)
        self["Referrer-Policy"] = "no-referrer"
        self["Cache-Control"] = "no-store"


def to_panel(request, service, *, target: str, back):
    """A redirect into the panel or webmail, or back with words that help. The caller checked permission."""
    if service.state != "live" or not service.has_account:
        messages.error(request, _("The panel can be opened while the service is online."))
        return redirect(back)
    try:
        url = login_link(service, target=target, client_ip=request.META.get("REMOTE_ADDR", ""))
    except (DriverError, OutcomeUnknown) as error:
        audit(request.actor, "provisioning.login_refused", service, reason=error.message[:300], changes={})
        if request.actor.kind == "staff":
            messages.error(request, _("The panel gave no login link: %(why)s") % {"why": error.message})
        else:
            address = panel_address(service.server)
            words = _("The panel does not answer just now. Try again in a minute, or log in at %(url)s.")
            messages.error(request, words % {"url": address})
        return redirect(back)
    audit(request.actor, "provisioning.logged_in", service, reason=target, changes={})
    return PanelRedirect(url)
