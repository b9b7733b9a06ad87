"""The time machine in the console: ask, watch, read."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.preview import ask, delete_preview, stop_preview
from billing.forms.preview import PreviewForm
from billing.models import Preview, PreviewItem, Product
from clients.models import Client
from hostbill.core import options
from hostbill.core.crud import (
    Choice,
    Column,
    DateColumn,
    MoneyColumn,
    Related,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.models import Rule
from hostbill.core.money import Money
from hostbill.core.ui.words import day_words

RUN = "billing.preview.run"
LIST = (gettext_lazy("Looks ahead"), "billing_staff:preview_list")


class PreviewList(StaffListView):
    """What was asked."""

    model = Preview
    permission = RUN
    title = gettext_lazy("Looks ahead")
    select = ("client",)
    places_template = "billing/staff/places/books.html"
    columns = [
        DateColumn("until", gettext_lazy("Until"), sort="until", phone="lead"),
        Column("client", gettext_lazy("Client"), value=lambda row: row.client or _("All"), phone="under"),
        Column(
            "__str__",
            gettext_lazy("What was tried"),
            value=lambda row: ", ".join(tried(row)) or _("As it is"),
            link=True,
            strong=True,
        ),
        StateColumn(),
        DateColumn("created_at", gettext_lazy("Asked"), relative=True),
        Column("asked_by", gettext_lazy("By"), phone="hide"),
    ]
    sort = "-pk"
    create_url, create_label, create_permission = "billing_staff:preview_create", gettext_lazy("Look ahead"), RUN
    empty = (
        gettext_lazy("Nobody has looked ahead yet"),
        gettext_lazy(
            "See what automation will do by a day, and what another setting or price would change. Nothing is written or sent."
        ),
    )


def tried(preview: Preview) -> list[str]:
    """The changes in words."""
    changes = preview.changes
    found = [f"{options.find(key).label}: {value}" for key, value in changes.get("options", {}).items()]
    rules = Rule.objects.in_bulk([int(pk) for pk in changes.get("rules", {})])
    for pk, days in changes.get("rules", {}).items():
        name = rules.get(int(pk), pk)
        found.append(
            _("%(rule)s: off") % {"rule": name}
            if days is None
            else _("%(rule)s: %(days)s days") % {"rule": name, "days": days}
        )
    products = Product.objects.in_bulk([int(pk) for pk in changes.get("prices", {})])
    return found + [f"{products.get(int(pk), pk)}: {percent} %" for pk, percent in changes.get("prices", {}).items()]


class PreviewCreate(StaffEditView):
    """The question."""

    model = Preview
    form_class = PreviewForm
    permission = RUN
    explain = gettext_lazy(
        "The real code is run day by day and taken back. Nothing is written, no mail is sent and no card is charged."
    )
    button = gettext_lazy("Look ahead")
    done = gettext_lazy("It is being worked out. You may go on working.")
    crumbs = [LIST]
    columns = 2

    def get_title(self):
        """What it does."""
        return _("Look ahead")

    def form_options(self):
        """Whom one may see."""
        return {"clients": Client.objects.visible_to(self.request.actor).order_by("number")}

    def act(self, values):
        """Ask."""
        asked = {name: values[name] for name in ("until", "client", "cards", "changes")}
        return ask(**asked, actor=self.request.actor)


class PreviewDetail(StaffDetailView):
    """The figures, and the way to the rows."""

    model = Preview
    permission = RUN
    select = ("client",)
    template_name = "billing/staff/preview/detail.html"
    crumbs = [LIST]
    verbs = [
        Verb(
            "stop", gettext_lazy("Stop"), "billing_staff:preview_stop", RUN, "", "", lambda row: row.is_open, post=True
        ),
        Verb(
            "delete",
            gettext_lazy("Delete…"),
            "billing_staff:preview_delete",
            RUN,
            "danger",
            "trash",
            lambda row: not row.is_open,
        ),
    ]

    def title(self, preview):
        """Whose and until when."""
        return _("Until %(day)s: %(who)s") % {
            "day": day_words(preview.until, year=True),
            "who": preview.client or _("all clients"),
        }

    def facts(self, preview):
        """The question."""
        return [
            (_("Asked by"), preview.asked_by),
            (_("Asked"), preview.created_at),
            (_("Saved cards"), preview.get_cards_display()),
            (_("Tried out"), "; ".join(tried(preview)) or _("nothing: as it is")),
            (_("Clients"), preview.total),
        ]

    def more_context(self, preview):
        """Figures by kind."""
        return {"live": preview.is_open, "figures": list(figures(preview)),
                "items_url": f"{reverse('billing_staff:preview_item_list')}?tab=all&preview={preview.pk}"}  # fmt: skip


def figures(preview: Preview):
    """(kind and difference in words, count, [sums], address of the rows)."""
    kinds, differences = dict(PreviewItem.Kind.choices), dict(PreviewItem.Difference.choices)
    address = f"{reverse('billing_staff:preview_item_list')}?tab=all&preview={preview.pk}"
    for name, values in preview.summary.items():
        kind, _space, difference = name.partition(" ")
        sums = [Money(_decimal(amount), code) for code, amount in values.items() if code != "count"]
        yield {
            "label": kinds[kind],
            "note": differences[difference] if difference else "",
            "count": int(values["count"]),
            "sums": sums,
            "url": f"{address}&kind={kind}" + (f"&difference={difference}" if difference else ""),
        }


def _decimal(text):
    return PreviewItem._meta.get_field("amount").to_python(text)


class PreviewItemList(StaffListView):
    """What happens, day by day."""

    model = PreviewItem
    permission = RUN
    title = gettext_lazy("What happens")
    crumbs = [LIST]
    select = ("client",)
    columns = [
        Column("label", gettext_lazy("What"), strong=True, phone="lead"),
        DateColumn("on", gettext_lazy("Day"), sort="on", phone="under"),
        Column("kind", gettext_lazy("Kind"), value=lambda row: row.get_kind_display(), phone="start"),
        Column("client", gettext_lazy("Client"), phone="full"),
        MoneyColumn("money", gettext_lazy("Amount"), strong=True, phone="end"),
        DateColumn("due_on", gettext_lazy("Due")),
        Column("difference", gettext_lazy("Difference"), value=lambda row: row.get_difference_display(), phone="hide"),
        DateColumn("before_on", gettext_lazy("Otherwise on"), shown=False),
        MoneyColumn("before", gettext_lazy("Otherwise"), muted=True, phone="hide"),
    ]
    filters = [
        Related("preview", gettext_lazy("Look ahead"), Preview, offer=True),
        Related("client", gettext_lazy("Client"), Client),
        Choice("kind", gettext_lazy("Kind"), PreviewItem.Kind.choices),
        Choice("difference", gettext_lazy("Difference"), PreviewItem.Difference.choices[1:]),
    ]
    tabs = [
        Tab("all", gettext_lazy("Everything"), Q()),
        Tab("invoices", gettext_lazy("Invoices"), Q(kind="invoice"), count=True),
        Tab("charges", gettext_lazy("Charges"), Q(kind="charge"), count=True),
        Tab("notices", gettext_lazy("Mails"), Q(kind="notice"), count=True),
        Tab("hard", gettext_lazy("Suspensions and ends"), Q(kind__in=["suspension", "end"]), count=True, tone="bad"),
    ]
    search = ["label__icontains"]
    sort = "on"
    previews = False
    empty = (
        gettext_lazy("Nothing happens"),
        gettext_lazy("No invoice, no charge, no mail and no suspension until that day."),
    )


class PreviewStop(StaffVerbView):
    """No further."""

    model = Preview
    permission = RUN
    title = gettext_lazy("Stop looking ahead")
    button = gettext_lazy("Stop")
    action = staticmethod(stop_preview)
    done = gettext_lazy("Stopped.")


class PreviewDelete(StaffVerbView):
    """Throw the answer away."""

    model = Preview
    permission = RUN
    title = gettext_lazy("Delete this look ahead")
    explain = gettext_lazy("Only the answer is deleted: nothing of it ever happened.")
    button = gettext_lazy("Delete")
    kind = "danger"
    success_url = "billing_staff:preview_list"
    action = staticmethod(delete_preview)
    done = gettext_lazy("Deleted.")
