"""`bin/up`: from a fresh clone to a running HostBill, and back."""

import argparse
import os
import signal
import time
from pathlib import Path

from bootlib import frontend, python_env
from bootlib.children import Supervisor
from bootlib.console import Trouble, run_logged, say, step
from bootlib.data import Data, is_free
from bootlib.python_env import PYTHON, ROOT
from bootlib.servers import start_servers
from bootlib.stack import CHILD_OF, Stack, logins, processes_left

DEFAULT_PORT = 8000
STOP_SECONDS = 60
LEFTOVER_SECONDS = 15  # for a database to shut down cleanly after a kill -9 of its supervisor
HEALTHY_SECONDS = 20  # patience with worker and beat; the site works without them, so it is shown after that anyway


class Interrupted(Exception):
    """Ctrl-C or a request to stop."""


def main(arguments: list[str]) -> int:
    """Returns the exit code of `bin/up`."""
    options = parse(arguments)
    data = Data(options.data)
    options.port = options.port or kept_port(data)  # before a reset forgets it
    try:
        if options.stop:
            stop_running(data)
            if not options.reset:
                return 0
        if options.reset and not reset(data, options.yes):
            return 1
        return 0 if options.stop else run(data, options)
    except Trouble as trouble:
        say(f"\nbin/up: {trouble}")
        return 1


