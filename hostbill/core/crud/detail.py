"""The page of one object: title, state, verbs, facts, tabs; what stands below is the noun's own template."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from hostbill.core.access import PortalView, StaffView


@dataclass(frozen=True)
class Verb:
    """A button. ``route`` takes the object's pk. ``when(obj)``: whether it is possible now. ``post``: acts at once."""

    key: str
    label: str
    route: str
    permission: str = ""
    kind: str = ""
    icon: str = ""
    when: Callable | None = None
    post: bool = False


@dataclass(frozen=True)
class ReadyVerb:
    """A verb with its address for one object."""

    key: str
    label: str
    url: str
    kind: str
    icon: str
    post: bool


class ObjectMixin:
    """Finds the object among those this person may see; anything else does not exist."""

    model = None
    select: tuple = ()

    def get_queryset(self):
        """The rows this person may see."""
        rows = self.model.objects.visible_to(self.request.actor)
        return rows.select_related(*self.select) if self.select else rows

    @cached_property
    def obj(self):
        """The row named by the URL, or 404."""
        found = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class OwnClientMixin:
    """In the client area only the chosen client's rows exist."""

    client_path = "client"

    def get_queryset(self):
        return super().get_queryset().filter(**{self.client_path: self.request.client.pk})


class DetailView(ObjectMixin, View):
    """See docs/design.md."""

    verbs: list = []
    tabs: list = []
    crumbs: list = []
    #: So many verbs, at most, stand beside the title, one of them a menu with the rest; 0: all.
    verbs_in_line = 0
    frame = "base/staff.html"
    template_name = "components/detail_page.html"
    #: Names of its own address and of its history's, given by `crud.detail()`.
    own_name = ""
    history_name = ""

    def title(self, obj) -> str:
        """The h1."""
        return str(obj)

    def subtitle(self, obj) -> str:
        """One line below it."""
        return ""

    def facts(self, obj) -> list:
        """(label, value[, url])."""
        return []

    def more_context(self, obj) -> dict:
        """More context for the noun's template."""
        return {}

    def trail(self, obj) -> list:
        """Breadcrumb: the class's ``crumbs`` (label, route) and this object."""
        return (
            [(label, reverse(route)) for label, route in self.crumbs] + [(self.title(obj), "")] if self.crumbs else []
        )

    def ready_verbs(self, obj) -> list[ReadyVerb]:
        """The verbs that are allowed and possible now."""
        actor = self.request.actor
        return [
            ReadyVerb(verb.key, verb.label, reverse(verb.route, args=[obj.pk]), verb.kind, verb.icon, verb.post)
            for verb in self.verbs
            if (not verb.permission or actor.may(verb.permission)) and (verb.when is None or verb.when(obj))
        ]

    def placed_verbs(self, verbs: list) -> dict:
        """Beside the title, in the menu, and the dangerous ones at the menu's end. A menu of one is none."""
        if not self.verbs_in_line or len(verbs) <= self.verbs_in_line:
            return {"verbs": verbs}
        calm = [verb for verb in verbs if verb.kind != "danger"]
        shown = self.verbs_in_line - 1
        return {
            "verbs": calm[:shown],
            "menu_verbs": calm[shown:],
            "menu_dangers": [verb for verb in verbs if verb.kind == "danger"],
        }

    def tab_items(self, obj) -> list[dict]:
        """Tabs as own URLs: (key, label, route)."""
        here = self.request.path
        routes = [(label, route) for _key, label, route in self.tabs]
        if self.history_name:
            routes = routes or [(_("Overview"), self._beside(self.own_name))]
            routes.append((_("History"), self._beside(self.history_name)))
        urls = [(label, reverse(route, args=[obj.pk])) for label, route in routes]
        return [{"label": label, "url": url, "current": url == here} for label, url in urls]

    def _beside(self, name: str) -> str:
        """The route of a name in the namespace of this page."""
        namespace = self.request.resolver_match.namespace
        return f"{namespace}:{name}" if namespace else name

    def get_context(self) -> dict:
        """Everything the page needs."""
        obj = self.obj
        verbs = self.ready_verbs(obj)
        return {
            "view": self,
            "frame": self.frame,
            "object": obj,
            "page_title": self.title(obj),
            "page_sub": self.subtitle(obj),
            "state_words": getattr(obj, "state_words", None),
            "crumbs": self.trail(obj),
            **self.placed_verbs(verbs),
            "verb": {verb.key: verb for verb in verbs},
            "facts": self.facts(obj),
            "tab_items": self.tab_items(obj),
            **self.more_context(obj),
        }

    def get(self, request, *args, **kwargs):
        """The page."""
        return self.render(self.template_name)

    def render(self, template: str):
        """The context in a template."""
        return render(self.request, template, self.get_context())


class StaffDetailView(StaffView, DetailView):
    """An object in the console."""


class PortalDetailView(PortalView, OwnClientMixin, DetailView):
    """An object in the client area."""

    frame = "base/portal.html"
