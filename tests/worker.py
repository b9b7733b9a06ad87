"""Loaded before Django: gives each pytest-xdist process a Valkey database of its own, since tests empty the cache; and
static files their plain addresses, since pages are rendered here without collectstatic."""

import os
import re

number = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or -1) + 1
if number and os.environ.get("HOSTBILL_TESTING"):
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{number}"
os.environ.setdefault("HOSTBILL_STATIC_STORAGE", "django.contrib.staticfiles.storage.StaticFilesStorage")
