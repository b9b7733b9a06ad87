"""Many new rows at once, by COPY: for runs that write a hundred thousand documents, where Django's INSERT costs more than the work.

Like `bulk_create` it calls no `save()`; the database checks its constraints and triggers as for any row."""

import io
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

from hostbill.core.secrets import EncryptedJSONField, EncryptedTextField

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"


def reserve(model, count: int) -> list[int]:
    """Keys of rows to be written, so that rows of other tables can name them first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]


_RESERVE = """
SELECT place, nextval(sequence)
FROM unnest(%s::text[], %s::int[]) WITH ORDINALITY AS wanted (sequence, count, place), generate_series(1, count)
"""


def reserve_all(counts: dict) -> dict:
    """The same for several tables in one statement: {model: how many} -> {model: keys}."""
    sequences = [f"{model._meta.db_table}_{model._meta.pk.column}_seq" for model in counts]
    keys = {model: [] for model in counts}
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [sequences, list(counts.values())])
        for place, key in cursor.fetchall():
            keys[list(counts)[place - 1]].append(key)
    return keys


#: Up to so many rows go in one message; more of them by COPY, table by table.
FEW = 60


def insert_all(tables: list[tuple]) -> None:
    """Write rows that have their keys, [(model, rows)], in this order; a few of them without waiting between the tables."""
    tables = [(model, rows) for model, rows in tables if rows]
    if sum(len(rows) for _model, rows in tables) > FEW:
        for model, rows in tables:
            insert(model, rows)
        return
    statements, values = [], []
    for model, rows in tables:
        begin, places = _insert_of(model)
        statements.append(f"{begin} {', '.join([places] * len(rows))}")
        values += [field.get_db_prep_save(row.__dict__[field.attname], connection) for row in rows for field in model._meta.concrete_fields]
    if statements:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(statements), values)


@lru_cache
def _insert_of(model) -> tuple[str, str]:
    """The statement up to its rows, and the places of one row."""
    quoted, fields = connection.ops.quote_name, model._meta.concrete_fields
    columns = ", ".join(quoted(field.column) for field in fields)
    return f"INSERT INTO {quoted(model._meta.db_table)} ({columns}) VALUES", f"({', '.join(['%s'] * len(fields))})"


def insert(model, rows: Sequence) -> None:
    """Write rows that have their keys (`reserve`), all columns of each."""
    if not rows:
        return
    fields = [(field.attname, _text_of(field)) for field in model._meta.concrete_fields]
    lines = io.StringIO()
    for row in rows:
        values = row.__dict__
        lines.write("\t".join([NULL if values[name] is None else text(values[name]) for name, text in fields]) + "\n")
    lines.seek(0)
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(field.column) for field in model._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {quoted(model._meta.db_table)} ({columns}) FROM STDIN", lines)


def new(model, **values):
    """A row with its columns as given and the defaults of the others; a fifth of the time of the constructor."""
    row = model.__new__(model)
    row._state = models.base.ModelState()
    row.__dict__.update(_defaults(model))
    row.__dict__.update(values)
    return row


_plain: dict = {}


def _defaults(model) -> dict:
    """Of columns whose default is a plain value; made anew for those that are called."""
    known = _plain.get(model)
    if known is None:
        known = _plain[model] = _sorted_defaults(model)
    fixed, called = known
    return fixed | {name: make() for name, make in called}


def _sorted_defaults(model) -> tuple[dict, list]:
    fixed, called = {}, []
    for field in model._meta.concrete_fields:
        if field.has_default() and callable(field.default):
            called.append((field.attname, field.default))
        else:
            value = field.get_default()
            fixed[field.attname] = None if isinstance(value, DatabaseDefault) else value
    return fixed, called


def _text_of(field):
    """How a value that is not None is written for COPY."""
    if isinstance(field, models.JSONField) and not isinstance(field, EncryptedJSONField):
        return lambda value: json.dumps(value, cls=field.encoder).translate(_ESCAPED)
    if isinstance(field, EncryptedTextField | EncryptedJSONField):
        return lambda value: str(field.get_db_prep_save(value, connection)).translate(_ESCAPED)
    return _text


def _text(value) -> str:
    kind = type(value)
    if kind is int or kind is Decimal:
        return str(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is datetime or kind is date:
        return value.isoformat()
    return str(value).translate(_ESCAPED)
