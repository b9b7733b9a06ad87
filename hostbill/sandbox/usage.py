"""Plausible, repeatable usage of a sandbox account: it depends on the name and the age of the account only."""

import zlib
from datetime import UTC, datetime

MIB = 1024 * 1024
DAY = 86400


def _pick(name: str, salt: str, low: int, high: int) -> int:
    return low + zlib.crc32(f"{salt}:{name}".encode()) % (high - low + 1)


def disk_bytes(name: str, created: int, now: int, limit: int | None) -> int:
    """Bytes on disk: a fresh site of 20 to 90 MiB growing 1 to 14 MiB a day, never above 97 % of the limit (bytes)."""
    days = max(0, now - created) / DAY
    used = int((_pick(name, "base", 20, 90) + days * _pick(name, "growth", 1, 14)) * MIB)
    return used if not limit else min(used, limit * 97 // 100)


def traffic_bytes(name: str, created: int, now: int) -> int:
    """Bytes served in the current calendar month: 30 to 400 MiB a day since the later of creation and month start."""
    today = datetime.fromtimestamp(now, UTC)
    month_start = int(today.replace(day=1, hour=0, minute=0, second=0).timestamp())
    days = max(0, now - max(created, month_start)) / DAY
    return int(days * _pick(name, "traffic", 30, 400) * MIB)


def file_count(name: str, created: int, now: int) -> int:
    """Number of files."""
    return _pick(name, "files", 180, 900) + max(0, now - created) // DAY * 12
