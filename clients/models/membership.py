"""Which login reaches which client account, with which rights; and invitations to become one."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.models import TrackedModel

from .client import Client


class Area(models.TextChoices):
    """Parts of the client area a member may be let into."""

    BILLING = "billing", _("Invoices and payment")
    SERVICES = "services", _("Services")
    SUPPORT = "support", _("Tickets")
    ACCOUNT = "account", _("Account and people")


ALL_AREAS = tuple(Area.values)


class MembershipQuerySet(models.QuerySet):
    """Memberships by who may see them."""

    def visible_to(self, actor):
        """Staff who see clients see all; a client those of the accounts it manages."""
        if actor.may("clients.client.view"):
            return self
        if actor.kind == "client":
            return self.filter(client_id__in=actor.clients_with("account"))
        return self.none()


class Membership(TrackedModel):
    """A user's rights in a client account; the owner has all of them, and each account has at most one owner."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, models.CASCADE, related_name="memberships")
    areas = models.JSONField(_("may use"), default=list, blank=True)
    is_owner = models.BooleanField(_("owner"), default=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["-is_owner", "pk"]
        verbose_name = _("person with a login")
        verbose_name_plural = _("people with a login")
        constraints = [
            models.UniqueConstraint(fields=["user", "client"], name="clients_membership_once"),
            models.UniqueConstraint(fields=["client"], condition=models.Q(is_owner=True), name="clients_one_owner"),
        ]

    def __str__(self):
        return f"{self.user} · {self.client}"

    @property
    def granted_areas(self):
        """The areas this member really has, as a frozenset."""
        return frozenset(ALL_AREAS if self.is_owner else self.areas)

    @property
    def area_labels(self):
        """The granted areas in words, in the order of the list."""
        return [Area(area).label for area in ALL_AREAS if area in self.granted_areas]

    def has_area(self, area):
        """True when the member may use `area`; an empty area is open to every member."""
        return not area or area in self.granted_areas


class InvitationQuerySet(models.QuerySet):
    """Invitations by state and by who may see them."""

    def open(self, now=None):
        """Not accepted, not withdrawn, not too old (at that moment; default: now)."""
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now or clock.now())

    def visible_to(self, actor):
        """Same rule as for memberships."""
        if actor.may("clients.client.view"):
            return self
        if actor.kind == "client":
            return self.filter(client_id__in=actor.clients_with("account"))
        return self.none()


class Invitation(TrackedModel):
    """A person asked by mail to join a client account. The link carries a signed id; the row says whether it works."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    areas = models.JSONField(_("may use"), default=list)
    invited_by = models.CharField(_("invited by"), max_length=150)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self):
        return self.email

    @property
    def is_open(self) -> bool:
        """True while the link works."""
        return not self.accepted_at and not self.withdrawn_at and self.expires_at > clock.now()

    @property
    def area_labels(self):
        """The areas offered, in words."""
        return [Area(area).label for area in ALL_AREAS if area in self.areas]
