"""Logins. A user is a person who signs in; a client is the account that is billed."""

import zoneinfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel
from hostbill.core.search import Words

from .staff_role import StaffRole

UNLOGGED = frozenset({"password", "last_login"})


class UserQuerySet(models.QuerySet):
    """Users by who may see them."""

    def staff(self):
        """People who work here."""
        return self.filter(is_staff=True)

    def visible_to(self, actor):
        """Staff with the right see everybody; a client sees the people of its accounts; others nobody."""
        if actor.may("clients.user.view"):
            return self
        if actor.kind == "client":
            return self.filter(memberships__client_id__in=actor.clients_with("account")).distinct()
        return self.none()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Creates users by e-mail address, which is kept in lower case."""

    def get_by_natural_key(self, email):
        """Find by e-mail, whatever its case."""
        return self.get(email=(email or "").strip().lower())

    def create_user(self, email, password=None, **fields):
        """Save a user; without a password only a reset link opens the account."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """Save a user who may do everything, for `manage.py createsuperuser`."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(TrackedModel, AbstractBaseUser):
    """A person who signs in, by e-mail and password; may reach several client accounts."""

    #: What other nouns' lists read of it.
    BRIEF = ("email", "name", "is_staff")

    class Theme(models.TextChoices):
        """Colour scheme of the screens."""

        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("e-mail address"), unique=True, error_messages={"unique": _("This address is in use.")})
    name = models.CharField(_("name"), max_length=150, blank=True)
    native_name = models.CharField(_("name in own script"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("works here"), default=False)
    is_superuser = models.BooleanField(_("may do everything"), default=False)
    roles = models.ManyToManyField(StaffRole, verbose_name=_("roles"), related_name="users", blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    SEARCH = Words("clients_user_words", "email", "name", "native_name")

    class Meta:
        ordering = ["email"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        indexes = [models.Index(fields=["email", "id"], name="clients_user_staff", condition=models.Q(is_staff=True))]
        constraints = [models.UniqueConstraint(Lower("email"), name="clients_user_email_once")]

    def __str__(self):
        return self.label

    def clean(self):
        """Keep addresses in lower case, also in model forms."""
        super().clean()
        self.email = (self.email or "").strip().lower()

    def save(self, *args, **kwargs):
        """Addresses are compared in lower case everywhere, so they are stored so."""
        self.email = (self.email or "").strip().lower()
        super().save(*args, **kwargs)

    def field_values(self):
        """The password's hash and the last sign-in stay out of the change log."""
        return {field: value for field, value in super().field_values().items() if field not in UNLOGGED}

    @property
    def label(self):
        """How others see the person: the name, else the address."""
        return self.name or self.email

    def get_full_name(self):
        """The person's name, as Django and allauth ask for it."""
        return self.label

    def get_short_name(self):
        """First word of the name, for greetings."""
        return self.label.split(" ")[0]

    def get_absolute_url(self):
        """The staff form of a colleague; clients' people have none of their own."""
        return address("clients_staff:user_edit", self.pk) if self.is_staff else ""

    @property
    def state_words(self):
        """State as (kind, words)."""
        return ("ok", _("May sign in")) if self.is_active else ("ended", _("Switched off"))

    @property
    def role_names(self):
        """The roles in one line."""
        if self.is_superuser:
            return _("Everything")
        return ", ".join(role.name for role in self.roles.all())

    @property
    def zone(self):
        """The person's time zone, or None for the seller's."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return None

    def has_perm(self, perm, obj=None):
        """For Django's own admin only: superusers."""
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label):
        """For Django's own admin only: superusers."""
        return self.is_active and self.is_superuser
