"""Acts on many rows of a list: the run, and what became of each row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.addresses import address


class BulkRunQuerySet(models.QuerySet):
    """Runs, narrowed to what somebody may look at."""

    def visible_to(self, actor):
        """Those one has started."""
        return self.filter(user_id=actor.user_id) if actor.kind == "staff" and actor.user_id else self.none()


class BulkRun(models.Model):
    """``list_key``, ``kwargs`` and ``query`` name the list as it was; ``action`` one of its acts, with the form's
    ``answers``. ``total`` is final once ``collected``."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Broken off")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    once = models.CharField(max_length=64, help_text="Made from page and selection: the same form sent twice runs once.")
    list_key = models.CharField(max_length=120)
    kwargs = models.JSONField(default=dict)
    query = models.TextField(blank=True)
    title = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    answers = models.JSONField(default=dict)
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    everything = models.BooleanField(default=False, help_text="All rows that match, instead of chosen ones.")
    collected_to = models.BigIntegerField(default=0, help_text="Rows up to this key are on the run's list.")
    is_collected = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "once"], name="core_bulkrun_once")]
        indexes = [models.Index(fields=["user", "-id"], name="core_bulkrun_user")]

    def __str__(self):
        return f"{self.label}: {self.title}"

    def get_absolute_url(self):
        """Its progress and results."""
        return address("bulk_run_detail", self.pk)

    @property
    def is_open(self) -> bool:
        """Whether it still moves."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def handled(self) -> int:
        """Rows that have their result."""
        return self.done + self.refused + self.failed

    @property
    def state_words(self) -> tuple:
        """Kind, words and rest."""
        if self.state == self.State.DONE:
            if self.refused or self.failed:
                count = self.refused + self.failed
                return ("attention", _("Done"), _("%(count)s rows were refused") % {"count": count})
            return ("ok", _("Done"))
        words = {"queued": ("pending", _("Waiting")), "running": ("running", _("Under way"))}
        return words.get(self.state) or (("ended", _("Stopped")) if self.state == "stopped" else ("failed", _("Broken off"), self.error))


class BulkRowQuerySet(models.QuerySet):
    """Rows of runs."""

    def visible_to(self, actor):
        """Those of one's own runs."""
        return self.filter(run__user_id=actor.user_id) if actor.kind == "staff" and actor.user_id else self.none()


class BulkRow(models.Model):
    """One row of a run: unique, so that it is on the list once, and marked in the transaction of its act."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows")
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    message = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(null=True)

    objects = BulkRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "object_id"], name="core_bulkrow_once")]
        indexes = [models.Index(fields=["run", "id"], condition=Q(state="waiting"), name="core_bulkrow_waiting")]

    def __str__(self):
        return self.label or str(self.object_id)

    def get_absolute_url(self):
        """The row's own page in its list."""
        return self.url

    @property
    def state_words(self) -> tuple:
        """Kind and words, with the reason of a refusal."""
        words = {
            "waiting": ("pending", _("Waiting")),
            "done": ("ok", _("Done")),
            "refused": ("attention", _("Refused"), self.message),
            "failed": ("failed", _("Failed"), self.message),
        }
        return words[self.state]
