"""The processes of HostBill on one machine: what each is called with, how to know that it is ready."""

import base64
import json
import os
import secrets
import shutil
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

from bootlib.children import Spec
from bootlib.data import Data
from bootlib.python_env import PYTHON, ROOT

HOST = "127.0.0.1"
#: In the environment of every process that `bin/up` looks after: its data folder.
CHILD_OF = "HOSTBILL_CHILD_OF"
# Sandbox servers and the ports each needs beside its own.
SANDBOXES = {"whm": (), "plesk": (), "stripe": (), "vies": (), "hmrc": (), "ecb": (), "hooks": (), "mail": ("smtp",)}


class Stack:
    """One running HostBill: its addresses, its environment, its process list."""

    def __init__(self, data: Data, port: int, database_url: str, redis_url: str):
        self.data = data
        self.port = port
        self.url = os.environ.get("HOSTBILL_URL", f"http://{HOST}:{port}").rstrip("/")
        self.local_url = f"http://{HOST}:{port}"
        self.with_sandbox = os.environ.get("HOSTBILL_SANDBOX", "1").lower() not in ("0", "false", "no", "")
        self.sandbox = make_sandbox(data) if self.with_sandbox else {}
        self.environment = self._environment(database_url, redis_url)

    def _environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        """What every process gets. Variables set by the caller win over ours, but --data says where the data is."""
        ours = {
            "HOSTBILL_SECRET_KEY": self.data.secret("secret_key", lambda: secrets.token_urlsafe(50)),
            "HOSTBILL_ENCRYPTION_KEYS": self.data.secret("encryption_key", make_fernet_key),
            "HOSTBILL_URL": self.url,
            "HOSTBILL_STATIC_STORAGE": "hostbill.core.statics.QuicklyCompressed",
            "HOSTBILL_SANDBOX": "1" if self.with_sandbox else "0",
            "PYTHONUNBUFFERED": "1",
            "C_FORCE_ROOT": "1",
            "MALLOC_ARENA_MAX": "2",  # threads share memory pools, so a long-running process stays smaller
        }
        if self.with_sandbox:
            ours |= self._sandbox_environment()
        fixed = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "HOSTBILL_VAR": str(self.data.root),
            "DJANGO_SETTINGS_MODULE": "hostbill.settings",
        }
        return {**ours, **os.environ, **fixed}

    def _sandbox_environment(self) -> dict[str, str]:
        mail = self.sandbox["mail"]
        return {
            "HOSTBILL_SANDBOX_JSON": str(self.data.write_json("sandbox.json", self.sandbox)),
            "EMAIL_URL": f"smtp://{mail['smtp_host']}:{mail['smtp_port']}",
            "HOSTBILL_PAYMENT_ORIGINS": self.sandbox["stripe"]["url"],
        }

    def sandbox_specs(self) -> list[Spec]:
        """The sandbox servers whose program is there."""
        return [self._sandbox_spec(name, found) for name, found in self.sandbox.items() if sandbox_module(name)]

    def _sandbox_spec(self, name: str, found: dict) -> Spec:
        state = self.data.root / "sandbox" / name
        state.mkdir(parents=True, exist_ok=True)
        command = [PYTHON, "-m", f"hostbill.sandbox.{name}", "--port", str(port_of(found["url"])), "--state", state]
        if name == "mail":
            command += ["--smtp-port", str(found["smtp_port"])]
        return Spec(
            f"sandbox-{name}",
            command,
            environment={**self.environment, **sandbox_secrets(name, found)},
            ready=lambda: answers(f"{found['url']}/_control/health"),
            cwd=ROOT,
        )

    def web(self) -> Spec:
        """The web server: two processes with four threads each."""
        command = [PYTHON, "-m", "gunicorn", "--config", "python:hostbill.gunicorn", "hostbill.wsgi"]
        metrics = self.data.root / "metrics"  # one file per process, read together by /metrics
        shutil.rmtree(metrics, ignore_errors=True)
        environment = {
            **self.environment,
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            "HOSTBILL_LISTEN": f"{HOST}:{self.port}",
            "HOSTBILL_WEB_GRACE": "8",
        }
        return self._spec(
            "web", command, environment, ready=lambda: answers(f"{self.local_url}/healthz"), death_signal=signal.SIGQUIT
        )

    def is_healthy(self) -> bool:
        """Whether every part says that it is well."""
        try:
            return fetch(f"{self.local_url}/healthz") == 200
        except OSError:
            return False

    def worker(self) -> Spec:
        """The Celery worker."""
        command = [PYTHON, "-m", "celery", "-A", "hostbill", "worker", "--concurrency", "2", "-Q", "default"]
        command += ["--loglevel", "INFO", "--without-mingle", "--without-gossip"]
        return self._spec("worker", command, death_signal=signal.SIGKILL)

    def beat(self) -> Spec:
        """Celery's clock: it sends the tick."""
        command = [PYTHON, "-m", "celery", "-A", "hostbill", "beat", "--loglevel", "WARNING"]
        command += ["--pidfile=", "--schedule", self.data.root / "celerybeat-schedule"]
        return self._spec("beat", command, death_signal=signal.SIGKILL)

    def _spec(self, name: str, command: list, environment: dict | None = None, **kwargs) -> Spec:
        return Spec(name, command, environment=environment or self.environment, cwd=ROOT, **kwargs)


