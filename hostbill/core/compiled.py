"""Querysets whose SQL is put together once and then only given other values.

For questions that a much read page asks each time in the same words ("the open tickets of this client"): Django spends four times as
long on building such a statement as the database on answering it. Lists, filters and whatever differs with the person who asks
(`visible_to` of somebody's own departments, for instance) stay ordinary querysets: a compiled one never forgets what stood in it.
"""

from collections import defaultdict
from copy import copy
from datetime import UTC, date, datetime

from django.db import connections
from django.db.models.expressions import RawSQL

#: Values that nobody asks for, by the type of what they stand for: they mark the places in the statement.
_MARKS = {
    int: lambda place: 2_147_480_000 - place,
    str: lambda place: f"\ue000{place}\ue001",
    date: lambda place: date(1, 1, 1 + place),
    datetime: lambda place: datetime(1, 1, 1 + place, tzinfo=UTC),
}


class Compiled:
    """``Compiled(lambda client: Note.objects.filter(client=client)[:3], client=int)``; called with ``client=7`` it gives the list.

    Each name gives its type: int (also for keys), str, date or datetime. Prefetched relations work, they are asked for anew each
    time. ValueError when a value does not stand in the statement as it is (a lookup that rewrites it, a limit)."""

    def __init__(self, make, **types):
        self._make, self._types = make, types
        self._rows = None

    def __call__(self, **values) -> list:
        if self._rows is None:
            self._compile()
        asked = _Asked(self._rows.query, self._compiler, self._sql, tuple(self._value(place, values) for place in self._places))
        rows = type(self._rows)(self._rows.model, query=asked, using=self._rows.db)
        rows._iterable_class, rows._fields = self._rows._iterable_class, self._rows._fields
        rows._prefetch_related_lookups = self._rows._prefetch_related_lookups
        return list(rows)

    def first(self, **values):
        """The first row, or None; the queryset is ordered and limited already."""
        return next(iter(self(**values)), None)

    def _compile(self) -> None:
        marks = {name: _MARKS[kind](place) for place, (name, kind) in enumerate(self._types.items())}
        rows = self._make(**marks)
        compiler = rows.query.get_compiler(rows.db)
        sql, params = compiler.as_sql()
        names = {mark: name for name, mark in marks.items()}
        self._places = [(names.get(value) if type(value) in _MARKS else None, value) for value in params]
        lost = set(marks) - {name for name, _value in self._places}
        if lost:
            raise ValueError(f"not values of the statement: {', '.join(sorted(lost))}")
        self._sql, self._compiler = sql, compiler
        self._rows = rows  # last: another thread may be waiting for it

    @staticmethod
    def _value(place, values):
        name, fixed = place
        return fixed if name is None else values[name]


def keys_in(keys: str) -> RawSQL:
    """For a compiled question about many rows: ``filter(parent_id__in=keys_in(keys))`` with ``keys=str``: an `array`."""
    return RawSQL("SELECT unnest(%s::bigint[])", [keys])


def array(keys) -> str:
    """Numbers as Postgres writes an array of them."""
    return f"{{{','.join(map(str, keys))}}}"


def attach(rows: list, **asked: Compiled) -> None:
    """What `prefetch_related_objects` does, in compiled questions: ``attach(subscriptions, items=ITEMS)`` fills ``items.all()`` of
    each row by one question that takes ``keys``."""
    keys = array([row.pk for row in rows])
    for name, ask in asked.items() if rows else ():
        field = rows[0]._meta.get_field(name).field
        found = defaultdict(list)
        for related in ask(keys=keys):
            found[getattr(related, field.attname)].append(related)
        for row in rows:
            _fill(row, name, field, found[row.pk])


def attach_none(row, *names: str) -> None:
    """Many-to-many relations of the row of which it is known that they are empty."""
    if not hasattr(row, "_prefetched_objects_cache"):
        row._prefetched_objects_cache = {}
    for name in names:
        queryset = getattr(row, name).get_queryset()
        queryset._result_cache, queryset._prefetch_done = [], True
        row._prefetched_objects_cache[name] = queryset


def _fill(row, name, field, related: list) -> None:
    for one in related:
        field.set_cached_value(one, row)
    queryset = getattr(row, name).get_queryset()
    queryset._result_cache, queryset._prefetch_done = related, True
    if not hasattr(row, "_prefetched_objects_cache"):
        row._prefetched_objects_cache = {}
    row._prefetched_objects_cache[field.remote_field.cache_name] = queryset


class _Asked:
    """Stands for the query while one answer is read: its statement is there already."""

    def __init__(self, query, compiler, sql: str, params: tuple):
        self._query, self._compiler = query, compiler
        self._statement = (sql, params)

    def get_compiler(self, using=None, connection=None, elide_empty=True):
        """Django's own, with the statement in its hand, on this thread's connection."""
        compiler = copy(self._compiler)
        compiler.connection = connection or connections[using]
        compiler.as_sql = lambda *args, **options: self._statement
        return compiler

    def chain(self, *args, **options):
        """Refused: what is compiled cannot be narrowed any further."""
        raise TypeError("a compiled queryset cannot be changed")

    clone = chain

    def __getattr__(self, name):
        return getattr(self._query, name)
