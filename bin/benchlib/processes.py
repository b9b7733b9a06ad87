"""Memory and processor time of a tree of processes. Shared pages are counted once where the system tells (Linux: PSS), else in full."""

import os
import re
import subprocess
from pathlib import Path

PSS = re.compile(r"^Pss:\s+(\d+) kB", re.M)


def tree_of(pid: int) -> list[int]:
    """The process and all its descendants."""
    rows = [line.split() for line in _ps("pid=,ppid=")]
    found, fresh = [pid], [pid]
    while fresh:
        fresh = [int(child) for child, parent in rows if int(parent) in fresh]
        found += fresh
    return found


def memory(pids: list[int]) -> list[tuple[str, float]]:
    """(what it is, MB) of each process that still lives."""
    rows = [line.split(None, 2) for line in _ps("pid=,rss=,args=")]
    return [(_short(args), _megabytes(int(pid), int(rss))) for pid, rss, args in rows if int(pid) in pids]


def _megabytes(pid: int, rss: int) -> float:
    try:
        return int(PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())[1]) / 1024
    except (OSError, TypeError):
        return rss / 1024


def _short(args: str) -> str:
    """The program and its first words, without paths."""
    return " ".join(part.rsplit("/", 1)[-1] for part in args.split()[:7])[:70]


def _ps(columns: str) -> list[str]:
    return subprocess.run(["ps", "-e", "-o", columns], capture_output=True, text=True, check=True).stdout.splitlines()


def cpu_seconds(up: int, names: dict[str, int]) -> dict[str, float]:
    """Processor time so far by name of part, each with its children; empty where the system does not tell (no Linux)."""
    try:
        return {name: sum(_cpu(pid) for pid in tree_of(parent)) for name, parent in names.items() if parent != up}
    except OSError:
        return {}


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        if not Path("/proc/self/stat").exists():
            raise
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
