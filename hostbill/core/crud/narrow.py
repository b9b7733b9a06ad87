"""Reading of joined rows only what a list shows: a client named in fifty lines needs five of its forty columns."""

from functools import lru_cache

from hostbill.core.compiled import Compiled, keys_in


def narrowed(rows, joined: list[str], shown: list[list[str]]):
    """The rows with all their own columns, and of those joined what names them (``BRIEF`` of their model) and what a shown
    column asks for by its path. Whatever else is asked of them costs a query per row, which a test forbids."""
    names = {field.name for field in rows.model._meta.concrete_fields}
    for path in joined:
        steps = path.split("__")
        for depth in range(1, len(steps) + 1):
            prefix = "__".join(steps[:depth])
            names |= {f"{prefix}__{name}" for name in brief(_model_at(rows.model, steps[:depth]))}
    names |= {_column_at(rows.model, steps) for steps in shown if len(steps) > 1}
    return rows.only(*names - {""})


def drawing(model, joined: list[str], shown: list[list[str]]) -> Compiled:
    """The question for such rows by their ``keys``, compiled once for each choice of columns."""
    return _drawing(model, tuple(joined), tuple(map(tuple, shown)))


@lru_cache(maxsize=1000)
def _drawing(model, joined: tuple, shown: tuple) -> Compiled:
    def rows(keys):
        found = model.objects.filter(pk__in=keys_in(keys)).order_by().select_related(*joined)
        return narrowed(found, joined, shown) if joined else found.select_related(None)

    return Compiled(rows, keys=str)


@lru_cache
def brief(model) -> list[str]:
    """The columns by which other nouns' lists show a row: its keys and ``BRIEF``; all where a model has none."""
    fields = model._meta.concrete_fields
    listed = getattr(model, "BRIEF", None)
    return [field.name for field in fields if listed is None or field.name in listed or field.primary_key or field.is_relation]


def _model_at(model, steps: list[str]):
    """The model at the end of a path of relations."""
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model


def _column_at(model, steps: list[str]) -> str:
    """The database column of a joined row that an attribute path leads to; nothing when it leads elsewhere."""
    for depth, step in enumerate(steps, 1):
        field = next((field for field in model._meta.concrete_fields if field.name == step), None)
        if field is None or not field.is_relation:
            return "__".join(steps[:depth]) if field is not None and depth > 1 else ""
        model = field.related_model
    return ""
