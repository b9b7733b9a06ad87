"""Many at once: one verb on many objects, or many new ones. Each for itself, with an answer of its own."""

import json

import structlog
from django.utils.translation import gettext as _

from hostbill.core.api import problems
from hostbill.core.api.base import answer
from hostbill.core.api.idempotency import once_with
from hostbill.core.api.problems import Problem
from hostbill.core.api.writing import ListWriteTwin, VerbTwin, Writing

MOST_ROWS = 100
log = structlog.get_logger(__name__)


class BulkTwin(Writing):
    """POST: ``{"verb", "ids", "values"}`` or ``{"create": [...]}``."""

    http_method_names = ["post"]

    def methods(self):
        """Where there is anything to do."""
        return ("post",) if self.verbs() or self.noun.create_view else ()

    def verbs(self) -> list[str]:
        """Those that act in a transaction of their own."""
        return [key for key, act in self.noun.verbs.items() if not getattr(act.view, "outside", False)]

    def screen_of_write(self):
        """That of new ones."""
        return self.noun.create_view

    def post(self, request):
        """200 with an answer for each row, in the order in which they were sent."""
        body = self.sent()
        if "create" in body:
            act, rows = self.creating(body)
        else:
            act, rows = self.doing(body)
        results = [self.one(place, row, act) for place, row in enumerate(rows)]
        failed = sum(found["status"] >= 400 for found in results)
        return answer({"results": results, "done": len(results) - failed, "failed": failed})

    def twin(self, kind, **more):
        """The address of one row, for this request."""
        twin = kind(noun=self.noun, mine=self.mine, **more)
        twin.request, twin.args, twin.kwargs = self.request, (), {}
        return twin

    def creating(self, body: dict) -> tuple:
        """(act, rows). Problem 405, 422."""
        if not self.noun.create_view:
            raise Problem(422, errors={"create": [_("These cannot be made by program.")]})
        refuse_others(body, {"create"})
        rows = rows_of(body, "create", dict)
        self.admit(self.noun.create_view)
        twin = self.twin(ListWriteTwin)
        return (lambda row: twin.create(row)), rows

    def doing(self, body: dict) -> tuple:
        """(act, ids). Problem 422."""
        refuse_others(body, {"verb", "ids", "values"})
        verb, values = body.get("verb"), body.get("values", {})
        if verb not in self.verbs():
            raise Problem(422, errors={"verb": [_("One of: %(values)s.") % {"values": ", ".join(self.verbs())}]})
        if not isinstance(values, dict):
            raise Problem(422, errors={"values": [_("Send an object.")]})
        ids = rows_of(body, "ids", int)
        self.admit(self.noun.verbs[verb].view)
        twin = self.twin(VerbTwin, key=verb)
        return (lambda pk: twin.do(pk, values)), ids

    def one(self, place: int, row, act) -> dict:
        """In a transaction of its own, and once for its part of the idempotency key."""
        key = self.http.headers.get("Idempotency-Key")
        data = {"row": place, "sent": row, "verb": self.sent().get("verb"), "values": self.sent().get("values")}
        try:
            response = once_with(self.http, f"{key}#{place}" if key is not None else None, data, lambda: act(row))
        except Exception as error:
            response = problems.handle(error, {})
            if response is None:
                log.exception("api_bulk_row_broke", place=place)
                response = problems.answer(500)
        found = json.loads(response.content)
        told = {"problem": found} if response.status_code >= 400 else {"answer": found}
        return {"place": place, "id": row if isinstance(row, int) else found.get("id"), "status": response.status_code, **told}


def refuse_others(body: dict, known: set) -> None:
    """Problem 422 for names that nobody asked for."""
    words = _("There is no such field. There are: %(known)s.") % {"known": ", ".join(sorted({"create", "verb", "ids", "values"}))}
    if others := sorted(set(body) - known):
        raise Problem(422, errors={name[:100]: [words] for name in others[:20]})


def rows_of(body: dict, name: str, kind: type) -> list:
    """The list, each of its kind, none twice where they are ids. Problem 422."""
    rows = body.get(name)
    right = isinstance(rows, list) and all(isinstance(row, kind) and not isinstance(row, bool) for row in rows)
    if not right or not 1 <= len(rows) <= MOST_ROWS:
        raise Problem(422, errors={name: [_("Send a list of 1 to %(most)d.") % {"most": MOST_ROWS}]})
    if kind is int and (len(set(rows)) < len(rows) or any(not 0 <= row < 2**63 for row in rows)):
        raise Problem(422, errors={name: [_("Each id once.")]})
    return rows
