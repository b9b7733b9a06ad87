"""All objects in memory, one lock around them, a SQLite file written behind so that a restart loses nothing."""

import json
import secrets
import sqlite3
import string
import threading
import time
from pathlib import Path

ALPHABET = string.ascii_letters + string.digits
FLUSH_SECONDS = 0.25


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


class Store:
    """Objects by kind and id, in order of making. Hold `lock` around everything that reads and then writes."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._file_lock = threading.Lock()
        self.on_reset = lambda: None  # called after reset(), with the lock held
        self.kinds: dict[str, dict[str, dict]] = {}
        self._dirty: dict[tuple[str, str], None] = {}  # a set that keeps the order
        self._database = sqlite3.connect(folder / "stripe.sqlite3", check_same_thread=False)
        self._database.execute("pragma journal_mode=wal")
        self._database.execute("pragma synchronous=off")
        self._database.execute(
            "create table if not exists object (kind text, id text, body text, primary key (kind, id))"
        )
        self._load()
        threading.Thread(target=self._write_behind, daemon=True, name="write-behind").start()

    def _load(self) -> None:
        for kind, object_id, body in self._database.execute("select kind, id, body from object order by rowid"):
            self.kinds.setdefault(kind, {})[object_id] = json.loads(body)

    def all(self, kind: str) -> dict[str, dict]:
        return self.kinds.setdefault(kind, {})

    def get(self, kind: str, object_id: str) -> dict | None:
        return self.all(kind).get(object_id)

    def save(self, kind: str, obj: dict) -> dict:
        self.all(kind)[obj["id"]] = obj
        self._dirty[kind, obj["id"]] = None
        return obj

    def remove(self, kind: str, object_id: str) -> None:
        self.all(kind).pop(object_id, None)
        self._dirty[kind, object_id] = None

    @property
    def state(self) -> dict:
        """Everything, by kind and id."""
        return self.kinds

    def touch(self) -> None:
        """What changed is known from save(); nothing to add."""

    def snapshot(self) -> dict:
        with self.lock:
            return json.loads(json.dumps(self.kinds))

    def reset(self) -> None:
        with self.lock:
            for kind, objects in self.kinds.items():
                self._dirty.update(dict.fromkeys((kind, object_id) for object_id in objects))
            self.kinds.clear()
            self.on_reset()

    def _write_behind(self) -> None:
        while True:
            time.sleep(FLUSH_SECONDS)
            self.flush()

    def flush(self) -> None:
        """Write what changed since the last time; an object's row keeps its place, so order survives a restart."""
        with self._file_lock:
            self._flush()

    def _flush(self) -> None:
        with self.lock:
            if not self._dirty:
                return
            dirty, self._dirty = self._dirty, {}
            texts = [(kind, key, json.dumps(self.all(kind)[key])) for kind, key in dirty if key in self.all(kind)]
            gone = [(kind, key) for kind, key in dirty if key not in self.all(kind)]
        self._database.executemany(
            "insert into object values (?, ?, ?) on conflict (kind, id) do update set body = excluded.body", texts
        )
        self._database.executemany("delete from object where kind = ? and id = ?", gone)
        self._database.commit()
