"""Starts an installation of its own for a measurement, runs the load in its environment, stops it."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchlib.processes import memory, tree_of
from bootlib import frontend, python_env
from bootlib.children import Supervisor
from bootlib.console import Trouble, say
from bootlib.data import Data, free_port
from bootlib.python_env import PYTHON, ROOT
from bootlib.servers import start_servers
from bootlib.stack import Stack
from bootlib.up import prepare

START_SECONDS = 600
#: Servers of the caller's, which the measured installation must not use.
OTHERS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE")
IDLE_SECONDS = 8
MEMORY_LIMIT = 1000  # MB


def main(arguments: list[str]) -> int:
    """Returns 0 when every target was met."""
    options = parse(arguments)
    kept = {k: v for k, v in os.environ.items() if k not in OTHERS and not k.startswith("HOSTBILL_")}
    if options.what in ("pages", "api"):
        return measure_alone(options, kept, load_pages)
    if options.what == "pdf":
        return measure_alone(options, kept, load_pdf)
    if options.what == "invoices":
        return measure_alone(options, kept, load_invoices)
    folder = Path(tempfile.mkdtemp(prefix="hostbill-bench-"))
    up = None
    try:
        up = start(folder / "data", kept)
        met = run_load(folder / "data", kept, options)
        time.sleep(IDLE_SECONDS)
        return 0 if judge_memory(up.pid) and met else 1
    except Trouble as trouble:
        say(f"\nbin/bench: {trouble}")
        return 1
    finally:
        stop(up)
        if options.keep:
            say(f"Kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures HostBill against its targets.")
    parser.add_argument(
        "what",
        choices=["setup", "pages", "api", "pdf", "invoices"],
        help="setup: orders paid at once, until each has a live account; pages: every page of a large company; "
        "api: lists, objects and orders by REST in the same company; "
        "pdf: documents typeset a second; invoices: the renewal run on a day on which everything is due",
    )
    parser.add_argument("--orders", type=int, default=200, metavar="N", help="how many orders (default 200)")
    parser.add_argument(
        "--within", type=float, default=10, metavar="S", help="paid within so many seconds (default 10)"
    )
    parser.add_argument("--keep", action="store_true", help="leave data and logs behind")
    parser.add_argument("--profile", action="store_true", help="also print how long each step took")
    parser.add_argument(
        "--scale", type=float, default=1, metavar="N", help="pages: 1 is 100,000 clients, a million invoices (default 1)"
    )
    parser.add_argument(
        "--subscriptions", type=int, default=100_000, metavar="N", help="invoices: how many are due (default 100000)"
    )
    rounds = "pages: asks for each page; pdf: a fifth of the documents (default 20)"
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help=rounds)
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="pages: folder that keeps the company; made once, measured again"
    )
    return parser.parse_args(arguments)


def measure_alone(options: argparse.Namespace, kept: dict, load: Callable) -> int:
    """In a data folder with servers of its own, without the whole stack."""
    folder = options.data or Path(tempfile.mkdtemp(prefix="hostbill-bench-"))
    for name in set(os.environ) - set(kept):
        del os.environ[name]  # what is started below reads it
    data = Data(folder.resolve())
    data.create()
    if not data.lock():
        say(f"bin/bench: another measurement uses {folder}")
        return 1
    supervisor = Supervisor(data.logs, {"HOSTBILL_VAR": str(data.root)})
    try:
        return load(data, supervisor, options)
    except Trouble as trouble:
        say(f"\nbin/bench: {trouble}")
        return 1
    finally:
        supervisor.stop()
        data.unlock()
        if options.keep or options.data:
            say(f"Kept in {folder}; measure it again with --data {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def load_pages(data: Data, supervisor: Supervisor, options: argparse.Namespace) -> int:
    """Makes the company unless the folder has one, starts the web server and the worker, asks for its pages. No clock, which would
    work on the company meanwhile."""
    stack = bare_stack(data, supervisor)
    extra = {"DJANGO_SETTINGS_MODULE": "benchlib.bench_settings", "HOSTBILL_LOG_LEVEL": "ERROR"}
    stack.environment |= {**extra, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bin'}"}
    made = data.root / "company.json"
    if not made.exists():
        say(f"\nMaking a company, scale {options.scale:g}:")
        run_python(stack, "-m", "benchlib.world", str(options.scale))
        made.write_text(json.dumps({"scale": options.scale}))
    say(f"\nScale {json.loads(made.read_text())['scale']:g}; starting the web server ...")
    supervisor.start(stack.worker(), stack.web())  # no clock: the worker only counts what pages ask it for
    return run_python(stack, "-m", f"benchlib.{options.what}", stack.local_url, str(options.rounds), check=False)


def load_invoices(data: Data, supervisor: Supervisor, options: argparse.Namespace) -> int:
    """A company of its own, invoiced by the job in one process."""
    stack = bare_stack(data, supervisor)
    stack.environment |= {"HOSTBILL_LOG_LEVEL": "ERROR", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bin'}"}
    return run_python(stack, "-m", "benchlib.invoices", str(options.subscriptions), check=False)


def load_pdf(data: Data, supervisor: Supervisor, options: argparse.Namespace) -> int:
    """Invoices of its own, typeset again and again in one process."""
    stack = bare_stack(data, supervisor)
    stack.environment |= {"HOSTBILL_LOG_LEVEL": "ERROR", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bin'}"}
    return run_python(stack, "-m", "benchlib.pdf", str(options.rounds * 5), check=False)


def bare_stack(data: Data, supervisor: Supervisor) -> Stack:
    """Database and broker run, tables are made."""
    python_env.ensure(python_env.RUNTIME, data.logs / "setup.log")
    frontend.ensure(data.logs / "setup.log")
    stack = Stack(data, free_port(), *start_servers(data, supervisor))
    prepare(stack, data.logs / "setup.log")
    return stack


def run_python(stack: Stack, *arguments: str, check: bool = True) -> int:
    """The installation's Python with the product's environment; its exit code. Raises Trouble when it must not fail."""
    code = subprocess.run([str(PYTHON), *arguments], cwd=ROOT, env=stack.environment).returncode
    if code and check:
        raise Trouble(f"{' '.join(arguments[:2])} failed")
    return code


def start(data: Path, environment: dict) -> subprocess.Popen:
    """`bin/up` on a new data folder, ready. Raises Trouble."""
    log = data.parent / "up.log"
    with log.open("w") as output:
        command = [sys.executable, str(ROOT / "bin" / "up"), "--data", str(data), "--port", str(free_port())]
        up = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    deadline = time.monotonic() + START_SECONDS
    while not (data / "up.json").exists():
        if up.poll() is not None or time.monotonic() > deadline:
            stop(up)
            raise Trouble(f"bin/up did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.2)
    return up


def run_load(data: Path, environment: dict, options: argparse.Namespace) -> bool:
    """The load in a process with Django and the installation's settings; True when its targets were met."""
    settings = json.loads((data / "environment.json").read_text())
    environment = {
        **environment,
        **settings,
        "DJANGO_SETTINGS_MODULE": "hostbill.settings",
        "HOSTBILL_LOG_LEVEL": "ERROR",
    }
    environment["HOSTBILL_BENCH_UP"] = str(data / "up.json")
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'bin'}"
    command = [str(PYTHON), "-m", f"benchlib.{options.what}", str(options.orders), str(options.within)]
    command += ["--profile"] if options.profile else []
    return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


def judge_memory(pid: int) -> bool:
    """What the idle installation needs, each page counted once, beside its limit."""
    found = memory(tree_of(pid))
    total = sum(size for _name, size in found)
    say(f"\nMemory of the idle installation, {len(found)} processes: {total:.0f} MB (target: under {MEMORY_LIMIT} MB)")
    for name, size in sorted(found, key=lambda row: -row[1])[:12]:
        say(f"  {size:6.0f} MB  {name}")
    return total < MEMORY_LIMIT


def stop(up: subprocess.Popen | None) -> None:
    """As Ctrl-C does."""
    if up and up.poll() is None:
        up.send_signal(signal.SIGTERM)
        up.wait(90)
