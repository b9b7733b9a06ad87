"""The audit log: who did what, with before and after."""

from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import Q
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from hostbill.core.crud import Choice, Column, DateColumn, DateRange, Named, Related, StaffListView, Tab
from hostbill.core.crud.changes import entries
from hostbill.core.crud.filters import Filter
from hostbill.core.crud.named import family, with_words
from hostbill.core.labels import ACT, choices, kind_of
from hostbill.core.models import Change
from hostbill.pages.links import object_url

OURS = ("hostbill.", "clients.", "billing.", "provisioning.", "support.")


def before_after(change) -> str:
    """Each field with what it was and what it became."""
    lines = getattr(change, "lines", [])
    if not lines:
        return change.reason
    shown = format_html_join("", "<li><b>{}</b> {} → {}</li>", ((line.label, line.before, line.after) for line in lines))
    reason = format_html("<li>{}</li>", change.reason) if change.reason else ""
    names = ", ".join(line.label for line in lines[:3]) + ("…" if len(lines) > 3 else "")
    box = '<details class="change"><summary>{}</summary><ul class="plain-list small">{}{}</ul></details>'
    return format_html(box, names, shown, reason)


@dataclass(frozen=True)
class OneThing(Filter):
    """Acts on one object (``object=billing.invoice:12``), as pages of objects link to them; not offered in the form."""

    kind: str = field(default="kept", init=False)

    def asked(self, params) -> tuple[str, str]:
        """Kind and key; empty texts for anything else."""
        kind, _colon, pk = params.get(self.key, "").partition(":")
        return (kind, pk) if pk.isdecimal() and len(pk) < 18 else ("", "")

    def condition(self, params):
        kind, pk = self.asked(params)
        return Q(object_kind=kind, object_id=int(pk)) if pk else None

    def sentence(self, params):
        kind, pk = self.asked(params)
        named = Change.objects.filter(object_kind=kind, object_id=int(pk)).order_by("-pk").first()
        return gettext("is"), f"{kind_of(kind)} {named.object_label if named else pk}"


def object_kinds() -> list[tuple[str, str]]:
    """Kinds of our own objects, as the log names them."""
    models = [model for model in apps.get_models() if model.__module__.startswith(OURS)]
    return [(model._meta.label_lower, kind_of(model._meta.label_lower)) for model in models]


class ActivityList(StaffListView):
    """Newest first."""

    model = Change
    permission = "core.activity.view"
    title = _("Activity")
    columns = [
        DateColumn("at", _("When"), relative=True, numeric=False, phone="end"),
        Column("actor_label", _("Who"), second=lambda change: change.ip or "", strong=True, phone="start"),
        Column("action_words", _("What"), second=lambda change: change.action, phone="lead"),
        Column(
            "object_label",
            _("To what"),
            second=lambda change: change.kind_words,
            leads=lambda change: object_url(change.object_kind, change.object_id),
            phone="under",
        ),
        Column("fields", _("Before and after"), render=before_after, phone="full"),
    ]
    filters = [
        Choice(
            "actor_kind",
            _("Who"),
            [("staff", _("Staff")), ("client", _("Client")), ("system", _("HostBill")), ("api", _("API"))],
        ),
        Named("action", _("What"), family(ACT)),
        Named("object_kind", _("Kind"), object_kinds),
        DateRange("at", _("When"), moment=True),
        OneThing("object", _("To what")),
        Related("client", _("Client"), Client),
    ]
    search = ["actor_label__icontains", "object_label__icontains", "reason__icontains"]
    sort = "-pk"
    tabs = [
        Tab("all", _("Everything"), Q()),
        Tab("people", _("By people"), Q(actor_kind__in=["staff", "client"])),
        Tab("automatic", _("By itself"), Q(actor_kind="system")),
    ]
    empty = (_("Nothing happened yet"), _("Every act of people and of automation is kept here."))

    def make_page(self):
        """With the fields of its acts in words."""
        page = super().make_page()
        self.put_in_words(page.rows, None)
        return page

    def peek(self, obj):
        """The same for one."""
        self.put_in_words([obj], self.request.actor)
        return super().peek(obj)

    def put_in_words(self, rows, actor) -> None:
        """Other objects are named where one act is looked at, and on the history of an object."""
        for entry in entries(rows, actor):
            entry.change.lines = entry.lines

    def search_condition(self, text):
        """By who, what and why, and by what the act is called."""
        return super().search_condition(text) | with_words("action", choices(ACT), text)

    def get_queryset(self):
        """All; the permission guards the page."""
        return Change.objects.all()


urls = [path("staff/activity/", ActivityList.as_view(), name="activity_list")]
