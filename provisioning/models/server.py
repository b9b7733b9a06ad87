"""Servers and the groups a product is set up in."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel

STAFF_VIEW = "provisioning.server.view"


class ServerGroupQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Servers are the house's own business: staff with the right see all, others none."""
        return self if actor.may(STAFF_VIEW) else self.none()


class ServerGroup(TrackedModel):
    """Interchangeable servers. New accounts go to the one the fill rule picks."""

    FILL_CHOICES = [
        ("least_full", _("Least full first: spread the load")),
        ("fill_first", _("Fill one before the next")),
    ]

    name = models.CharField(_("name"), max_length=80, unique=True)
    fill = models.CharField(_("fill rule"), max_length=16, choices=FILL_CHOICES, default="least_full")
    # Set when staff were told that all servers are full; cleared when a slot frees, so that they are told once.
    full_alerted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ServerGroupQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("server group")
        verbose_name_plural = _("server groups")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("provisioning_staff:group_edit", self.pk)


class ServerQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self if actor.may(STAFF_VIEW) else self.none()

    def open_for_new(self):
        """Servers that may take one more account now."""
        room = Q(max_accounts__isnull=True) | Q(account_count__lt=F("max_accounts"))
        return self.filter(room, is_active=True, full_since__isnull=True, stopped_since__isnull=True)

    def by_fill(self, fill):
        """In the order in which the group's rule wants them used."""
        if fill == "fill_first":
            return self.order_by("sort", "pk")
        full = models.ExpressionWrapper(
            F("account_count") * 10000 / F("max_accounts"), output_field=models.IntegerField()
        )
        return self.annotate(fullness=full).order_by(
            F("fullness").asc(nulls_first=True), "account_count", "sort", "pk"
        )


class Server(TrackedModel):
    """One panel we create accounts on. `account_count` is reserved in the transaction that assigns a service."""

    #: What other nouns' lists read of it.
    BRIEF = ("name", "hostname")

    HEALTH_CHOICES = [("unknown", _("Not tested yet")), ("well", _("Well")), ("problem", _("Problem"))]

    name = models.CharField(_("name"), max_length=80, unique=True)
    hostname = models.CharField(_("host name"), max_length=253)
    group = models.ForeignKey(ServerGroup, models.PROTECT, related_name="servers", verbose_name=_("group"))
    module_config = models.ForeignKey(
        "core.ModuleConfig", models.PROTECT, related_name="+", verbose_name=_("panel connection")
    )
    panel_url = models.URLField(_("panel address for clients"), blank=True)
    webmail_url = models.URLField(_("webmail address for clients"), blank=True)
    nameservers = models.JSONField(_("name servers"), default=list, blank=True)
    ip_address = models.GenericIPAddressField(_("main IP address"), null=True, blank=True)
    max_accounts = models.PositiveIntegerField(_("most accounts"), null=True, blank=True)
    account_count = models.PositiveIntegerField(_("accounts"), default=0, editable=False)
    sort = models.PositiveSmallIntegerField(_("order in the group"), default=0)
    is_active = models.BooleanField(_("takes new accounts"), default=True)
    # The panel itself said "licence full"; cleared by a health test that sees room or by a terminated account.
    full_since = models.DateTimeField(null=True, blank=True, editable=False)
    # Our credentials were refused: no call until staff mend them, or the panel locks our address out.
    stopped_since = models.DateTimeField(null=True, blank=True, editable=False)
    health = models.CharField(max_length=8, choices=HEALTH_CHOICES, default="unknown", editable=False)
    version = models.CharField(max_length=80, blank=True, editable=False)
    missing_rights = models.JSONField(default=list, blank=True, editable=False)
    last_ok_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ServerQuerySet.as_manager()

    class Meta:
        ordering = ["group__name", "sort", "name"]
        verbose_name = _("server")
        verbose_name_plural = _("servers")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("provisioning_staff:server_detail", self.pk)

    @property
    def state_words(self):
        """State as (kind, words, rest)."""
        if self.stopped_since:
            return ("failed", _("Access refused"), _("no calls until it is mended"))
        if self.health == "problem":
            return ("failed", _("Does not answer well"), self.last_error[:80])
        if self.full_since or (self.max_accounts is not None and self.account_count >= self.max_accounts):
            return ("attention", _("Full"))
        if not self.is_active:
            return ("draft", _("Takes no new accounts"))
        return ("ok", _("Well")) if self.health == "well" else ("draft", _("Not tested yet"))

    @property
    def lane(self):
        """Name of the outgoing lane: one queue, limit and circuit breaker per server."""
        return f"server:{self.pk}"

    @property
    def has_room(self):
        if not self.is_active or self.full_since or self.stopped_since:
            return False
        return self.max_accounts is None or self.account_count < self.max_accounts

    @property
    def free_slots(self):
        """How many more accounts fit; None when there is no limit of ours."""
        return None if self.max_accounts is None else max(0, self.max_accounts - self.account_count)

    def record_ok(self, version=""):
        self.health, self.last_ok_at, self.last_error, self.stopped_since = "well", clock.now(), "", None
        self.version = version or self.version

    def record_problem(self, message):
        self.health, self.last_error, self.last_error_at = "problem", message, clock.now()
