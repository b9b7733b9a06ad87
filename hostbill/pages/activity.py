"""The audit log: who did what, with before and after."""

from django.apps import apps
from django.db.models import Q
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from hostbill.core.crud import Choice, Column, DateColumn, DateRange, Named, StaffListView, Tab
from hostbill.core.crud.named import family, with_words
from hostbill.core.labels import ACT, choices, kind_of
from hostbill.core.models import Change
from hostbill.pages.links import object_url

SHOWN = 120
OURS = ("hostbill.", "clients.", "billing.", "provisioning.", "support.")


def short(value) -> str:
    """A value in a cell."""
    text = "–" if value in (None, "") else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def before_after(change) -> str:
    """Each field with what it was and what it became."""
    rows = list(change.fields.items())[:8]
    if not rows:
        return change.reason
    lines = format_html_join(
        "", "<li><b>{}</b> {} → {}</li>", ((name, short(before), short(after)) for name, (before, after) in rows)
    )
    more = len(change.fields) - len(rows)
    rest = format_html("<li>+{}</li>", more) if more > 0 else ""
    reason = format_html("<li>{}</li>", change.reason) if change.reason else ""
    return format_html('<details class="change"><summary>{}</summary><ul class="plain-list small">{}{}{}</ul></details>',
                       _summary(rows, change), lines, rest, reason)  # fmt: skip


def _summary(rows, change) -> str:
    names = ", ".join(name for name, _pair in rows[:3])
    return names + ("…" if len(change.fields) > 3 else "")


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
        DateColumn("at", _("When"), relative=True, numeric=False, phone="full"),
        Column("actor_label", _("Who"), second=lambda change: change.ip or "", strong=True),
        Column("action_words", _("What"), second=lambda change: change.action),
        Column(
            "object_label",
            _("To what"),
            second=lambda change: change.kind_words,
            leads=lambda change: object_url(change.object_kind, change.object_id),
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
    ]
    search = ["actor_label__icontains", "object_label__icontains", "reason__icontains"]
    sort = "-pk"
    tabs = [
        Tab("all", _("Everything"), Q()),
        Tab("people", _("By people"), Q(actor_kind__in=["staff", "client"])),
        Tab("automatic", _("By itself"), Q(actor_kind="system")),
    ]
    empty = (_("Nothing happened yet"), _("Every act of people and of automation is kept here."))

    def search_condition(self, text):
        """By who, what and why, and by what the act is called."""
        return super().search_condition(text) | with_words("action", choices(ACT), text)

    def get_queryset(self):
        """All; the permission guards the page."""
        return Change.objects.all()


urls = [path("staff/activity/", ActivityList.as_view(), name="activity_list")]
