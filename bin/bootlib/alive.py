"""Health checks of the containers, which have Python but no curl: `alive.py web` and `alive.py beat`.

`web` asks whether this process answers at all. The status of /healthz also speaks of the others, and restarting the web server
does not mend a broker, so 503 counts as alive here. `beat` asks when the clock last ticked.
"""

import os
import sys
import time
import urllib.error
import urllib.request

LATEST_BEAT = 120  # seconds


def main(part: str) -> int:
    """0 = alive."""
    return 0 if {"web": web, "beat": beat}[part]() else 1


def web() -> bool:
    """Whether the web server of this container answers in time."""
    port = os.environ.get("HOSTBILL_LISTEN", ":8000").rpartition(":")[2]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"X-Forwarded-Proto": "https"})
    try:
        urllib.request.urlopen(request, timeout=4).close()
    except urllib.error.HTTPError as error:
        return error.code == 503
    except OSError:
        return False
    return True


def beat() -> bool:
    """Whether beat has left a sign of life in the broker lately."""
    from redis import Redis

    with Redis.from_url(os.environ["REDIS_URL"], socket_timeout=4, socket_connect_timeout=4) as redis:
        stamp = redis.get("hostbill:beat")
    return stamp is not None and time.time() - int(stamp) < LATEST_BEAT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
