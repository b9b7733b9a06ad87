"""What exists (or is to exist) on a server for one subscription."""

import uuid

import idna
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from billing.queries.chosen import values_for_panel
from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel
from hostbill.core.search import Words
from hostbill.core.secrets import EncryptedTextField

OPEN_STATES = ["waiting", "setting_up", "live", "suspended", "review"]


#: Reasons to wait that do not pass by themselves.
STUCK = ["servers_full", "staff", "setting"]


class ServiceQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Staff with the right see all; a client's people see the services of accounts where they may."""
        if actor.may("provisioning.service.view"):
            return self
        if actor.kind == "client":
            return self.filter(client_id__in=actor.clients_with("services"))
        return self.none()

    def existing(self):
        """Services that hold an account on a server."""
        return self.filter(state__in=["live", "suspended"], server__isnull=False)

    def stuck(self):
        """Services that wait for something that a person must do."""
        return self.filter(state="waiting", wait_reason__in=STUCK)

    def unsettled(self):
        return self.exclude(state="terminated")


class Service(TrackedModel):
    """The technical side of a subscription. What should be is asked of billing; what is stands here."""

    #: What other nouns' lists read of it.
    BRIEF = ("domain", "username", "state")

    STATE_CHOICES = [
        ("waiting", _("Waiting")),
        ("setting_up", _("Being set up")),
        ("live", _("Online")),
        ("suspended", _("Suspended")),
        ("terminated", _("Terminated")),
        ("review", _("Needs a person")),
    ]
    WAIT_CHOICES = [
        ("", ""),
        ("payment", _("Waits for payment")),
        ("staff", _("Waits for staff to start it")),
        ("servers_full", _("Waits for room on a server")),
        ("never", _("Is delivered by hand")),
        ("setting", _("The product names no server group or plan")),
    ]
    TRANSITIONS = {
        "waiting": {"setting_up", "live", "terminated", "review"},
        "setting_up": {"waiting", "live", "terminated", "review"},
        "live": {"suspended", "terminated", "review"},
        "suspended": {"live", "terminated", "review"},
        "review": {"waiting", "setting_up", "live", "suspended", "terminated"},
        "terminated": {"waiting"},
    }

    subscription = models.OneToOneField("billing.Subscription", models.PROTECT, related_name="service")
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="services")
    group = models.ForeignKey(
        "provisioning.ServerGroup", models.PROTECT, null=True, blank=True, related_name="services"
    )
    server = models.ForeignKey("provisioning.Server", models.PROTECT, null=True, blank=True, related_name="services")
    # Whether this row counts in server.account_count: set and cleared in the same transaction as the counter.
    holds_slot = models.BooleanField(default=False, editable=False)
    state = models.CharField(max_length=12, choices=STATE_CHOICES, default="waiting", db_index=True)
    wait_reason = models.CharField(max_length=16, choices=WAIT_CHOICES, default="", blank=True)
    # One sentence for staff when something is not as it should be; blank when all is well.
    attention = models.TextField(blank=True)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    username = models.CharField(_("user name"), max_length=32, blank=True)
    password = EncryptedTextField(blank=True, default="")
    plan = models.CharField(_("plan"), max_length=120, blank=True)
    # Set by staff: this plan instead of the product's.
    plan_override = models.CharField(max_length=120, blank=True)
    remote_id = models.CharField(max_length=120, blank=True)
    # Ours, given to panels that can keep it (Plesk external-id): tells our account from a namesake.
    external_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # False for an account made or moved by hand: the panel knows it by user name and domain alone.
    bears_id = models.BooleanField(default=True, editable=False)
    # The reason text we gave the panel; another text there means that somebody else suspended it.
    # The limits that the panel was told beyond its plan's: {"disk_mb": 51200}.
    limits = models.JSONField(default=dict, blank=True)
    suspend_reason = models.CharField(max_length=200, blank=True)
    suspended_elsewhere = models.CharField(max_length=200, blank=True)
    cancelled_setup = models.BooleanField(
        default=False, help_text="Staff stopped the set-up; only staff start it again."
    )
    staff_started_at = models.DateTimeField(null=True, blank=True)
    setting_up_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    terminated_at = models.DateTimeField(null=True, blank=True)
    terminate_after = models.DateTimeField(null=True, blank=True)
    usage = models.JSONField(default=dict, blank=True)
    usage_at = models.DateTimeField(null=True, blank=True)

    objects = ServiceQuerySet.as_manager()
    SEARCH = Words("provisioning_service_words", "domain", "username")

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            models.UniqueConstraint(
                fields=["server", "username"],
                condition=~Q(state="terminated") & ~Q(username=""),
                name="provisioning_one_username_per_server",
            ),
            models.CheckConstraint(
                condition=Q(holds_slot=False) | Q(server__isnull=False), name="provisioning_slot_has_server"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="provisioning_service_list"),
            models.Index(fields=["state", "created_at", "id"], name="provisioning_service_by_state"),
            models.Index(
                fields=["created_at"],
                name="provisioning_service_trouble",
                condition=~Q(attention="") & ~Q(state="terminated"),
            ),
            models.Index(
                fields=["created_at"],
                name="provisioning_service_stuck",
                condition=Q(state="waiting", wait_reason__in=STUCK),
            ),
            models.Index(OpClass(Upper("plan"), "text_pattern_ops"), name="provisioning_service_by_plan"),
            models.Index(fields=["domain"]),
            models.Index(fields=["client", "state"]),
        ]

    def __str__(self):
        return self.shown_domain or self.username or f"#{self.pk}"

    def get_absolute_url(self):
        return address("provisioning_staff:service_detail", self.pk)

    @property
    def state_words(self):
        """State as (kind, words, rest)."""
        if self.state == "waiting":
            return ("pending", self.get_wait_reason_display() or _("Waiting"))
        kind = {
            "setting_up": "running",
            "live": "ok",
            "suspended": "paused",
            "terminated": "ended",
            "review": "attention",
        }[self.state]
        if self.state == "live" and self.attention:
            return ("attention", _("Online"), _("needs a look"))
        return (kind, self.get_state_display())

    @property
    def client_words(self):
        """State as the client reads it: what troubles staff is still "being set up" there."""
        if self.state == "waiting" and self.wait_reason == "payment":
            return ("pending", _("Waits for your payment"))
        if self.live_at is None and self.state != "terminated":
            return ("running", _("Being set up"))
        if self.state == "suspended":
            return ("paused", _("Offline"), _("suspended"))
        return ("ended", _("Ended")) if self.state == "terminated" else ("ok", _("Online"))

    @property
    def shown_domain(self):
        """The domain as people write it (U-label); stored as ASCII."""
        try:
            return idna.decode(self.domain) if "xn--" in self.domain else self.domain
        except (idna.IDNAError, UnicodeError):
            return self.domain

    @property
    def wanted_plan(self):
        """The panel plan this service is to have: staff's choice, else the customer's (an option called "plan"), else the
        product's."""
        if self.plan_override:
            return self.plan_override
        return str(self.chosen.get("plan") or self.subscription.product.provisioning.get("plan") or "")[:120]

    @property
    def chosen(self) -> dict:
        """What the customer chose among the product's options, by the option's key."""
        return values_for_panel(self.subscription)

    @property
    def wanted_limits(self) -> dict:
        """Limits of the account that options set, in MB; nothing where the plan's own hold."""
        found, chosen = {}, self.chosen
        for name in ("disk", "bandwidth"):
            for key, factor in ((f"{name}_mb", 1), (f"{name}_gb", 1024)):
                if str(chosen.get(key, "")).isdecimal():
                    found[f"{name}_mb"] = int(chosen[key]) * factor
        return found

    @property
    def has_account(self):
        """True once a panel confirmed the account and until it is removed."""
        return bool(self.server_id and self.live_at and self.state != "terminated")

    @property
    def open_operation(self):
        return self.operations.filter(state__in=["queued", "running", "unknown"]).first()

    @property
    def last_operation(self):
        return self.operations.order_by("-pk").first()