def parse(arguments: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="bin/up",
        description="Starts HostBill on this machine: database, broker, web, worker, clock and a sandbox of the outside world. "
        "Ctrl-C stops all of it.",
    )
    parser.add_argument(
        "--port", type=port_number, help="port of the web server on 127.0.0.1 (default: the one it had, at first 8000)"
    )
    parser.add_argument(
        "--data", type=Path, default=ROOT / "var", metavar="DIR", help="where everything is kept (default var/)"
    )
    parser.add_argument(
        "--empty", action="store_true", help="no demo: the first page asks for your company and first login"
    )
    parser.add_argument("--stop", action="store_true", help="stop the HostBill that runs on this data folder, and end")
    parser.add_argument(
        "--reset", action="store_true", help="delete the data folder first (asks); with --stop, delete only"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(arguments)


def port_number(text: str) -> int:
    """A port as argparse wants it checked."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def kept_port(data: Data) -> int:
    """The port of the last start on this data folder, so that links and bookmarks go on working, a reset included."""
    kept = data.read_json("ports.json").get("web")
    return kept if isinstance(kept, int) else DEFAULT_PORT


def stop_running(data: Data) -> None:
    """Stops the process that owns the data folder and waits until it is gone."""
    owner = data.owner()
    if owner is None:
        say("HostBill is not running.")
        return
    try:
        os.kill(owner, signal.SIGTERM)
    except PermissionError:
        raise Trouble(f"HostBill runs as another user (process {owner}). Stop it as that user or as root.") from None
    deadline = time.monotonic() + STOP_SECONDS
    while data.owner() is not None:
        if time.monotonic() > deadline:
            raise Trouble(f"Process {owner} has not stopped in {STOP_SECONDS} s.")
        time.sleep(0.1)
    say("HostBill is stopped.")


def reset(data: Data, yes: bool) -> bool:
    """Deletes the data folder; False when the person does not want that after all."""
    if data.owner() is not None:
        raise Trouble("HostBill is running. Stop it first: bin/up --stop")
    if not data.root.exists():
        return True
    if not yes and not confirmed(f"Delete everything in {data.root} (database, mails, uploads, logins)? [y/N] "):
        say("Nothing was deleted.")
        return False
    data.erase()
    say(f"{data.root} is deleted.")
    if os.environ.get("DATABASE_URL"):
        say("The database of DATABASE_URL was left alone.")
    return True


def confirmed(question: str) -> bool:
    """Asks; no answer is a no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        say()
        return False


def run(data: Data, options: argparse.Namespace) -> int:
    """Starts everything and looks after it until it is told to stop."""
    data.create()
    if not data.lock():
        return already_running(data)
    supervisor = Supervisor(data.logs, {CHILD_OF: str(data.root)})
    listen_to_signals()
    try:
        start(data, options, supervisor)
        supervisor.watch()
    except Interrupted:
        say("\nStopping ...")
    finally:
        ignore_signals()
        supervisor.stop()
        data.up_json.unlink(missing_ok=True)
        data.unlock()
    say("Stopped.")
    return 0


def already_running(data: Data) -> int:
    """A second start is no error."""
    url = data.read_json("up.json").get("url")
    say(f"HostBill is already running at {url}" if url else "HostBill is already starting on this data folder.")
    return 0


def start(data: Data, options: argparse.Namespace, supervisor: Supervisor) -> None:
    """Every step from nothing to a running HostBill. Raises Trouble."""
    began = time.monotonic()
    say("HostBill")
    clear_leftovers(data)
    if options.port < 1024 and os.geteuid() != 0:
        raise Trouble("Ports below 1024 are for root. Choose another: bin/up --port 8000")
    if not is_free(options.port):
        raise Trouble(
            f"Port {options.port} is taken by another program. Choose another: bin/up --port {options.port + 1}"
        )
    log = data.logs / "setup.log"
    python_env.ensure(python_env.RUNTIME, log)
    frontend.ensure(log)
    database_url, redis_url = start_servers(data, supervisor)
    data.write_json("ports.json", {**data.read_json("ports.json"), "web": options.port})
    stack = Stack(data, options.port, database_url, redis_url)
    keep_environment(stack)
    prepare(stack, log)
    start_sandbox(stack, supervisor)
    load_demo(stack, options.empty, log)
    with step("Starting web, worker and beat"):
        supervisor.start(stack.worker(), stack.beat(), stack.web())
        wait_until(stack.is_healthy, HEALTHY_SECONDS)
    supervisor.changed = lambda: write_up_json(stack, supervisor)
    supervisor.changed()
    greet(stack, time.monotonic() - began)


def wait_until(condition, seconds: float) -> None:
    """Returns when the condition is true or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)


def keep_environment(stack: Stack) -> None:
    """Writes the settings of this start for `manage.py` (mode 0600)."""
    ours = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
    kept = {name: value for name, value in stack.environment.items() if name in ours or name.startswith("HOSTBILL_")}
    stack.data.write_json("environment.json", kept)


def clear_leftovers(data: Data) -> None:
    """Waits for children of a killed start to end, then ends them."""
    data.up_json.unlink(missing_ok=True)
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while left := processes_left(data):
        if time.monotonic() > deadline:
            for pid in left:
                kill_if_there(pid)
        time.sleep(0.1)


def kill_if_there(pid: int) -> None:
    """kill -9; it may have ended by itself in this moment."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def prepare(stack: Stack, log: Path) -> None:
    """Brings database and static files up to date."""
    with step("Preparing database and static files"):
        manage(stack, ["migrate --noinput --verbosity 0", "translations", "collectstatic --noinput --verbosity 0"], log)


def start_sandbox(stack: Stack, supervisor: Supervisor) -> None:
    """Starts the stand-ins for the outside world."""
    specs = stack.sandbox_specs()
    if specs:
        with step("Starting the sandbox (" + ", ".join(spec.name.removeprefix("sandbox-") for spec in specs) + ")"):
            supervisor.start(*specs)


def load_demo(stack: Stack, empty: bool, log: Path) -> None:
    """Fills a new data folder with the demo, once. A half loaded demo is loaded again by the command itself."""
    mark = stack.data.root / "first-start"
    if mark.exists() or not stack.with_sandbox:
        return
    if not empty and has_command("demo"):
        with step("Loading the demo"):
            manage(stack, ["demo"], log)
    mark.write_text("empty\n" if empty else "demo\n")


def has_command(name: str) -> bool:
    """Whether an app brings this management command."""
    places = ("*/management/commands", "hostbill/*/management/commands")
    return any(path for place in places for path in ROOT.glob(f"{place}/{name}.py"))


def manage(stack: Stack, commands: list[str], log: Path) -> None:
    """Runs management commands in one process."""
    script = Path(__file__).with_name("prepare.py")
    failed = f"`manage.py {commands[0].split()[0]}` failed"
    run_logged([PYTHON, script, *commands], log, failed=failed, cwd=ROOT, env=stack.environment)


def write_up_json(stack: Stack, supervisor: Supervisor) -> None:
    """Tells programs where everything is (mode 0600)."""
    known = logins(stack.data)
    stack.data.write_json(
        "up.json",
        {
            "url": stack.url,
            **known,
            "staff": known.get("staff"),
            "clients": known.get("clients", []),
            "api": known.get("api"),
            "token": known.get("token"),
            "sandbox": stack.sandbox,
            "processes": {"up": os.getpid(), **supervisor.pids()},
        },
    )


def greet(stack: Stack, seconds: float) -> None:
    """Tells people where to go."""
    known = logins(stack.data)
    say(f"\nHostBill is running after {seconds:.0f} s.\n")
    say(f"  Shop and client area  {stack.url}/")
    say(f"  Staff                 {stack.url}/staff/")
    staff = known.get("staff") or []
    for login in [staff] if isinstance(staff, dict) else staff:
        say(f"    staff   {login['email']}  {login['password']}")
    for login in known.get("clients", []):
        say(f"    client  {login['email']}  {login['password']}")
    if not known:
        say(f"  Set it up             {stack.url}/setup/")
    if stack.sandbox:
        say(f"  Mails it sent         {stack.sandbox['mail']['url']}/")
    say(f"\n  Data, logs, up.json   {stack.data.root}")
    say("  Ctrl-C stops everything.\n")


def listen_to_signals() -> None:
    """Ctrl-C, kill and a closed terminal end the run in an orderly way."""

    def interrupt(*_):
        raise Interrupted

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, interrupt)


def ignore_signals() -> None:
    """A second Ctrl-C must not leave half of the children running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
