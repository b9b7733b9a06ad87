"""The history tab of every noun of the console, beside its detail page or else its form: who did what to this object, when and why,
with before and after."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from hostbill.core.access import StaffView
from hostbill.core.crud import paging
from hostbill.core.crud.changes import entries
from hostbill.core.crud.detail import ObjectMixin
from hostbill.core.models import Change

#: Acts on a page of the tab.
SHOWN = 30
ACTIVITY = "core.activity.view"


class HistoryMixin:
    """The same page with the object's acts where the noun's own part was, newest first. Whoever may see the page may see
    them: their values are those of the row itself. Addresses of people, and the way into the log of everything, are for
    those who may read that (``core.activity.view``)."""

    def get_context(self) -> dict:
        """The page's head as ever, and the acts."""
        obj = self.obj
        rows = Change.objects.filter(object_kind=obj._meta.label_lower, object_id=obj.pk)
        more = {"detail_template": self.template_name, "activity_url": log_of(self.request.actor, obj)}
        return {**super().get_context(), **acts_of(rows, self.request, obj), **more}

    def get(self, request, *args, **kwargs):
        """The page, in the noun's own head."""
        return self.render("components/history_page.html")


def acts_of(rows, request, obj=None) -> dict:
    """Context of components/history.html: one page of acts in words. ``obj``: the row they are about, when it is one."""
    page = paging.take(rows, paging.Order("pk", descending=True), request.GET, SHOWN)
    page.previous_label, page.next_label = _("Later"), _("Earlier")
    return {
        "page": page,
        "entries": entries(page.rows, request.actor, obj),
        "show_ip": request.actor.may(ACTIVITY),
    }


def filtered_log(actor, **filters) -> str:
    """The activity log narrowed so; empty for those who may not read it."""
    return f"{reverse('activity_list')}?{urlencode({'tab': 'all', **filters})}" if actor.may(ACTIVITY) else ""


def log_of(actor, obj) -> str:
    """The acts on one object in the activity log; empty for those who may not read it, and for what does not exist yet."""
    return filtered_log(actor, object=f"{obj._meta.label_lower}:{obj.pk}") if obj is not None else ""


def history_of(view: type) -> type:
    """The view of the tab, made from the detail view: same object, same permission, same head."""
    return type(f"{view.__name__}History", (HistoryMixin, view), {"__module__": view.__module__, "__doc__": HistoryMixin.__doc__})


def detail(route: str, view: type, name: str) -> list:
    """Addresses of a detail page and of its history: ``detail("orders/<int:pk>/", OrderDetail, "order_detail")``."""
    history = f"{name.removesuffix('_detail')}_history"
    names = {"own_name": name, "history_name": history}
    return [
        path(route, view.as_view(**names), name=name),
        path(f"{route}history/", history_of(view).as_view(**names), name=history),
    ]


class ObjectHistory(StaffView, ObjectMixin, View):
    """The acts on an object whose page is no `StaffDetailView`, such as a form: found as that page finds it, with its right."""

    beside: type = View

    def get_queryset(self):
        """The rows of the page beside, else those that this person may see."""
        page = self.beside()
        page.setup(self.request, **self.kwargs)
        if hasattr(page, "get_queryset"):
            return page.get_queryset()
        rows = self.model._default_manager.all()
        return rows.visible_to(self.request.actor) if hasattr(rows, "visible_to") else rows

    def get(self, request, pk):
        """The page; its tabs come from the addresses."""
        obj = self.obj
        crumbs = [(label, reverse(route)) for label, route in getattr(self.beside, "crumbs", [])]
        rows = Change.objects.filter(object_kind=obj._meta.label_lower, object_id=obj.pk)
        context = {
            "page_title": str(obj),
            "state_words": getattr(obj, "state_words", None),
            "crumbs": [*crumbs, (str(obj), "")],
            "activity_url": log_of(request.actor, obj),
            **acts_of(rows, request, obj),
        }
        return render(request, "components/object_history_page.html", context)


def with_history(route: str, view: type, name: str) -> list:
    """Addresses of a page of one object that is no `StaffDetailView`, such as a form that is its noun's only page, and of its
    history: ``with_history("series/<int:pk>/", SeriesEdit, "series_edit")``. ``view.model`` is the noun. The frame shows the tabs."""
    history = f"{name.removesuffix('_edit').removesuffix('_detail')}_history"
    about = {"beside": view, "model": view.model, "permission": view.permission, "__module__": view.__module__}
    acts = type(f"{view.__name__}History", (ObjectHistory,), {**about, "__doc__": ObjectHistory.__doc__})
    page, acts = view.as_view(), acts.as_view()
    page.tab_names = acts.tab_names = (name, history)
    return [path(route, page, name=name), path(f"{route}history/", acts, name=history)]


def tabs_here(request) -> list[dict]:
    """The tabs of a page declared by `with_history()`; of any other none."""
    match = getattr(request, "resolver_match", None)
    names = getattr(match.func, "tab_names", ()) if match else ()
    if not names:
        return []
    urls = [reverse(f"{match.namespace}:{name}" if match.namespace else name, kwargs=match.kwargs) for name in names]
    labels = [_("Details") if names[0].endswith("_edit") else _("Overview"), _("History")]
    return [{"label": label, "url": url, "current": url == request.path} for label, url in zip(labels, urls, strict=True)]
