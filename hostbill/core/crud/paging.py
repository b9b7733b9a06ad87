"""Keyset paging: the next page begins after the last row seen, so page 10,000 costs as much as page 1 and rows that come or
go meanwhile are neither doubled nor lost. Ties of the sort column are broken by the primary key.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist, FieldError, ValidationError
from django.db import connection, models
from django.db.models import F, Q, QuerySet


@dataclass
class Page:
    """Rows of one page and where to go from here. ``total`` is exact up to ``COUNT_LIMIT``; ``more`` says it is beyond."""

    rows: list
    previous_url: str = ""
    next_url: str = ""
    total: int | None = None
    more: bool = False
    shown: int = field(init=False)
    previous_label: str = ""
    next_label: str = ""

    def __post_init__(self):
        self.shown = len(self.rows)


@dataclass(frozen=True)
class Order:
    """A sort: ORM path and direction."""

    path: str
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> "Order":
        """From ``due_on`` or ``-due_on``."""
        return cls(text.lstrip("-"), text.startswith("-"))

    def __str__(self):
        return f"-{self.path}" if self.descending else self.path


COUNT_LIMIT = 1000


def encode_cursor(value, pk) -> str:
    """Opaque, safe in a URL."""
    if isinstance(value, date | datetime):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    text = json.dumps([value, pk], separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> tuple | None:
    """(value, pk), or None for anything we did not make."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, TypeError):
        return None
    plain = value is None or isinstance(value, str | int | float | bool)
    return (value, pk) if plain and isinstance(pk, int) else None


def nullable(model, path: str) -> bool:
    """Whether the sort column can be empty; unknown ones (annotations) count as such."""
    empty = False
    try:
        for step in path.split("__"):
            column = model._meta.get_field(step) if step != "pk" else model._meta.pk
            empty = empty or column.null
            model = column.related_model or model
    except FieldDoesNotExist:
        return True
    return empty


def gaps(rows: QuerySet, path: str) -> bool:
    """Whether some of the rows may have no sort value: the column can be empty, and no condition on it leaves the empty ones out."""
    if not nullable(rows.model, path):
        return False
    where = rows.query.where
    asked = where.children if where.connector == "AND" and not where.negated else []
    return not any(_compares(item, path) for item in asked)


def _compares(item, path: str) -> bool:
    """Whether the condition holds for no row without a value in the column of the row's own table."""
    target = getattr(getattr(item, "lhs", None), "target", None)
    return target is not None and target.name == path and item.lookup_name in ("exact", "gt", "gte", "lt", "lte", "range")


def value_of(obj, path: str):
    """The sort value of a row."""
    for step in path.split("__"):
        obj = getattr(obj, step, None)
        if obj is None:
            return None
    return obj.pk if isinstance(obj, models.Model) else obj


def ordered(rows: QuerySet, order: Order, backwards: bool = False) -> QuerySet:
    """Sorted with empty values last; reversed whole for the way back."""
    descending = order.descending != backwards
    path = "pk" if order.path == "pk" else order.path
    if path == "pk":
        return rows.order_by("-pk" if descending else "pk")
    if not gaps(rows, path):
        return rows.order_by(f"-{path}" if descending else path, "-pk" if descending else "pk")
    column = F(path)
    nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
    return rows.order_by(column.desc(**nulls) if descending else column.asc(**nulls), "-pk" if descending else "pk")


def take(rows: QuerySet, order: Order, params, size: int, draw: Callable | None = None) -> Page:
    """One page by the URL's ``after`` or ``before``; an unknown cursor shows the first page. ``draw``: see `find`."""
    backwards = "before" in params and "after" not in params
    cursor = decode_cursor(params.get("before" if backwards else "after", ""))
    backwards = backwards and cursor is not None
    draw = draw or partial(read, rows)
    try:
        found = find(rows, draw, order, cursor, backwards, size + 1)
    except (ValidationError, FieldError, ValueError, TypeError):
        cursor, backwards = None, False
        found = find(rows, draw, order, None, False, size + 1)
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    page = Page(found)
    if found and (more or backwards):
        page.next_url = _url(params, "after", found[-1], order)
    if found and (more if backwards else cursor is not None):
        page.previous_url = _url(params, "before", found[0], order)
    return page


def find(rows: QuerySet, draw: Callable, order: Order, cursor, backwards: bool, most: int) -> list:
    """Keys first, rows then: what is sorted is narrow, and only the page itself is joined with what it shows. ``draw(keys)``
    reads the rows of these keys, in any order, and need not ask again who may see them: `read`, or a compiled question."""
    keys: list = []
    for part in _parts(rows, order, cursor, backwards):
        if len(keys) < most:
            keys += part.values_list("pk", flat=True)[: most - len(keys)]
    found = {row.pk: row for row in draw(keys)} if keys else {}
    return [found[key] for key in dict.fromkeys(keys) if key in found]


def read(whole: QuerySet, keys: list) -> QuerySet:
    """``draw`` of `find`: the rows with these keys."""
    return whole.filter(pk__in=keys).order_by()


def _parts(rows, order: Order, cursor, backwards: bool) -> list[QuerySet]:
    """The keys from the cursor on. Rows without a value come last and are a part of their own, so that an index in plain
    order serves each part."""
    sign, direction = ("-", "lt") if order.descending != backwards else ("", "gt")
    value, pk = cursor or (None, None)
    later = Q() if cursor is None else Q(**{f"pk__{direction}": pk})
    path = order.path
    if path == "pk":
        return [rows.filter(later).order_by(f"{sign}pk")]
    after = Q() if value is None else Q(**{f"{path}__{direction}e": value}) & (Q(**{f"{path}__{direction}": value}) | later)
    if not gaps(rows, path):
        return [rows.filter(after).order_by(f"{sign}{path}", f"{sign}pk")]
    full = rows.filter(after, **{f"{path}__isnull": False}).order_by(f"{sign}{path}", f"{sign}pk")
    empty = rows.filter(**{f"{path}__isnull": True}).order_by(f"{sign}pk")
    if cursor is None:
        return [full, empty]
    if value is None:  # among those without
        return [empty.filter(later), full] if backwards else [empty.filter(later)]
    return [full] if backwards else [full, empty]


def _url(params, name: str, row, order: Order) -> str:
    target = params.copy()
    for key in ("after", "before", "preview"):
        target.pop(key, None)
    target[name] = encode_cursor(value_of(row, order.path), row.pk)
    return f"?{target.urlencode()}"


def counts(querysets: list[QuerySet], limit: int = COUNT_LIMIT) -> list[tuple[int, bool]]:
    """For each (number, whether there are more), all in one query: never counts further than the limit."""
    parts, values = [], []
    for rows in querysets:
        try:
            sql, params = rows.order_by().values("pk")[: limit + 1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 (compiled by Django, values apart)
        values += params
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return [(min(number, limit), number > limit) for number in cursor.fetchone()]


def count(rows: QuerySet, limit: int = COUNT_LIMIT) -> tuple[int, bool]:
    """The same for one."""
    return counts([rows], limit)[0]
