"""What automation is about to touch, told so that a colleague can judge it: whose it is, how it stands, how much, since when."""

from dataclasses import dataclass
from datetime import date

from hostbill.core.labels import kind_of
from hostbill.core.money import Money


@dataclass(frozen=True)
class Target:
    """One object with the day that an act counts from. An object that is gone has a name and nothing else."""

    name: str
    on: date
    url: str = ""
    client: object = None
    amount: Money | None = None
    state_words: tuple = ()


def targets_of(model, pairs) -> list[Target]:
    """`pairs` of (key, day) as targets, in their order; one query however many."""
    rows = {}
    if model:
        relations = [field.name for field in model._meta.concrete_fields if field.name == "client"]
        rows = model.objects.select_related(*relations).in_bulk([key for key, _on in pairs]) if pairs else {}
    label = kind_of(model._meta.label_lower) if model else ""
    return [_target(rows[key], on) if key in rows else Target(f"{label} {key}".strip(), on) for key, on in pairs]


def _target(row, on) -> Target:
    """An invoice says what is open of it, a subscription its price."""
    amount = getattr(row, "open", None) or getattr(row, "price", None)
    return Target(
        str(row),
        on,
        row.get_absolute_url() if hasattr(row, "get_absolute_url") else "",
        getattr(row, "client", None),
        amount if isinstance(amount, Money) else None,
        getattr(row, "state_words", ()),
    )
