"""One wish for one panel call, and each try at it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel
from hostbill.core.secrets import EncryptedTextField

OPEN = ["queued", "running", "unknown"]
#: Verbs that concern another server than the one the service is on.
ELSEWHERE = {"relocate", "remove_old"}


class OperationQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self if actor.may("provisioning.service.view") else self.none()

    def open(self):
        return self.filter(state__in=OPEN)

    def failed(self):
        return self.filter(state="failed")


class Operation(TrackedModel):
    """A change wanted on a panel. At most one is open per service; the sender works it off."""

    VERB_CHOICES = [
        ("create", _("Set up")),
        ("suspend", _("Suspend")),
        ("resume", _("Resume")),
        ("terminate", _("Terminate")),
        ("change_plan", _("Change plan")),
        ("set_password", _("Set password")),
        ("sync", _("Read from panel")),
        ("relocate", _("Go over to another server")),
        ("remove_old", _("Delete the old account")),
    ]
    STATE_CHOICES = [
        ("queued", _("Queued")),
        ("running", _("Running")),
        ("unknown", _("Answer lost, looking")),
        ("done", _("Done")),
        ("failed", _("Failed")),
        ("cancelled", _("Cancelled")),
    ]
    TRANSITIONS = {
        "queued": {"running", "unknown", "done", "failed", "cancelled"},
        "running": {"queued", "unknown", "done", "failed", "cancelled"},
        "unknown": {"queued", "running", "done", "failed"},
        "failed": {"done"},
        "done": set(),
        "cancelled": set(),
    }

    service = models.ForeignKey("provisioning.Service", models.CASCADE, related_name="operations")
    # Where it is to happen; follows the service when a create moves on to the next server.
    server = models.ForeignKey("provisioning.Server", models.PROTECT, null=True, related_name="operations")
    verb = models.CharField(max_length=16, choices=VERB_CHOICES)
    state = models.CharField(max_length=12, choices=STATE_CHOICES, default="queued", db_index=True)
    params = models.JSONField(default=dict, blank=True)
    password = EncryptedTextField(blank=True, default="")
    reason = models.CharField(max_length=200, blank=True)
    requested_by = models.CharField(max_length=120, blank=True)
    # How often a create was begun anew (other user name, other server); part of the outgoing key.
    round = models.PositiveSmallIntegerField(default=0)
    usernames_tried = models.JSONField(default=list, blank=True)
    # Just before the first call: an account older than this is not the one we asked for.
    intent_at = models.DateTimeField(null=True, blank=True)
    running_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_permanent = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at", "id"], name="provisioning_operation_list"),
            models.Index(fields=["verb"], name="provisioning_operation_by_verb"),
        ]
        ordering = ["-pk"]
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=Q(state__in=OPEN), name="provisioning_one_open_operation"
            )
        ]

    def __str__(self):
        return f"{self.get_verb_display()}: {self.service}"

    def get_absolute_url(self):
        return address("provisioning_staff:operation_detail", self.pk)

    @property
    def state_words(self):
        """State as (kind, words, rest)."""
        if self.state == "queued" and self.error:
            return ("late", _("Failed, tries again"))
        if self.state == "done" and self.seconds is not None:
            return ("ok", _("Panel confirmed in %(seconds)s s") % {"seconds": self.seconds})
        kind = {
            "queued": "pending",
            "running": "running",
            "unknown": "attention",
            "done": "ok",
            "failed": "failed",
            "cancelled": "ended",
        }[self.state]
        return (kind, self.get_state_display())

    @property
    def is_elsewhere(self):
        """Whether it is done on a server of its own, not on the service's."""
        return self.verb in ELSEWHERE

    @property
    def is_open(self):
        return self.state in OPEN

    @property
    def key(self):
        """Key of the outgoing row: each round is a call of its own."""
        return f"{self.pk}/{self.round}"

    @property
    def seconds(self) -> int | None:
        """From first call to confirmation, in seconds; None while it is under way."""
        return round((self.done_at - self.running_at).total_seconds()) if self.done_at and self.running_at else None


class OperationAttempt(models.Model):
    """One conversation with the panel: what was said (secrets taken out), how it ended, how long it took."""

    OUTCOME_CHOICES = [
        ("running", _("Under way")),
        ("done", _("Done")),
        ("already", _("Was done already")),
        ("absent", _("Looked: not there")),
        ("rejected", _("Refused")),
        ("retry", _("Not reached, tried again later")),
        ("unknown", _("Answer lost")),
    ]

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="attempts")
    server = models.ForeignKey("provisioning.Server", models.PROTECT, null=True, related_name="+")
    number = models.PositiveIntegerField()
    step = models.CharField(max_length=8, choices=[("send", _("Call")), ("look_up", _("Look"))])
    outcome = models.CharField(max_length=12, choices=OUTCOME_CHOICES)
    message = models.TextField(blank=True)
    exchange = models.JSONField(default=list, blank=True)
    started_at = models.DateTimeField()
    ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["operation_id", "number"]
        constraints = [models.UniqueConstraint(fields=["operation", "number"], name="provisioning_attempt_number")]

    def __str__(self):
        return f"{self.operation_id}/{self.number} {self.outcome}"

    @property
    def state_words(self):
        """Outcome as (kind, words)."""
        kinds = {
            "running": "running",
            "done": "ok",
            "already": "ok",
            "absent": "draft",
            "rejected": "failed",
            "retry": "late",
        }
        return (kinds.get(self.outcome, "attention"), self.get_outcome_display())
