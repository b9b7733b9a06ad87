"""Filters over keys that people know by words: acts, calls, handlers, kinds of objects."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from hostbill.core import labels
from hostbill.core.crud.filters import Filter


@dataclass(frozen=True)
class Named(Filter):
    """One of the keys that ``names()`` gives as (key, label), chosen by its words. Any other text is part of a known key
    or of its words, so that addresses written by hand and saved views go on working."""

    names: Callable = list
    kind: str = field(default="named", init=False)

    def asked(self, params) -> str:
        """What the URL says."""
        return params.get(self.key, "").strip().replace("\x00", "")[:120]

    def condition(self, params):
        asked = self.asked(params)
        if not asked:
            return None
        if asked in dict(self.names()):
            return Q(**{self.key: asked})
        return with_words(self.key, self.names(), asked)

    def sentence(self, params):
        asked = self.asked(params)
        label = dict(self.names()).get(asked)
        return (_("is"), str(label)) if label else (_("contains"), asked)

    def options(self, params):
        """(key, label, chosen) for the form, by their words; with what was written by hand."""
        asked = self.asked(params)
        rows = sorted(((key, str(label)) for key, label in self.names()), key=lambda row: row[1].casefold())
        if asked and asked not in dict(rows):
            rows.insert(0, (asked, asked))
        return [(key, label, key == asked) for key, label in rows]


def with_words(column: str, names, text: str) -> Q:
    """Rows whose key, or what it is called, contains the text. Only a key that nobody named must be given whole: there are
    few names and many rows."""
    wanted = text.casefold()
    called = [key for key, label in names if wanted in key.casefold() or wanted in str(label).casefold()]
    return Q(**{f"{column}__in": [*called, text] if "." in text else called})


def family(name: str) -> Callable:
    """The names of a family of keys (``labels.ACT``), for `Named`."""
    return lambda: labels.choices(name)
