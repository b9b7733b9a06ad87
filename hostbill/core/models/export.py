"""Files made from lists: kept some days, for the person who asked."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hostbill.core import clock
from hostbill.core.models.file import File


class ExportQuerySet(models.QuerySet):
    """Exports, narrowed to what somebody may look at."""

    def visible_to(self, actor):
        """Those one has asked for."""
        return self.filter(user_id=actor.user_id) if actor.kind == "staff" and actor.user_id else self.none()


class Export(models.Model):
    """``list_key``, ``kwargs`` and ``query`` name the list as it was; ``columns`` are keys in order. ``bundle`` names what is made
    of each row, in one file: of the rows ``ids``, or of all that match."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being written")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Not made")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        ZIP = "zip", "ZIP"
        PDF = "pdf", "PDF"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_key = models.CharField(max_length=120)
    kwargs = models.JSONField(default=dict)
    query = models.TextField(blank=True)
    columns = models.JSONField(default=list)
    bundle = models.CharField(max_length=60, blank=True)
    ids = models.JSONField(default=list)
    format = models.CharField(max_length=4, choices=Format)
    title = models.CharField(max_length=120)
    language = models.CharField(max_length=12)
    time_zone = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(null=True)
    written = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0, help_text="Rows of which there is no file.")
    file = models.ForeignKey(File, models.SET_NULL, null=True, related_name="+")
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    #: ``owner_kind`` of its file.
    FILE_OWNER = "core.export"

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="core_export_user")]

    def __str__(self):
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is still to come."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def percent(self) -> int | None:
        """How far; None while nobody knows of how much."""
        return min(100, self.written * 100 // self.total) if self.total else None

    @property
    def state_words(self) -> tuple:
        """Kind, words and rest."""
        if self.state == self.State.DONE:
            return self._ready_words() if self.file_id else ("ended", _("Deleted again"))
        if self.state == self.State.FAILED:
            return ("failed", _("Not made"), self.error)
        if self.state == self.State.RUNNING and self.percent is not None:
            return ("running", _("Being written"), f"{self.percent} %")
        return ("running", _("Being written")) if self.state == self.State.RUNNING else ("pending", _("Waiting"))

    def _ready_words(self) -> tuple:
        if not self.left_out:
            return ("ok", _("Ready"))
        rest = ngettext("%(count)d row has no file", "%(count)d rows have no file", self.left_out)
        return ("ok", _("Ready"), rest % {"count": self.left_out})
