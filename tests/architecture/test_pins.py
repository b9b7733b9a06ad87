"""What is installed tomorrow is what is installed today: everything is pinned, and the pins come from the *.in files."""

import json
import re

from tests.architecture.source import ROOT

PIN = re.compile(r"^[A-Za-z0-9._\[\],-]+==[^\s;]+( ; .+)?$")
NAME = re.compile(r"^[A-Za-z0-9._-]+")
SETS = ("requirements", "requirements-embedded", "requirements-dev")


def lines(name: str) -> list[str]:
    """The requirements of a file, comments left out."""
    return [line.strip() for line in (ROOT / name).read_text().splitlines() if line.strip() and not line.startswith("#")]


def normal(requirement: str) -> str:
    """Name of a requirement as registries compare it."""
    return re.sub(r"[-_.]+", "-", NAME.match(requirement)[0]).lower()


def test_every_requirement_is_pinned():
    loose = [line for name in SETS for line in lines(f"{name}.txt") if not PIN.match(line)]
    assert not loose


def test_what_is_asked_for_is_pinned_as_asked():
    for name in SETS:
        pinned = {normal(line): line.split(" ;")[0].split("==")[1] for line in lines(f"{name}.txt")}
        for line in lines(f"{name}.in"):
            version = line.split("==")[1]
            assert pinned.get(normal(line)) == version, f"{line}: run bin/lock"


def test_front_end_packages_are_pinned_without_addresses():
    package = json.loads((ROOT / "package.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert not [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all(locked[f"node_modules/{name}"]["version"] == version for name, version in wanted.items())
    assert not [name for name, entry in locked.items() if "resolved" in entry]
