"""Webhooks: business events told to programs of others, signed by the Standard Webhooks scheme. See docs/webhooks.md."""