def make_sandbox(data: Data) -> dict:
    """Addresses and credentials of the sandbox servers; ports and secrets stay the same between starts."""
    urls = {name: f"http://{HOST}:{data.port(f'sandbox-{name}')}" for name in SANDBOXES}
    return {
        "whm": {"url": urls["whm"], "username": "root", "token": data.secret("whm_token")},
        "plesk": {
            "url": urls["plesk"],
            "username": "admin",
            "password": data.secret("plesk_password"),
            "secret_key": data.secret("plesk_secret_key"),
        },
        "stripe": {
            "url": urls["stripe"],
            "secret_key": "sk_test_" + data.secret("stripe_secret_key", lambda: secrets.token_hex(16)),
            "publishable_key": "pk_test_" + data.secret("stripe_publishable_key", lambda: secrets.token_hex(16)),
            "webhook_secret": "whsec_" + data.secret("stripe_webhook_secret", lambda: secrets.token_hex(16)),
        },
        "vies": {"url": urls["vies"]},
        "hmrc": {"url": urls["hmrc"], "client_secret": data.secret("hmrc_client_secret", lambda: secrets.token_hex(16))},
        "ecb": {"url": urls["ecb"]},
        "hooks": {"url": urls["hooks"]},
        "mail": {"url": urls["mail"], "smtp_host": HOST, "smtp_port": data.port("sandbox-smtp")},
    }


def sandbox_secrets(name: str, found: dict) -> dict[str, str]:
    """Credentials for a sandbox server, by environment so that they stay out of the process list."""
    skipped = ("url", "username", "smtp_host", "smtp_port")
    return {f"HOSTBILL_SANDBOX_{name}_{key}".upper(): str(value) for key, value in found.items() if key not in skipped}


def sandbox_module(name: str) -> bool:
    """Whether this sandbox server is part of the installation."""
    folder = ROOT / "hostbill" / "sandbox"
    return (folder / name / "__main__.py").exists() or (folder / f"{name}.py").exists()


def port_of(url: str) -> int:
    """The port at the end of an address."""
    return int(url.rsplit(":", 1)[1])


def make_fernet_key() -> str:
    """32 random bytes as Fernet wants them."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def fetch(url: str) -> int:
    """HTTP status of a page of this machine. Raises OSError when nobody answers."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def answers(url: str) -> bool:
    """Whether a web server answers there, with whatever status."""
    try:
        return bool(fetch(url))
    except OSError:
        return False


def processes_left(data: Data) -> list[int]:
    """Pids of an earlier start on this data folder that still live (Linux only), however far that start came. They are told
    apart from everything else by the mark in their environment."""
    mark = f"{CHILD_OF}={data.root}".encode()
    folders = Path("/proc").glob("[0-9]*") if sys.platform.startswith("linux") else []
    return [int(folder.name) for folder in folders if carries(folder, mark)]


def carries(folder: Path, mark: bytes) -> bool:
    """Whether a living process has this variable in its environment."""
    try:
        return mark in (folder / "environ").read_bytes().split(b"\0")
    except OSError:  # ended meanwhile, or somebody else's
        return False


def logins(data: Data) -> dict:
    """Who can sign in, as `manage.py demo` wrote it down: {"staff": ..., "clients": [...], "api": ...,
    "token": ...}."""
    try:
        return json.loads((data.root / "logins.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
