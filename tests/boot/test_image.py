"""The image and the services of docker-compose.yml, as far as that goes without Docker: what the Dockerfile copies is there,
its steps work with the packages of requirements.txt alone, and each service's command and health check do as written."""

import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
import yaml
from django.conf import settings

from bootlib.data import free_port

ROOT = Path(__file__).resolve().parents[2]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DOCKERFILE = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
PATH = "/usr/local/bin:/usr/bin:/bin"


def ignored(path: str) -> bool:
    """Left out of the image by .dockerignore."""
    parts = Path(path).parts
    heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    for line in (ROOT / ".dockerignore").read_text().split():
        names = parts if line.startswith("**/") else heads
        if any(fnmatch.fnmatch(name, line.removeprefix("**/")) for name in names):
            return True
    return False


def context() -> list[str]:
    """The files that `COPY . .` copies."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for path in listed.splitlines() if not ignored(path) and (ROOT / path).exists()]


def test_what_the_image_copies_is_there():
    files = context()
    assert "manage.py" in files and not any(
        path.startswith(("tests/", ".env")) and path != ".env.example" for path in files
    )
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert source == "." or any(path == source or path.startswith(f"{source}/") for path in files), source


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The folder /app of the image, its Python, and its environment after the build's own command."""
    app, data = tmp_path_factory.mktemp("app"), tmp_path_factory.mktemp("data")
    for path in context():
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, app / path)
    shutil.copytree(ROOT / "static" / "vendor", app / "static" / "vendor", dirs_exist_ok=True)
    tools, venv = Path(sys.executable).parent, app.parent / "image-venv"
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([tools / "uv", "venv", "--quiet", "--clear", "--python", sys.executable, venv], **quiet)
    wanted = ["--no-deps", "--only-binary", ":all:", "-r", app / "requirements.txt"]
    into = ["--python", venv / "bin" / "python"]
    # As bin/test installs: pip may know an index or a certificate that uv does not.
    if subprocess.run([tools / "uv", "pip", "install", "--quiet", *into, *wanted]).returncode:
        subprocess.run([tools / "python", "-m", "pip", *into, "install", "--quiet", *wanted], **quiet)
    environment = {
        "PATH": f"{venv / 'bin'}:{PATH}",
        "HOSTBILL_VAR": str(data),
        "DJANGO_SETTINGS_MODULE": "hostbill.settings",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    (run,) = [line for line in re.findall(r"^RUN (.+)$", DOCKERFILE, re.MULTILINE) if "prepare.py" in line]
    built = subprocess.run(["sh", "-ec", run.split("&&")[0]], cwd=app, env=environment, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-3000:]
    return app, environment


@pytest.fixture(scope="module")
def services(image):
    """Starts a service of the compose file in that folder, with the environment that is written there."""
    app, base = image
    database, running = settings.DATABASES["default"], []
    login = {name.lower(): database[name] for name in ("HOST", "PORT", "USER", "PASSWORD")}
    admin = psycopg2.connect(dbname="postgres", **login)
    admin.autocommit = True
    admin.cursor().execute("DROP DATABASE IF EXISTS image_test WITH (FORCE)")
    admin.cursor().execute("CREATE DATABASE image_test")
    ours = {
        "DATABASE_URL": f"postgres://{login['user']}:{login['password']}@{login['host']}:{login['port']}/image_test",
        "REDIS_URL": settings.REDIS_URL.rpartition("/")[0] + "/14",
        "HOSTBILL_LISTEN": f"127.0.0.1:{free_port()}",
        "PROMETHEUS_MULTIPROC_DIR": str(app.parent / "metrics"),
        "HOSTNAME": os.uname().nodename,
    }
    told = {
        line.partition("=")[0]: line.partition("=")[2]
        for line in (app / ".env.example").read_text().splitlines()
        if "=" in line
    }
    told |= {
        "HOSTBILL_SECRET_KEY": "x" * 60,
        "HOSTBILL_ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    }

    def environment(name) -> dict:
        written = SERVICES[name].get("environment") or SERVICES["migrate"]["environment"]
        filled = {
            key: re.sub(r"\$\{(\w+)[^}]*\}", lambda m: told.get(m[1], ""), str(value)) for key, value in written.items()
        }
        return {**base, **filled, **ours}

    def start(name) -> subprocess.Popen:
        command = SERVICES[name].get("command") or json.loads(re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[-1])
        command = [part.replace("/tmp/", f"{app.parent}/") for part in command]
        log = open(app.parent / f"{name}.log", "ab")  # noqa: SIM115 - open as long as the process
        process = subprocess.Popen(
            command, cwd=app, env=environment(name), stdout=log, stderr=log, start_new_session=True
        )
        running.append(process)
        return process

    def check(name) -> bool:
        kind, *command = SERVICES[name]["healthcheck"]["test"]
        shell = ["sh", "-c", command[0].replace("$$", "$")] if kind == "CMD-SHELL" else command
        return subprocess.run(shell, cwd=app, env=environment(name), capture_output=True, timeout=60).returncode == 0

    yield type("Services", (), {"start": staticmethod(start), "check": staticmethod(check), "log": app.parent})
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)
    admin.cursor().execute("DROP DATABASE IF EXISTS image_test WITH (FORCE)")
    admin.close()


def test_the_build_leaves_static_files_and_needs_nothing_else(image):
    app, environment = image
    assert list(Path(environment["HOSTBILL_VAR"]).rglob("staticfiles.json")) or list(app.rglob("staticfiles.json"))
    missing = subprocess.run(
        ["python", "-c", "import django, celery, gunicorn, stripe, typst; import pytest"],
        cwd=app, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert "No module named 'pytest'" in missing.stderr, "the image has exactly requirements.txt"


def test_the_services_run_and_their_health_checks_tell_so(services):
    """Two machines are brought up in the same moment: one migration waits for the other, both end well."""
    both = [services.start("migrate"), services.start("migrate")]
    assert [process.wait(240) for process in both] == [0, 0], (services.log / "migrate.log").read_text()[-3000:]
    assert not any(services.check(name) for name in ("web", "beat")), "healthy before they were started"
    started = {name: services.start(name) for name in ("web", "worker", "beat")}
    deadline = time.monotonic() + 120
    for name, process in started.items():
        while not services.check(name):
            words = (services.log / f"{name}.log").read_text()[-3000:]
            assert process.poll() is None and time.monotonic() < deadline, words
            time.sleep(0.5)
    for process in started.values():
        os.kill(process.pid, signal.SIGTERM)
    assert [process.wait(60) for process in started.values()] == [0, 0, 0]


def test_no_service_is_left_out():
    """One that is added must be tried here too."""
    assert SERVICES.keys() == {"postgres", "valkey", "migrate", "web", "worker", "beat"}
