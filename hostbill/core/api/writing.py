"""Making, changing and doing: the console's forms and actions, by the declarations of its screens."""

from zlib import crc32

from django.db import connection
from django.db.models import Model
from django.forms import FileField
from django.http import Http404
from django.utils.translation import gettext as _

from hostbill.core.api.base import MOST_BYTES, MOST_WITH_FILES, answer
from hostbill.core.api.idempotency import once
from hostbill.core.api.inputs import bound
from hostbill.core.api.nouns import Act, address_of
from hostbill.core.api.problems import Problem
from hostbill.core.api.reading import DetailTwin, ListTwin, NounView
from hostbill.core.api.represent import etag, matches, related, represent

#: What must be sent where a screen asks to type a word.
CONFIRM = "confirm"


class Writing(NounView):
    """What all that changes something shares."""

    @property
    def most_bytes(self):
        """More where its form takes files."""
        screen = self.screen_of_write() if self.noun else None
        fields = getattr(getattr(screen, "form_class", None), "base_fields", {})
        return MOST_WITH_FILES if any(isinstance(field, FileField) for field in fields.values()) else MOST_BYTES

    def screen_of_write(self):
        """The screen whose form the body is for."""
        raise NotImplementedError

    def once(self, act):
        """In one transaction, and once for each idempotency key."""
        return once(self.http, self.sent(), act)

    def through(self, view, body: dict, **how):
        """The screen's form, then its action; what that returns. Raises Problem 422, AppError."""
        form = bound(view.make_form, body, **how)
        if not form.is_valid():
            raise invalid(form)
        return view.act(dict(form.cleaned_data))

    def alone(self, pk: int) -> None:
        """Others who change this object by API wait. Then If-Match is asked: Problem 412 when it was changed meanwhile."""
        with connection.cursor() as cursor:
            place = crc32(self.noun.model._meta.label.encode()) & 0x7FFFFFFF
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [place, pk % 2**31])
        header = self.http.headers.get("If-Match", "")
        if header:
            mark = etag(self.noun, self.find(pk))
            if not matches(header, mark):
                raise Problem(412, headers={"ETag": mark})

    def told(self, pk: int):
        """The row as it is now, for those who may look; else None."""
        return self.rows().filter(pk=pk).first() if self.may_use(self.noun.single_view) else None


def _not_possible() -> Problem:
    return Problem(409, "not_possible_now", _("This is not possible in the state it is in."))


def invalid(form) -> Problem:
    """What the form found, by field; what belongs to none is the sentence."""
    errors = {name: texts for name, texts in form.errors.items() if name != "__all__"}
    return Problem(422, detail=" ".join(form.non_field_errors()), errors=errors)


class ListWriteTwin(ListTwin, Writing):
    """POST to a list makes one."""

    def methods(self):
        """Where the noun can be made."""
        return ("get", "head", *(("post",) if self.noun.create_view else ()))

    def screen_of_write(self):
        """That of a new one."""
        return self.noun.create_view

    def post(self, request):
        """201 with the object, and where it is."""
        self.admit(self.noun.create_view)
        return self.once(lambda: self.create(self.sent()))

    def create(self, body: dict):
        """In the caller's transaction."""
        made = self.through(self.view(self.noun.create_view), body)
        url = address_of(made, self.audience)
        place, row = {"Location": url}, self.told(made.pk)
        return self.show(row, 201, place) if row else answer({"id": made.pk, "url": url}, 201, place)


class ListVerbTwin(Writing):
    """POST to a list's own verb, such as what an order would come to."""

    key: str = ""
    http_method_names = ["post"]

    def methods(self):
        """Where the noun has it."""
        return ("post",) if self.key in self.noun.on_list else ()

    def screen_of_write(self):
        """The verb's."""
        return self.noun.on_list[self.key]

    def post(self, request):
        """What it tells."""
        screen = self.noun.on_list[self.key]
        self.admit(screen)
        return self.once(lambda: answer(self.through(self.view(screen), self.sent())))


class DetailWriteTwin(DetailTwin, Writing):
    """PATCH changes what is sent; PUT wants every field."""

    def methods(self):
        """Where the noun can be changed."""
        return ("get", "head", *(("patch", "put") if self.noun.edit_view else ()))

    def screen_of_write(self):
        """The editor."""
        return self.noun.edit_view

    def patch(self, request, pk):
        """The object as it is then."""
        return self._write(pk, whole=False)

    def put(self, request, pk):
        """The same, with nothing left to what it was."""
        return self._write(pk, whole=True)

    def _write(self, pk, whole):
        self.admit(self.noun.edit_view)
        return self.once(lambda: self._change(pk, whole))

    def _change(self, pk, whole):
        view = self.view(self.noun.edit_view, pk=pk)
        view.current()  # 404 before anything else
        self.alone(pk)
        self.through(view, self.sent(), keeps=True, whole=whole)
        row = self.told(pk)
        return self.show(row) if row else answer({"id": pk})


class VerbTwin(Writing):
    """POST to a verb's address does it."""

    key: str = ""
    http_method_names = ["post"]

    def methods(self):
        """Where the noun has this verb."""
        return ("post",) if self.key in self.noun.verbs else ()

    @property
    def act(self) -> Act:
        """The verb."""
        return self.noun.verbs[self.key]

    def screen_of_write(self):
        """The verb's."""
        return self.act.view

    def post(self, request, pk):
        """The object as it is then, and what the act made besides."""
        self.admit(self.act.view)
        if getattr(self.act.view, "outside", False):
            # It talks to another system or tells a secret: no transaction is open, and its answer is kept nowhere.
            found = self.do(pk, self.sent())
            found["Cache-Control"] = "no-store"
            return found
        return self.once(lambda: self.do(pk, self.sent()))

    def do(self, pk: int, body: dict):
        """In the caller's transaction."""
        view, body = self.view(self.act.view, pk=pk), dict(body)
        row = self._row(view, pk)
        self.alone(pk)
        if self.act.when is not None and not self.act.when(row):
            raise _not_possible()
        self._confirm(view.type_word(row), body)
        result = self.through(view, body)
        return answer(self._outcome(pk, result))

    def _row(self, view, pk: int):
        """The object of the act. Where the act does not take it as it is, but it is there to see, that is said."""
        try:
            return view.obj
        except Http404:
            if self.told(pk) is None:
                raise
            raise _not_possible() from None

    def _confirm(self, word: str, body: dict) -> None:
        """What cannot be undone wants its name said."""
        if word and body.pop(CONFIRM, None) != word:
            text = _("Send %(word)s to confirm.") % {"word": word}
            raise Problem(422, "not_confirmed", text, errors={CONFIRM: [text]})

    def _outcome(self, pk: int, result) -> dict:
        row = self.told(pk)
        found = {"object": represent(self.noun.every_fact, row) if row else None, "result": None}
        if isinstance(result, Model) and not (isinstance(result, self.noun.model) and result.pk in (pk, None)):
            found["result"] = related(result, self.audience) if result.pk else None
        if isinstance(result, dict):
            found["result"] = result
        return found
