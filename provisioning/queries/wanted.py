"""What has to be done for one service: the table that `align` works by."""

from billing.models import Subscription
from billing.queries.entitlement import suspension_reason, wanted_state
from hostbill.core.fetch import fetch
from provisioning.models import Service

ENDED = "ended"


def wanted(service: Service) -> str:
    """none, live, suspended or gone, as billing sees it now."""
    if not Service._meta.get_field("subscription").is_cached(service):
        service.subscription = fetch(Subscription, service.subscription_id, "product")
    return wanted_state(service.subscription)


def step(service: Service, want: str, *, grace_over: bool = True) -> str:
    """The verb that brings the service closer to what is wanted; "" when nothing is to be done (or a person must).

    "drop" ends a service that never had an account, "revive" takes that back; "grace" begins the days in which an
    ended service is only offline.
    """
    if want == "gone":
        return _towards_gone(service, grace_over)
    if service.state == "terminated" and not _may_exist(service):
        return "revive"
    if want == "live":
        return {"waiting": "create", "suspended": "" if service.suspended_elsewhere else "resume"}.get(
            service.state, _plan_step(service)
        )
    if want == "suspended" and service.state == "live":
        return "suspend"
    return ""


def _towards_gone(service: Service, grace_over: bool) -> str:
    if service.state == "terminated":
        return ""
    if not _may_exist(service):
        return "drop"
    if service.state in ("setting_up", "review"):
        return "terminate"
    if grace_over:
        return "terminate"
    if service.terminate_after is None:
        return "grace"
    return "suspend" if service.state == "live" else ""


def _may_exist(service: Service) -> bool:
    """Could there be an account? Once a call was sent, the server is asked before the row is closed."""
    if service.server_id is None or not service.username:
        return False
    return service.live_at is not None or service.operations.filter(verb="create", intent_at__isnull=False).exists()


def _plan_step(service: Service) -> str:
    if service.state != "live" or not (plan := service.wanted_plan):
        return ""
    return "change_plan" if (plan, service.wanted_limits) != (service.plan, service.limits) else ""


def why_suspended(service: Service) -> str:
    """The words that go to the panel with a suspension."""
    return (suspension_reason(service.subscription) or ENDED)[:200]


def pointless(operation, want: str) -> bool:
    """Would the operation lead away from what is wanted now?"""
    if operation.params.get("force"):
        return False
    fitting = {"create": {"live"}, "suspend": {"suspended", "gone"}, "resume": {"live"}, "terminate": {"gone"}}
    return operation.verb in fitting and want not in fitting[operation.verb]


def unserved_subscriptions():
    """Hosting subscriptions without a service row: an event of theirs was lost."""
    return (
        Subscription.objects.filter(product__kind="hosting", service__isnull=True, state__in=["pending", "active", "suspended"])
        .select_related("product")
        .order_by("pk")
    )
