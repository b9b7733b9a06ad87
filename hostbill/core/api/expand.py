"""Other objects told whole in place of their name: ``expand=client,lines.subscription``, a few queries for each whatever the rows."""

from django.utils.translation import gettext as _

from hostbill.core.api.nouns import noun_of
from hostbill.core.api.problems import Problem
from hostbill.core.api.represent import related, represent, with_relations

MOST_PATHS, MOST_STEPS = 5, 3


def paths_of(text: str) -> list[list[str]]:
    """As they were asked, shorter ones first. Problem 400 for too many or too long ones."""
    paths = sorted({path.strip() for path in text.split(",") if path.strip()}, key=lambda path: (path.count("."), path))
    if len(paths) > MOST_PATHS or any(path.count(".") >= MOST_STEPS for path in paths):
        words = _("At most %(paths)d of at most %(steps)d steps.") % {"paths": MOST_PATHS, "steps": MOST_STEPS}
        raise Problem(400, "bad_parameter", errors={"expand": [words]})
    return [path.split(".") for path in paths]


class Expansion:
    """What of an answer is told whole. ``view``: whose rights count."""

    def __init__(self, view, facts):
        self.view, self.facts = view, facts
        self.paths = paths_of(view.http.GET.get("expand", ""))
        for path in self.paths:
            self._check(path, facts)

    def _check(self, path: list[str], facts) -> None:
        """Problem 400 for what cannot be expanded, 403 for what may not be seen."""
        fact = next((found for found in facts if found.name == path[0]), None)
        if fact is None or fact.kind not in ("related", "several", "rows") or fact.kind == "rows" and len(path) == 1:
            fitting = ", ".join(found.name for found in facts if found.kind in ("related", "several", "rows"))
            words = _("This cannot be expanded here: %(name)s. There are: %(known)s.") % {"name": path[0][:80], "known": fitting or "–"}
            raise Problem(400, "bad_parameter", errors={"expand": [words]})
        if fact.kind == "rows":
            return self._check(path[1:], fact.parts)
        noun = noun_of(fact.model, fact.audience)
        if noun is None:
            words = _("This cannot be expanded here: %(name)s. There are: %(known)s.") % {"name": path[0], "known": "–"}
            raise Problem(400, "bad_parameter", errors={"expand": [words]})
        self.view.admit(noun.single_view)
        return self._check(path[1:], noun.facts) if path[1:] else None

    def into(self, told: list[dict]) -> list[dict]:
        """The answers with these objects whole; one that this person may not see stays a name."""
        for path in self.paths:
            self._step(path, self.facts, told)
        return told

    def _step(self, path: list[str], facts, holders: list[dict]) -> None:
        name, rest = path[0], path[1:]
        fact = next(found for found in facts if found.name == name)
        if fact.kind == "rows":
            self._step(rest, fact.parts, [row for holder in holders for row in holder[name]])
            return
        noun = noun_of(fact.model, fact.audience)
        places = [(holder, name) for holder in holders if holder[name]] if fact.kind == "related" else [
            (holder[name], place) for holder in holders for place in range(len(holder[name]))
        ]  # fmt: skip
        self._fill(noun, places)
        if rest:
            whole = [holder[place] for holder, place in places if set(noun_names(noun)) <= set(holder[place])]
            self._step(rest, noun.facts, whole)

    def _fill(self, noun, places: list[tuple]) -> None:
        """One query for all of them, and those that their facts read."""
        ids = {holder[place]["id"] for holder, place in places}
        rows = with_relations(self.view.view(noun.single_view).get_queryset(), noun, noun.facts).filter(pk__in=ids) if ids else ()
        found = {row.pk: row for row in rows}
        for holder, place in places:
            row = found.get(holder[place]["id"])
            if row is not None:
                holder[place] = related(row, noun.audience) | represent(noun.facts, row)


def noun_names(noun) -> list[str]:
    """What is told of one in lists."""
    return [fact.name for fact in noun.facts]
