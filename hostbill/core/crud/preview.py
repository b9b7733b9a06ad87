"""A row looked at without leaving the list: its columns, the facts and verbs of its own page, and what the noun adds."""

from django.http import Http404
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.functional import cached_property

from hostbill.core.crud.detail import DetailView


class PreviewMixin:
    """What a list does with ``?preview=12``: a panel for htmx, else the page with the panel open."""

    #: A template of the noun below the facts; it gets ``object``, and what ``preview_context`` adds.
    preview_template = ""

    def preview_context(self, obj) -> dict:
        """More for ``preview_template``."""
        return {}

    @cached_property
    def previewed(self):
        """The row asked for, among those that this person may see."""
        asked = self.params.get("preview", "")
        return self.rows.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 18 else None

    def show_preview(self):
        """Only the panel."""
        if self.previewed is None:
            raise Http404
        return render(self.request, "components/list_preview.html", {"view": self, "peek": self.peek(self.previewed)})

    def peek(self, obj) -> dict:
        """What the panel shows. Its own page's facts come from there, if this person may open it."""
        url = self.open_url(obj)
        page = self._page_of(obj, url)
        shown = [column for column in self.every_column if column.key != "state_words"]
        facts = [(column.label, column.html(obj, "", self.opens)) for column in shown]
        labels = {str(label) for label, _value in facts}
        more = [fact for fact in (page.facts(page.obj) if page else []) if str(fact[0]) not in labels]
        return {
            "obj": obj,
            "title": page.title(page.obj) if page else str(obj),
            "state": getattr(obj, "state_words", None),
            "url": url,
            "facts": facts,
            "more": more,
            "verbs": page.ready_verbs(page.obj) if page else [],
            "close_url": self.url(),
            **self.preview_context(obj),
        }

    def _page_of(self, obj, url: str):
        """The row's detail view, ready for this request; None when there is none or it is not for this person."""
        try:
            match = resolve(url) if url else None
        except Resolver404:
            return None
        page_class = getattr(match.func, "view_class", None) if match else None
        if page_class is None or not issubclass(page_class, DetailView) or page_class.model is not self.model:
            return None
        if getattr(page_class, "permission", "") and not self.request.actor.may(page_class.permission):
            return None
        page = page_class()
        page.setup(self.request, **match.kwargs)
        return page
