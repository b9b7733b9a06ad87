"""Objects as JSON, and the mark by which a program tells whether one was changed since."""

import hashlib
import json

from django.utils.translation import gettext as _

from hostbill.core.api.fields import KINDS, Fact
from hostbill.core.api.nouns import Noun, address_of
from hostbill.core.api.problems import Problem


def related(row, audience: str = "staff") -> dict:
    """Another object: enough to name it and to go there."""
    return {"id": row.pk, "name": str(row), "url": address_of(row, audience)}


def written(fact: Fact, row):
    """One fact as JSON."""
    value = fact.value(row)
    if value is None:
        return None
    if fact.kind == "rows":
        rows = value.all() if hasattr(value, "all") else value
        return [{part.name: written(part, one) for part in fact.parts} for one in rows]
    if fact.kind == "several":
        return [related(one, fact.audience) for one in value.all()]
    return related(value, fact.audience) if fact.kind == "related" else KINDS[fact.kind].write(value)


def represent(facts, row) -> dict:
    """The object."""
    return {fact.name: written(fact, row) for fact in facts}


def with_relations(rows, noun: Noun, facts):
    """The queryset with all that the facts read, so that fifty rows cost as many queries as one."""
    own = [fact for fact in facts if fact.get is None]
    paths = [fact.name for fact in own if fact.kind == "related"]
    sets = [fact.name for fact in own if fact.kind in ("several", "rows")]
    rows = rows.select_related(*dict.fromkeys([*paths, *noun.select])) if paths or noun.select else rows
    return rows.prefetch_related(*dict.fromkeys([*sets, *noun.prefetch])) if sets or noun.prefetch else rows


def chosen(facts, text: str) -> tuple:
    """Those named in ``fields=``, with the id. Raises Problem 400 for one that is not there."""
    if not text:
        return tuple(facts)
    known, names = {fact.name: fact for fact in facts}, [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown:
        words = _("There is no %(names)s. There are: %(known)s.")
        detail = words % {"names": ", ".join(unknown)[:200], "known": ", ".join(known)}
        raise Problem(400, "unknown_field", detail, errors={"fields": [detail]})
    return tuple(known[name] for name in dict.fromkeys(["id", *names]))


def etag(noun: Noun, row) -> str:
    """The object's mark: the same as long as its facts are. Words and names, which differ by language, do not count."""
    facts = [fact for fact in noun.every_fact if not fact.name.endswith("_words")]
    return f'"{_digest(_nameless(represent(facts, row)))}"'


def _nameless(value):
    if isinstance(value, dict):
        return {key: _nameless(entry) for key, entry in value.items() if key != "name" or "url" not in value}
    return [_nameless(entry) for entry in value] if isinstance(value, list) else value


def _digest(value) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def matches(header: str, mark: str) -> bool:
    """Whether the mark is among those of an If-Match or If-None-Match header."""
    marks = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in marks or mark in marks
