"""Which job ran for which slot, how long, what it did and what failed."""

from django.db import models

from hostbill.core import clock


class JobRun(models.Model):
    """Unique per job and slot, so that two beats make one run."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    name = models.CharField(max_length=80)
    slot = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True, help_text="Real time; a running row without a fresh beat has died.")
    finished_at = models.DateTimeField(null=True)
    seconds = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict)
    failures = models.JSONField(default=list)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="core_jobrun_once")]
        indexes = [models.Index(fields=["name", "-slot"], name="core_jobrun_latest")]

    def __str__(self):
        return f"{self.name} {self.slot:%Y-%m-%d %H:%M}"
