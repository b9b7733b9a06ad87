"""How far the set-up of a service is, as steps for the waiting page."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hostbill.core.ui.words import local
from provisioning.models import Service
from provisioning.queries.account import panel_name


@dataclass(frozen=True)
class Progress:
    """Steps for `{% steps %}`, whether to go on asking, and the words around them."""

    steps: list
    is_live: bool
    is_ready: bool
    title: str
    text: str
    foot: str


def setup_progress(service: Service) -> Progress:
    """Read from the rows alone, so that reloading shows the same."""
    subscription = service.subscription
    ready = service.live_at is not None
    steps = [_payment_step(subscription, ready), _server_step(service, ready), _account_step(service, ready), _mail_step(ready)]
    if ready:
        return Progress(steps, False, True, _("Your account is ready"), _("Everything you need is in your mail, too."), "")
    title, text, foot = _words(service)
    return Progress(steps, service.state in ("waiting", "setting_up"), False, title, text, foot)


def _words(service: Service) -> tuple[str, str, str]:
    if service.subscription.state == "pending":
        text = _("As soon as the payment is confirmed. You can close this page: we mail you when it is ready.")
        return _("Waiting for your payment"), text, _("Ready in under a minute after that")
    if service.state == "review" or service.wait_reason == "servers_full" or service.cancelled_setup:
        text = _("This takes a little longer than usual, and we are on it. We mail you when it is ready.")
        return _("Your account is being set up"), text, _("We mail you when it is ready")
    operation = service.open_operation
    if operation is not None and operation.error:
        text = _("The server is busy, so it takes a few minutes. You can close this page: we mail you when it is ready.")
        return _("Your account is being set up"), text, _("Ready in a few minutes")
    text = _("Usually under a minute. You can close this page: we mail you when it is ready.")
    return _("Your account is being set up"), text, _("Ready in under a minute")


def _clock(moment) -> str:
    return f"{local(moment):%H:%M}" if moment else ""


def _payment_step(subscription, ready) -> dict:
    done = ready or subscription.state != "pending"
    label = _("Order confirmed") if done else _("Waiting for the payment")
    return {"label": label, "state": "done" if done else "now", "at": _clock(subscription.active_at) if done else ""}


def _server_step(service, ready) -> dict:
    done = ready or service.server_id is not None
    wants = service.subscription.state != "pending"
    note = _("On %(server)s") % {"server": service.server.hostname} if service.server_id else ""
    return {
        "label": _("Place on a server found") if done else _("Finding a place on a server"),
        "state": "done" if done else "now" if wants else "next",
        "note": note,
        "at": _clock(service.setting_up_at) if done else "",
    }


def _account_step(service, ready) -> dict:
    product = service.subscription.product.name
    if ready:
        label = _("%(product)s created") % {"product": product}
        return {"label": label, "state": "done", "note": service.shown_domain, "at": _clock(service.live_at)}
    running = service.state == "setting_up"
    label = _("Creating %(product)s for %(domain)s") % {"product": product, "domain": service.shown_domain}
    step = {"label": label, "state": "now" if running else "next"}
    if running:
        step |= {"note": _("%(panel)s sets up storage, mail and databases.") % {"panel": panel_name(service.server)}, "at": _("now")}
    return step


def _mail_step(ready) -> dict:
    label = _("Mail with everything to keep sent") if ready else _("A mail with everything to keep")
    return {"label": label, "state": "done" if ready else "next"}
