"""What a rule asks of an object: a field, a relation, a value. Typed, so that an editor offers only what makes sense."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

YES_NO, NUMBER, CHOICE = "yes_no", "number", "choice"
#: {kind: {relation: words}}; the first is offered first.
RELATIONS = {
    YES_NO: {"yes": _("is true"), "no": _("is not true")},
    NUMBER: {"at_least": _("is at least"), "less": _("is less than")},
    CHOICE: {"is": _("is"), "is_not": _("is not")},
}


@dataclass(frozen=True)
class Condition:
    """A field of the objects of a ``model`` ("billing.Invoice"). ``read(object_id)``: the fact, by kind a bool, a Decimal or the
    set of values that apply. ``choices()``: [(value, label)] of a choice."""

    key: str
    label: str
    model: str
    read: Callable
    kind: str = YES_NO
    choices: Callable = tuple

    @property
    def relations(self) -> dict:
        """{relation: words}."""
        return RELATIONS[self.kind]


@dataclass(frozen=True)
class Row:
    """One condition as a rule keeps it."""

    field: str
    relation: str
    value: str = ""


def holds(condition: Condition | None, row: Row, object_id: int) -> bool:
    """Whether the object is so. What cannot be understood does not hold."""
    if condition is None or row.relation not in condition.relations:
        return False
    fact = condition.read(object_id)
    if condition.kind == YES_NO:
        return bool(fact) == (row.relation == "yes")
    if condition.kind == NUMBER:
        return _number_holds(fact, row)
    return (row.value in {str(value) for value in fact}) == (row.relation == "is")


def _number_holds(fact, row: Row) -> bool:
    try:
        limit = Decimal(row.value)
    except InvalidOperation:
        return False
    return fact >= limit if row.relation == "at_least" else fact < limit


def words(condition: Condition | None, row: Row) -> str:
    """What must be so, "Still to pay is at least 50", or with "no" what must not; a field that nobody knows any more by its key."""
    if condition is None or row.relation not in condition.relations:
        return f"{row.field} {row.relation} {row.value}".strip()
    label, value = str(condition.label), row.value
    if condition.kind == YES_NO:
        return label
    if condition.kind == CHOICE:
        value = {str(key): str(name) for key, name in condition.choices()}.get(value, value)
    return f"{label} {condition.relations[row.relation]} {value}"
