"""Fixtures for every test: the cast, the clock, running what is due, and the sandbox servers as real processes."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, settings
from playwright.sync_api import sync_playwright

from hostbill.core import clock, counting
from hostbill.core.drain import drain as run_until_quiet
from hostbill.core.templatetags import kept
from hostbill.core.timeline import move_clock as move
from hostbill.pages import bell, frame
from tests.factories import make_cast
from tests.thrift import spare

ROOT = Path(__file__).resolve().parent.parent
spare()
#: How long an example takes says something of the machine's load and nothing of the product.
settings.register_profile("any load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any load")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests with threads empty their database afterwards, which the guards of the books refuse elsewhere."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET hostbill.may_truncate = 'on'")
        connection.close()


@pytest.fixture(autouse=True)
def own_places(settings, tmp_path, monkeypatch):
    """Each test has its own clock file and upload folder, and starts with an empty cache, in no language.

    The menu's counters and the bell's are kept for the whole test and figures are always counted at once, else query counts depend on how
    slow the machine is."""
    settings.SANDBOX_CLOCK_FILE = str(tmp_path / "clock")
    settings.UPLOAD_ROOT = str(tmp_path / "uploads")
    monkeypatch.setattr(frame, "COUNTER_SECONDS", 3600)
    monkeypatch.setattr(bell, "COUNT_SECONDS", 3600)
    monkeypatch.setattr(counting, "QUICK", 3600)
    monkeypatch.setattr(counting, "PATIENCE", 3600)
    cache.clear()
    translation.deactivate()  # the language of the last page that another test read
    kept.forget()


@pytest.fixture
def drain():
    """Run events, outgoing rows and waiting jobs until quiet."""
    return run_until_quiet


@pytest.fixture
def move_clock():
    """Move the clock to a date, a datetime, or on by a number of days; runs every job of every day passed."""

    def _move(target):
        if isinstance(target, int):
            target = clock.now() + timedelta(days=target)
        elif not isinstance(target, datetime) and isinstance(target, date):
            target = clock.start_of(target, datetime.min.time().replace(hour=12))
        return move(target)

    return _move


@pytest.fixture
def cast(db):
    """Alice (owner), Bob (her colleague with few rights), Charlie (another client), Stella (staff)."""
    return make_cast()


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(url: str, body=None, method=None):
    """A JSON request to a sandbox's control."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
        text = response.read().decode()
    return json.loads(text) if text.strip() else None


SECRETS = {
    "whm": {"username": "root", "token": "WHMTOKENFORTESTS0123456789"},
    "plesk": {"username": "admin", "password": "plesk-password-for-tests", "secret_key": "plesk-secret-key-for-tests"},
    "stripe": {
        "secret_key": "sk_test_hostbill0123456789",
        "publishable_key": "pk_test_hostbill0123456789",
        "webhook_secret": "whsec_hostbill0123456789",
    },
    "vies": {},
    "hmrc": {"client_secret": "hmrc-secret-for-tests"},
    "ecb": {},
    "hooks": {},
    "mail": {},
}


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    """The sandbox servers: ``sandbox.whm.url``, ``.token`` and so on; ``sandbox.control("whm", path, body)``."""
    processes, found = [], {}
    for name, secrets in SECRETS.items():
        port, values = free_port(), dict(secrets)
        state = tmp_path_factory.mktemp(f"sandbox-{name}")
        command = [sys.executable, "-m", f"hostbill.sandbox.{name}", "--port", str(port), "--state", str(state)]
        if name == "mail":
            values |= {"smtp_host": "127.0.0.1", "smtp_port": free_port()}
            command += ["--smtp-port", str(values["smtp_port"])]
        env = {f"HOSTBILL_SANDBOX_{name}_{key}".upper(): str(value) for key, value in secrets.items()}
        processes.append(subprocess.Popen(command, env={**os.environ, **env}, cwd=ROOT))
        found[name] = SimpleNamespace(url=f"http://127.0.0.1:{port}", **values)
    for name in SECRETS:
        _wait_for(f"{found[name].url}/_control/health")

    def control(name, path, body=None, method=None):
        return call(f"{found[name].url}/_control/{path}", body, method)

    yield SimpleNamespace(**found, control=control)
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(10)


def _wait_for(url: str, seconds: int = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            call(url)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, one for all tests of a process, which can hold one playwright.

    Its absence is a failure with words, never a skip."""
    path = os.environ.get("HOSTBILL_CHROMIUM") or shutil.which("chromium")
    assert path, "Chromium is missing. Type: apt install chromium"
    # playwright runs a loop in this thread; the ORM stays usable beside it
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
