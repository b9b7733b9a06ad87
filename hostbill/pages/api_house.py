"""More of the console by API: what is unwell, what happened, what comes tonight, search, and the wording of mails."""

from django import forms
from django.conf import settings

from hostbill.core import own_wording, search
from hostbill.core.access import require
from hostbill.core.api.addresses import MOMENT, TEXT, WHOLE, YES, Address, Plain, Told, listed, shaped
from hostbill.core.api.base import answer
from hostbill.core.api.fields import moment
from hostbill.core.api.inputs import bound
from hostbill.core.api.writing import invalid
from hostbill.core.notices import all_notices
from hostbill.pages import bell, messages
from hostbill.pages.checkup import HealthPage, examine
from hostbill.pages.search import SearchView, groups_for
from hostbill.pages.tonight import Tonight, acts

KINDS = {"type": "string", "enum": ["failed", "attention"]}


class Health(Plain):
    """GET: what is misconfigured or unwell."""

    told = {"get": Told("What is wrong, and how to mend it", HealthPage, listed(kind=KINDS, topic=TEXT, title=TEXT, mend=TEXT))}

    def get(self, request):
        """Looked at anew each time; harm first."""
        found = [(result.check.topic, finding) for result in examine() for finding in result.findings]
        found.sort(key=lambda pair: pair[1].kind != "failed")
        rows = [{"kind": one.kind, "topic": str(topic), "title": str(one.title), "mend": str(one.mend)} for topic, one in found]
        return answer({"data": rows})


class Notices(Plain):
    """GET: what happened lately that needs the token's person."""

    told = {"get": Told("Notices of the bell", bell.NoticeList, listed(at=MOMENT, kind=TEXT, title=TEXT, why=TEXT, is_new=YES))}

    def get(self, request):
        """The newest first."""
        rows = [
            {"at": moment(note.at), "kind": note.kind, "title": note.title, "why": str(note.why), "is_new": note.is_new}
            for note in bell.notes(self.actor)
        ]
        return answer({"data": rows})


class NoticesRead(Plain):
    """POST: all of them are known."""

    told = {"post": Told("Mark all notices as read", bell.NoticeRead, shaped(unread=WHOLE), body={"type": "object"})}

    def post(self, request):
        """For this person."""
        return self.once(self.act)

    def act(self) -> dict:
        """What is left."""
        self.checked(forms.Form)
        bell.mark_read(self.actor)
        return {"unread": bell.count_new(self.actor)}


class Coming(Plain):
    """GET: what happens by itself in the coming night."""

    told = {
        "get": Told("What happens tonight", Tonight,
                    listed(at=MOMENT, key=TEXT, words=TEXT, count=WHOLE, more=YES, rule={"type": ["integer", "null"]}))
    }  # fmt: skip

    def get(self, request):
        """Nothing is done by looking."""
        rows = [
            {"at": moment(act.at), "key": act.key, "words": str(act.words), "count": act.count, "more": act.more, "rule": act.rule_id}
            for act in acts()
        ]
        return answer({"data": rows})


class Search(Plain):
    """GET: any object by what people know of it."""

    told = {
        "get": Told("Search", SearchView, listed(group=TEXT, title=TEXT, second=TEXT, id=WHOLE, page=TEXT, exact=YES),
                    asked={"q": TEXT, "in": {"type": "string", "enum": ["clients", "services", "papers"]}})
    }  # fmt: skip

    def get(self, request):
        """`page`: where the console shows it."""
        words, scope = request.query_params.get("q", "")[: search.LONGEST], request.query_params.get("in", "")
        rows = [
            {"group": str(title), "title": str(hit.title), "second": str(hit.second), "id": hit.pk,
             "page": f"{settings.SITE_URL}{hit.url}", "exact": bool(hit.exact)}
            for title, hits in groups_for(self.http, words.lstrip(" >"), scope if scope != "do" else "")
            for hit in hits
            if hit.pk and words.strip()
        ]  # fmt: skip
        return answer({"data": rows})


PART = {"type": ["string", "null"]}
BODY = {"type": "object", "properties": {"subject": PART, "body": PART, "is_active": YES}, "additionalProperties": False}
WORDS = shaped(kind=TEXT, label=TEXT, language=TEXT, subject=TEXT, body=TEXT, is_own=YES, is_active=YES, placeholders={"type": "object"})


class Wordings(Plain):
    """GET: the mails there are."""

    told = {
        "get": Told("Mails whose words can be changed", messages.TemplateList, listed(kind=TEXT, label=TEXT, languages={"type": "array"}))
    }

    def get(self, request):
        """By kind."""
        languages = [code for code, _name in settings.LANGUAGES]
        return answer({"data": [{"kind": one.kind, "label": str(one.label), "languages": languages} for one in all_notices()]})


class WordingBody(messages.TemplateForm):
    """Subject, body, and whether they are used."""


class OneWording(Plain):
    """GET: the words in use. PATCH: the house's own."""

    told = {
        "get": Told("Words of a mail", messages.TemplateEdit, WORDS),
        "patch": Told("Change the words of a mail", messages.TemplateEdit, WORDS, body=BODY),
    }

    def notice(self):
        """By the address, or 404."""
        return messages._notice(self.kwargs["kind"], self.kwargs["language"])

    def get(self, request, kind, language):
        """With its placeholders."""
        return answer(self.shown())

    def shown(self) -> dict:
        """As they are."""
        notice, language = self.notice(), self.kwargs["language"]
        words, own = own_wording.wording_of(notice, language)
        known = {name: str(text) for name, text in [*notice.context.items(), *messages.COMMON.items()]}
        return {"kind": notice.kind, "label": str(notice.label), "language": language, "subject": words.subject, "body": words.body,
                "is_own": own is not None, "is_active": bool(own and own.is_active), "placeholders": known}  # fmt: skip

    def patch(self, request, kind, language):
        """What is not sent stays. WordingError beside its field."""
        require(self.actor, "core.template.edit")
        self.notice()
        return self.once(self.change)

    def change(self) -> dict:
        """By the editor's form."""
        shown = self.shown()
        begin = {"subject": shown["subject"], "body": shown["body"], "is_active": shown["is_active"] or not shown["is_own"]}
        form = bound(lambda data=None: WordingBody(data, initial=begin), self.sent(), keeps=True)
        if not form.is_valid():
            raise invalid(form)
        own_wording.save_wording(shown["kind"], shown["language"], **form.cleaned_data, actor=self.actor)
        return self.shown()


class WordingReset(OneWording):
    """POST: the shipped words again."""

    told = {"post": Told("Use the shipped words again", messages.TemplateReset, WORDS, body={"type": "object"})}

    def post(self, request, kind, language):
        """Forget the house's own."""
        self.notice()
        return self.once(self.reset)

    def reset(self) -> dict:
        """As they are then."""
        self.checked(forms.Form)
        own_wording.reset_wording(self.kwargs["kind"], self.kwargs["language"], actor=self.actor)
        return self.shown()


ADDRESSES = [
    Address("health/", "health", Health, "house"),
    Address("notices/", "notices", Notices, "house"),
    Address("notices/read/", "notices_read", NoticesRead, "house"),
    Address("tonight/", "tonight", Coming, "rules"),
    Address("search/", "search", Search, "house"),
    Address("wordings/", "wordings", Wordings, "messages"),
    Address("wordings/<str:kind>/<str:language>/", "wording", OneWording, "messages"),
    Address("wordings/<str:kind>/<str:language>/reset/", "wording_reset", WordingReset, "messages"),
]
