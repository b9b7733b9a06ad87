"""A stand-in for Stripe on loopback: the REST API, webhooks, the 3-D Secure page and an element for card entry."""
