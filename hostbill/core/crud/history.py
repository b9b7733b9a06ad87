"""The history tab that every detail page of the console has: who did what to this object, when and why, with before and after."""

from urllib.parse import urlencode

from django.urls import path, reverse
from django.utils.translation import gettext as _

from hostbill.core.crud import paging
from hostbill.core.crud.changes import entries
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
