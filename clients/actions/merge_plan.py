"""What becomes of a client's rows when it is merged into another: each app names its own in `merging.py`, each column once."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import QuerySet

from clients.models import Client
from hostbill.core import clock


@dataclass(frozen=True)
class Part:
    """Rows that belong to a client by `columns`, as "billing.Invoice.client"; of several the first one finds them.

    `label`: what they are, in words; empty: nothing that people know of. `move(kept, gone)` makes them the kept client's;
    without it they stay, and `why` says why."""

    columns: tuple[str, ...]
    label: str = ""
    why: str = ""
    move: Callable[[Client, Client], None] | None = None

    def rows(self, client: Client) -> QuerySet:
        """What the client has of it."""
        model, name = _column(self.columns[0])
        owner = _owner(model, name, client)
        if owner is None:  # a client without an account has nothing of it; asked for None, the database would give what is nobody's
            return model._base_manager.none()
        return model._base_manager.filter(**{name: owner})


@dataclass(frozen=True)
class Obstacle:
    """Why two clients cannot be merged now, in words for staff."""

    code: str
    words: str


@dataclass(frozen=True)
class Share:
    """One app's part of a merge: `lock(kept, gone)` takes its locks in `core.locks.LOCK_ORDER`, `obstacles(kept, gone)` gives
    what stands in the way, `parts` are moved in their order. `facts(client, actor)`: [(label, value in words)] for the comparison,
    the same labels for each client."""

    parts: tuple[Part, ...]
    facts: Callable = lambda client, actor: []
    lock: Callable[[Client, Client], None] = lambda kept, gone: None
    obstacles: Callable[[Client, Client], list[Obstacle]] = lambda kept, gone: []


@dataclass(frozen=True)
class Compared:
    """One fact of both clients."""

    label: str
    kept: str
    gone: str

    @property
    def differs(self) -> bool:
        """Does the kept client's take the place of another?"""
        return self.kept != self.gone


@dataclass
class Outlook:
    """What a merge would do: [(label, count)] that move, [(label, count, why)] that stay, and what stands in the way."""

    moves: list = field(default_factory=list)
    stays: list = field(default_factory=list)
    obstacles: list = field(default_factory=list)


_shares: list[Share] = []


def register_share(share: Share) -> None:
    """Called once by each app, in the order of the stack."""
    _shares.append(share)


def shares() -> list[Share]:
    """All, lowest app first."""
    return list(_shares)


def parts() -> list[Part]:
    """All, in the order in which they are moved."""
    return [part for share in _shares for part in share.parts]


def comparison(kept: Client, gone: Client, actor) -> list[Compared]:
    """Both clients fact by fact, as far as the person may see them."""
    found = [(share.facts(kept, actor), share.facts(gone, actor)) for share in _shares]
    return [
        Compared(str(label), str(mine or "–"), str(theirs or "–"))
        for ours, others in found
        for (label, mine), (_label, theirs) in zip(ours, others, strict=True)
    ]


def moved(*columns: str, label: str = "") -> Part:
    """Rows that simply get the kept client."""

    def move(kept: Client, gone: Client) -> None:
        repoint(part.rows(gone), columns, kept)

    part = Part(columns, label, move=move)
    return part


def stays(*columns: str, label: str = "", why: str = "") -> Part:
    """Rows that stay where they are."""
    return Part(columns, label, why)


def repoint(rows: QuerySet, columns: tuple[str, ...], kept: Client) -> None:
    """Make the kept client the owner of these rows."""
    values = {name: _owner(model, name, kept) for model, name in map(_column, columns)}
    if any(column.name == "updated_at" for column in rows.model._meta.concrete_fields):
        values["updated_at"] = clock.now()
    rows.update(**values)


def _column(text: str) -> tuple:
    app, model, name = text.split(".")
    return apps.get_model(app, model), name


def _owner(model, name: str, client: Client):
    """The client as the column names one: itself, its number in our database, or its row of another model (an account), None where
    it has none."""
    column = model._meta.get_field(name)
    if not column.is_relation:
        return client.pk
    other = column.related_model
    return client if other is Client else other._base_manager.filter(client=client).first()
