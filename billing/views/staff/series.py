"""Number series in the console."""

from django.db.models import Prefetch
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.actions.numbering import next_in, preview_number, rule_of, update_series
from billing.forms.document import SeriesForm
from billing.models import Series, SeriesSkip
from hostbill.core.crud import Column, StaffEditView, StaffListView

EDIT = "billing.series.edit"


def left_out(series) -> str:
    """Numbers left out on purpose."""
    return ", ".join(f"{skip.first}–{skip.last}: {skip.reason}" for skip in series.skips.all())


class SeriesList(StaffListView):
    """One for each kind of document."""

    model = Series
    permission = EDIT
    title = _("Number series")
    prefetch = (Prefetch("skips", SeriesSkip.objects.order_by("pk")),)
    columns = [
        Column("document_type", _("Documents"), value=lambda row: row.get_document_type_display(), link=True, strong=True),
        Column("format", _("Format"), value=lambda row: row.format or _now("as in the settings")),
        Column("reset", _("Begins again"), value=lambda row: row.get_reset_display() if row.format else "", phone="hide"),
        Column("skips", _("Left out"), value=left_out, muted=True, phone="hide"),
    ]
    sort = "pk"
    empty = (_("No series yet"), _("They appear with the first document of their kind."))

    def get_queryset(self):
        """All; the permission guards the page."""
        return Series.objects.all()


class SeriesEdit(StaffEditView):
    """Change the rule or go on higher."""

    model = Series
    form_class = SeriesForm
    permission = EDIT
    title = _("number series")
    crumbs = [(_("Number series"), "billing_staff:series_list")]
    success_url = "billing_staff:series_list"
    columns = 2
    update_action = staticmethod(update_series)

    @property
    def explain(self):
        """What the next document would be called."""
        return _now("The next document gets %(number)s. Numbers are never given twice and never go back.") % {
            "number": preview_number(self.obj)
        }

    def get_queryset(self):
        """All; the permission guards the page."""
        return Series.objects.all()

    def get_initial(self):
        """The rule in force."""
        pattern, reset = rule_of(self.obj)
        return {"format": self.obj.format, "reset": reset, "next_number": next_in(self.obj)}

    def back_url(self, obj):
        """The list: a series has no other page."""
        return super().back_url(None)
