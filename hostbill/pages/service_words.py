"""What a subscription and its service are doing now and next, in words: for the pages that show both together."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from billing.models import Cycle, Subscription, Suspension
from hostbill.core.compiled import Compiled, attach, keys_in
from hostbill.core.ui.words import day_words
from hostbill.pages.links import address
from provisioning.queries.panel import capabilities

RUNNING = ("pending", "active", "suspended")


@dataclass(frozen=True)
class ServiceLine:
    """One row: `state` is (kind, words, rest); `service` is None before anything exists."""

    subscription: object
    service: object
    name: str
    product: str
    state: tuple
    next: str
    price: object
    period: str
    staff_url: str
    portal_url: str
    panel_url: str

    @property
    def kind(self):
        """The state's kind."""
        return self.state[0]


def period_words(cycle):
    """How long one price covers."""
    return {
        Cycle.MONTHLY: _("a month"),
        Cycle.QUARTERLY: _("a quarter"),
        Cycle.SEMI_ANNUAL: _("half a year"),
        Cycle.ANNUAL: _("a year"),
        Cycle.BIENNIAL: _("for 2 years"),
        Cycle.TRIENNIAL: _("for 3 years"),
    }.get(cycle, _("once"))


def running(client: int):
    """What runs or waits for this client."""
    return Subscription.objects.filter(client_id=client, state__in=RUNNING)


def with_services(subscriptions):
    """The subscriptions with what their lines say, besides why some are suspended."""
    return subscriptions.select_related("product", "service__server__module_config")


_SUSPENSIONS = Compiled(
    lambda keys: Suspension.objects.filter(subscription_id__in=keys_in(keys)).select_related("invoice"), keys=str
)


def lines_of(subscriptions) -> list[ServiceLine]:
    """A line for each subscription of `with_services`; two queries whatever their number."""
    rows = list(subscriptions)
    attach([row for row in rows if row.state == "suspended"], suspensions=_SUSPENSIONS)
    return [_line(row) for row in rows]


def _line(subscription):
    service = getattr(subscription, "service", None)
    name = (service.shown_domain if service else "") or subscription.label or subscription.product.name
    return ServiceLine(
        subscription=subscription,
        service=service,
        name=name,
        product=subscription.product.name,
        state=_state(subscription, service),
        next=_next(subscription),
        price=subscription.price,
        period=period_words(subscription.cycle),
        staff_url=_page("staff", subscription, service),
        portal_url=_page("portal", subscription, service),
        panel_url=_panel(service),
    )


def _page(part, subscription, service):
    """The service's page, else the subscription's."""
    if service:
        return address(f"provisioning_{part}:service_detail", service.pk)
    return address(f"billing_{part}:subscription_detail", subscription.pk)


def _panel(service):
    """Where the client opens the panel, while the account is online and its server's panel lets us."""
    if service is None or service.state != "live" or not service.has_account:
        return ""
    if "login_link" not in capabilities(service.server):
        return ""
    return address("provisioning_portal:service_panel", service.pk)


def _state(subscription, service):
    told = subscription.suspensions.all() if subscription.state == "suspended" else ()
    suspension = next((row for row in told if row.lifted_at is None), None)
    if suspension:
        since = _("Suspended since %(day)s:") % {"day": day_words(suspension.started_at)}
        return ("paused", since, suspension.reason)
    if subscription.state in ("cancelled", "ended"):
        return ("ended", subscription.get_state_display(), "")
    if service is None:
        return _before(subscription)
    return _technical(service)


def _before(subscription):
    """Nothing exists yet."""
    if subscription.state == "pending":
        return ("attention", _("Waits for payment"), "")
    return ("ok", subscription.get_state_display(), "")


def _technical(service):
    """What the server side says."""
    if service.state == "live":
        return ("ok", _("Online"), "")
    if service.state == "setting_up":
        return ("running", _("Being set up,"), _("usually under a minute"))
    if service.state == "suspended" and service.subscription.state == "active":
        return ("running", _("Coming back online,"), _("usually within a minute"))
    if service.state == "suspended":
        return ("paused", _("Suspended"), service.suspend_reason)
    if service.state == "review":
        return ("failed", _("Needs a person"), "")
    if service.state == "terminated":
        return ("ended", _("Ended"), "")
    return ("attention", service.get_wait_reason_display() or _("Waiting"), "")


def _next(subscription):
    """The next date that matters."""
    if subscription.cancel_on:
        return _("Ends %(day)s") % {"day": day_words(subscription.cancel_on)}
    if isinstance(subscription.next_due_on, date):
        return _("Renews %(day)s") % {"day": day_words(subscription.next_due_on)}
    return ""
