"""Rows by their key, with the statement put together once per model instead of every time.

An order passes some forty such look-ups between its payment and its account, and Django spends five times as long on building
the statement as on running it. Only for these; lists and filters are ordinary querysets.
"""

from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connection


@dataclass(frozen=True)
class _Statement:
    sql: str
    columns: list
    converters: dict


_statements: dict[tuple, _Statement] = {}


def fetch(model, key, *related: str, by: str = "pk", lock: str = ""):
    """The row whose unique field ``by`` is ``key``, and the rows its foreign keys ``related`` point to.

    ``lock``: "wait" (FOR UPDATE) or "skip" (None when somebody else holds it). Raises model.DoesNotExist."""
    row = _one(model, by, key, lock)
    if row is None and lock != "skip":
        raise model.DoesNotExist(f"{model._meta.label} {by} {key}")
    for name in related:
        relate(row, name)
    return row


def relate(row, name: str):
    """Read what a foreign key of the row points to, unless it is there already; returns it."""
    field = row._meta.get_field(name)
    if not field.is_cached(row):
        key = getattr(row, field.attname)
        setattr(row, name, None if key is None else fetch(field.related_model, key))
    return getattr(row, name)


def _one(model, by, key, lock):
    statement = _statements.get((model, by, lock)) or _prepare(model, by, lock)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, [key])
        values = cursor.fetchone()
    if values is None:
        return None
    values = list(values)
    for position, (converters, column) in statement.converters.items():
        for convert in converters:
            values[position] = convert(values[position], column, connection)
    return model.from_db(DEFAULT_DB_ALIAS, statement.columns, values)


def _prepare(model, by, lock) -> _Statement:
    rows = model._base_manager.order_by()
    if lock:
        rows = rows.select_for_update(of=("self",), skip_locked=lock == "skip")
    # Any value will do: it is not a part of the statement.
    compiler = rows.filter(**{by: 0 if model._meta.pk.get_internal_type().endswith("AutoField") else "x"}).query.get_compiler(
        connection=connection
    )
    sql, _values = compiler.as_sql()
    columns = [column for column, _sql, _alias in compiler.select]
    statement = _Statement(sql, [column.target.attname for column in columns], compiler.get_converters(columns))
    _statements[model, by, lock] = statement
    return statement
