"""State changes over a model's TRANSITIONS map. The caller (an action) holds the row's lock."""

from hostbill.core import clock
from hostbill.core.errors import IllegalTransition


def can(row, target: str) -> bool:
    """Whether the row may go there from where it is."""
    return target in row.TRANSITIONS.get(row.state, ())


def transition(row, target: str, **fields):
    """Move ``row.state`` and set ``<target>_at`` where the model has it; saves. Raises IllegalTransition."""
    if not can(row, target):
        raise IllegalTransition(row, target)
    row.state = target
    stamp = f"{target}_at"
    if stamp not in fields and any(field.name == stamp for field in row._meta.concrete_fields):
        fields[stamp] = clock.now()
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *fields])
    return row
