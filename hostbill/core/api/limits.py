"""How often somebody may ask. The counter is in the cache: losing it costs nothing but a minute's count."""

import hashlib
import time

from django.core.cache import cache

from hostbill.core.api.problems import Problem
from hostbill.core.options import API_RATE

WINDOW = 60  # seconds


def who(request) -> str:
    """The token, however it is written, else the person."""
    kind, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    shown = text.strip() if kind.lower() == "bearer" else ""
    return hashlib.sha256(shown.encode()).hexdigest()[:32] if shown else f"user:{request.user.pk}"


def count(request, asker: str = "") -> dict[str, str]:
    """Count this request for the asker; the headers that tell how many are left. Raises Problem 429."""
    most, now = API_RATE.value, time.time()
    key = f"api:{asker or who(request)}:{int(now // WINDOW)}"
    used, reset = one_more(key), WINDOW - int(now % WINDOW)
    headers = {"RateLimit-Limit": most, "RateLimit-Remaining": max(0, most - used), "RateLimit-Reset": reset}
    headers = {name: str(value) for name, value in headers.items()}
    if used > most:
        raise Problem(429, headers=headers | {"Retry-After": str(reset)})
    return headers


def one_more(key: str, seconds: int = WINDOW * 2) -> int:
    """The counter after this time, kept so long; it begins anew when the cache was emptied in between."""
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:
        cache.set(key, 1, seconds)
        return 1
