"""What pages ask of the database: `python -m benchlib.statements [part of a name] [--explain]`, in the environment of the
measured installation, with nothing else between page and database, so that a busy machine disturbs less.

Each page is drawn a few times in this process, once with an empty cache; the quickest time of each statement counts.
"""

import sys
import time
from dataclasses import dataclass, field

import django

django.setup()

from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from benchlib.pages import all_pages  # noqa: E402

ROUNDS = 3
#: Statements slower than this are shown, in ms.
SLOW = 3


@dataclass
class Asked:
    """The statements of one drawing, and the seconds each took."""

    statements: list = field(default_factory=list)

    def __call__(self, execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements.append((sql, params, (time.perf_counter() - began) * 1000))


def draw(page, cold: bool) -> Asked:
    """One drawing of the page. Raises RuntimeError unless it answers 200."""
    if cold:
        cache.clear()
    name, _equals, value = page.cookie.partition("=")
    client = Client(HTTP_HOST="127.0.0.1")
    client.cookies[name] = value
    asked = Asked()
    with connection.execute_wrapper(asked):
        answer = client.get(page.url)
    if answer.status_code != 200:
        raise RuntimeError(f"{page.name} answers {answer.status_code}")
    return asked


def quickest(page, cold: bool) -> list:
    """[(sql, params, ms)] of the page, each as quick as it ever was."""
    runs = [draw(page, cold).statements for _round in range(ROUNDS)]
    few = min(runs, key=len)
    return [(sql, params, min([run[place][2] for run in runs if len(run) > place and run[place][0] == sql] or [ms]))
            for place, (sql, params, ms) in enumerate(few)]


def show(page, explain: bool) -> None:
    """A line for the page, one for each slow statement."""
    warm, cold = quickest(page, False), quickest(page, True)
    print(f"{page.name:52} {len(warm):4} {sum(row[2] for row in warm):8.1f} {len(cold):6} {sum(row[2] for row in cold):8.1f}", flush=True)
    known = {sql for sql, _params, _ms in warm}
    for sql, params, ms in sorted([*warm, *(row for row in cold if row[0] not in known)], key=lambda row: -row[2]):
        if ms < SLOW:
            break
        print(f"      {ms:7.1f} ms  {sql[:20000 if explain else 300]}")
        if explain:
            print("               ", params)
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
                print("\n".join(f"               {line}" for (line,) in cursor.fetchall()))


def main(arguments: list[str]) -> None:
    """Every page whose name has the word in it."""
    explain = "--explain" in arguments
    words = [word for word in arguments if not word.startswith("--")]
    print(f"{'page':52} {'n':>4} {'ms':>8} {'n cold':>6} {'ms cold':>8}")
    for page in all_pages():
        if all(word in page.name for word in words):
            show(page, explain)


if __name__ == "__main__":
    main(sys.argv[1:])
