"""`bin/up` itself, for real: start, start again, kill -9, start, stop, reset. Its packages are those the tests run with."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SENTRY_DSN", "DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR")


def up(*arguments, **kwargs) -> subprocess.Popen:
    """Starts `bin/up` as a person would: without the settings of this test run."""
    environment = {
        name: value for name, value in os.environ.items() if name not in OWN and not name.startswith("HOSTBILL_")
    }
    command = [sys.executable, str(ROOT / "bin" / "up"), *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kwargs
    )


def said(*arguments) -> tuple[int, str]:
    """Exit code and words of a `bin/up` that ends by itself."""
    process = up(*arguments)
    text, _ = process.communicate(timeout=90)
    return process.returncode, text


def wait_for(condition, seconds: float, process: subprocess.Popen | None = None):
    """The first true answer of a condition; fails when it does not come in time or the process ends before."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if process and process.poll() is not None:
            pytest.fail(process.stdout.read())
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)
    return found


def read(path: Path, process: subprocess.Popen) -> dict | None:
    """up.json once this process has written it; a killed one leaves its own behind."""
    found = json.loads(path.read_text()) if path.exists() else None
    return found if found and found["processes"]["up"] == process.pid else None


def lives(pid: int) -> bool:
    """Whether a process runs."""
    return Path(f"/proc/{pid}").exists()


@pytest.fixture
def started(tmp_path, free_port):
    """An empty HostBill on a data folder of its own; stopped and checked to be gone afterwards."""
    data = tmp_path / "data"
    arguments = ("--data", data, "--port", free_port, "--empty")
    process = up(*arguments)
    try:
        wait_for(lambda: read(data / "up.json", process), 240, process)
        yield process, data, arguments
    finally:
        said("--data", data, "--stop")
        process.kill()
        process.communicate()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_the_life_of_bin_up(started):
    process, data, arguments = started
    first = read(data / "up.json", process)
    assert stat.S_IMODE(os.stat(data / "up.json").st_mode) == 0o600
    assert set(first) >= {"url", "staff", "clients", "api", "token", "sandbox", "processes"}
    assert set(first["sandbox"]) == {"whm", "plesk", "stripe", "mail", "vies", "hmrc", "ecb", "hooks"}
    with urllib.request.urlopen(f"{first['url']}/healthz", timeout=20) as answer:
        assert json.load(answer)["status"] == "ok"

    code, text = said(*arguments)
    assert (code, text.strip()) == (0, f"HostBill is already running at {first['url']}")
    code, text = said("--data", data, "--reset", "--yes")
    assert code == 1
    assert "Stop it first" in text

    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: not any(lives(pid) for pid in first["processes"].values()), 10)

    began = time.monotonic()
    second = up("--data", data, "--empty")
    found = wait_for(lambda: read(data / "up.json", second), 60, second)
    assert found["sandbox"] == first["sandbox"], "secrets and ports outlive a crash"
    assert found["url"] == first["url"], "the web server's port too, without being told again"
    assert time.monotonic() - began < 45  # 15 s on an idle machine

    assert said("--data", data, "--stop") == (0, "HostBill is stopped.\n")
    second.communicate(timeout=10)
    assert second.returncode == 0
    assert not any(lives(pid) for pid in found["processes"].values())
    assert not (data / "up.json").exists()

    third = up("--data", data, "--reset", "--yes", "--empty")
    anew = wait_for(lambda: read(data / "up.json", third), 120, third)
    assert anew["url"] == first["url"], "a reset forgets the data, not the address"
    assert anew["sandbox"]["whm"]["token"] != first["sandbox"]["whm"]["token"]
    assert said("--data", data, "--stop", "--reset", "--yes")[0] == 0
    third.communicate(timeout=10)
    assert not data.exists()


def test_a_taken_port_is_one_plain_line(tmp_path, free_port):
    with socket.create_server(("127.0.0.1", free_port)):
        code, text = said("--data", tmp_path / "data", "--port", free_port)
    assert code == 1
    assert text.strip().splitlines()[-1] == (
        f"bin/up: Port {free_port} is taken by another program. Choose another: bin/up --port {free_port + 1}"
    )
