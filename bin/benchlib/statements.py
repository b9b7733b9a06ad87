"""What pages ask of the database: `python -m benchlib.statements [part of a name] [--explain]`, in the environment of the
measured installation.

For each page the number of statements and the blocks of 8 KB that the database touches for them, with a warm and an empty
cache. Blocks do not depend on what else the machine does: a thousand of them, in memory, take one to two milliseconds.
Statements that touch many are shown, with ``--explain`` their plans too.
"""

import sys
from dataclasses import dataclass, field

import django

django.setup()

from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from benchlib.pages import all_pages  # noqa: E402

#: Statements that touch more blocks than this are shown.
MANY = 500


@dataclass
class Asked:
    """The statements of one drawing, with their values."""

    statements: list = field(default_factory=list)

    def __call__(self, execute, sql, params, many, context):
        self.statements.append((sql, params))
        return execute(sql, params, many, context)


def draw(page, cold: bool) -> list:
    """The statements of one drawing of the page. Raises RuntimeError unless it answers 200."""
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
    return asked.statements


def explain(sql: str, params, how: str):
    """The plan in this format; of what is not a question, nothing."""
    if not sql.lstrip("( ").upper().startswith("SELECT") or "set_config" in sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF{how}) {sql}", params)
        return cursor.fetchall()


def blocks(sql: str, params) -> int:
    """How many blocks the statement touches."""
    plan = explain(sql, params, ", FORMAT JSON")
    return sum(plan[0][0][0]["Plan"][f"Shared {kind} Blocks"] for kind in ("Hit", "Read")) if plan else 0


def show(page, with_plans: bool) -> None:
    """A line for the page, one for each dear statement."""
    draw(page, False)
    warm, cold = ([(blocks(*row), *row) for row in draw(page, empty)] for empty in (False, True))
    sums = [(len(rows), sum(touched for touched, _sql, _params in rows)) for rows in (warm, cold)]
    print(f"{page.name:52} {sums[0][0]:4} {sums[0][1]:8,} {sums[1][0]:6} {sums[1][1]:8,}", flush=True)
    known = {sql for _touched, sql, _params in warm}
    rows = [*warm, *(row for row in cold if row[1] not in known)]
    for touched, sql, params in sorted(rows, key=lambda row: -row[0]):
        if touched <= MANY:
            break
        print(f"      {touched:8,}  {sql if with_plans else sql[:240]}")
        if with_plans:
            print("\n".join(f"               {line}" for (line,) in explain(sql, params, "")))


def main(arguments: list[str]) -> None:
    """Every page whose name has the words in it."""
    words = [word for word in arguments if not word.startswith("--")]
    print(f"{'page':52} {'n':>4} {'blocks':>8} {'n cold':>6} {'blocks':>8}")
    for page in all_pages():
        if all(word in page.name for word in words):
            show(page, "--explain" in arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
