"""One client of the official library per key, address and process, so that connections are kept."""

import os
from functools import lru_cache

import stripe

TIMEOUT = (10, 30)  # seconds to connect, to read
READ_RETRIES = 2
stripe.enable_telemetry = False


def client_for(secret_key: str, api_base: str) -> stripe.StripeClient:
    """A client that sends each call once; reading calls ask for retries in their options."""
    return _client(secret_key, api_base, os.getpid())


@lru_cache(maxsize=32)
def _client(secret_key: str, api_base: str, process: int) -> stripe.StripeClient:
    """`process` keeps a forked worker from sharing its parent's connections."""
    return stripe.StripeClient(
        secret_key,
        base_addresses={"api": api_base.rstrip("/")} if api_base else None,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        max_network_retries=0,
    )
