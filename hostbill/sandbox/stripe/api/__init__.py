"""The resources of the API, one file each; importing this registers their addresses."""

from hostbill.sandbox.stripe.api import (  # noqa: F401
    charges,
    checkout_sessions,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    webhook_endpoints,
)
