"""What should exist for a subscription: the question provisioning asks."""

from billing.models import SetupOn, Subscription


def wanted_state(subscription: Subscription) -> str:
    """ "none" (nothing yet, or never), "live", "suspended" or "gone"."""
    if subscription.product.setup_on == SetupOn.NEVER:
        return "none"
    return {"pending": "none", "active": "live", "suspended": "suspended"}.get(subscription.state, "gone")


def suspension_reason(subscription: Subscription) -> str:
    """The words of the oldest suspension in force; empty when there is none."""
    suspension = subscription.suspensions.filter(lifted_at__isnull=True).order_by("started_at").first()
    return suspension.reason if suspension else ""
