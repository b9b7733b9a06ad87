"""Logging in to a panel: the link is made at click time, never stored, and leaves no referrer."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from hostbill.core.audit import audit
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from provisioning.queries.account import panel_address
from provisioning.queries.panel import login_link

SCHEMES = ("https", "http")


def leave_for(request, url: str):
    """A page that moves on to the panel at once, with nothing kept and nothing told.

    Not a redirect: our Content-Security-Policy lets forms end on this site only, and browsers apply that to the
    redirect after a form as well (CSP Level 3, form-action)."""
    answer = render(request, "provisioning/portal/service/leaving.html", {"panel_url": url})
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer


def to_panel(request, service, *, target: str, back):
    """On to the panel or webmail, or back with words that help. The caller checked permission."""
    try:
        return leave_for(request, panel_link(request, service, target=target))
    except AppError as error:
        messages.error(request, error.message)
        return redirect(back)


def panel_link(request, service, *, target: str) -> str:
    """The address that logs in to the panel or webmail, made now. AppError with words that help: "not_online", "no_link"."""
    if service.state != "live" or not service.has_account:
        raise AppError(_("The panel can be opened while the service is online."), code="not_online")
    try:
        url = login_link(service, target=target, client_ip=request.META.get("REMOTE_ADDR", ""))
        if urlsplit(url).scheme not in SCHEMES:
            raise DriverError("The panel gave an address that is no web address.", permanent=True, code="bad_link")
    except (DriverError, OutcomeUnknown) as error:
        audit(request.actor, "provisioning.login_refused", service, reason=error.message[:300], changes={})
        if request.actor.is_staff:
            words = _("The panel gave no login link: %(why)s") % {"why": error.message}
        else:
            words = _("The panel does not answer just now. Try again in a minute, or log in at %(url)s.")
            words = words % {"url": panel_address(service.server)}
        raise AppError(words, code="no_link") from error
    audit(request.actor, "provisioning.logged_in", service, reason=target, changes={})
    return url
