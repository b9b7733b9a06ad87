"""Client accounts: who is served and billed."""

from django.contrib.postgres.indexes import OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel
from hostbill.core.search import Words

from .electronic import EInvoiceWish, check_electronic_address
from .group import ClientGroup


class ClientQuerySet(models.QuerySet):
    """Clients by state and by who may see them."""

    def active(self):
        """Accounts that may order and be billed."""
        return self.filter(status=Client.Status.ACTIVE)

    def visible_to(self, actor):
        """Staff with the right see all; a client sees the accounts it belongs to; others none."""
        if actor.may("clients.client.view"):
            return self
        if actor.kind == "client":
            return self.filter(pk__in=actor.client_ids)
        return self.none()


class Client(TrackedModel):
    """A person or company that buys. Logins reach it through memberships; money hangs on billing.Account."""

    #: What other nouns' lists read of it.
    BRIEF = ("number", "company", "first_name", "last_name", "native_name")

    class Status(models.TextChoices):
        """Life of the account."""

        ACTIVE = "active", _("Active")
        CLOSED = "closed", _("Closed")

    number = models.CharField(_("number"), max_length=20, unique=True)
    company = models.CharField(_("company"), max_length=150, blank=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    native_name = models.CharField(_("name in own script"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail address"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    address1 = models.CharField(_("address"), max_length=150, blank=True)
    address2 = models.CharField(_("address, second line"), max_length=150, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    state = models.CharField(_("state or region"), max_length=100, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    country = CountryField(_("country"), blank=True)
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    currency = models.CharField(
        _("currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, as EUR."))]
    )
    group = models.ForeignKey(
        ClientGroup, models.PROTECT, null=True, blank=True, related_name="clients", verbose_name=_("group")
    )
    einvoice = models.CharField(
        _("e-invoice"), max_length=20, blank=True, choices=EInvoiceWish, help_text=_("As usual: the way we send all invoices.")
    )
    buyer_reference = models.CharField(
        _("buyer reference"),
        max_length=100,
        blank=True,
        help_text=_("Stands on e-invoices: the Leitweg-ID of a German authority, a cost centre, an order number."),
    )
    electronic_address = models.CharField(
        _("electronic address"),
        max_length=96,
        blank=True,
        validators=[check_electronic_address],
        help_text=_("Where e-invoices are delivered, such as a Peppol participant: 9930:DE123456789. Empty: by mail."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, db_index=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    # What was left when all that was its became another client's; that one itself was never merged.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_clients", verbose_name=_("merged into")
    )
    merged_at = models.DateTimeField(_("merged at"), null=True, blank=True)

    objects = ClientQuerySet.as_manager()
    SEARCH = Words(
        "clients_client_words", "company", "first_name", "last_name", "native_name", "email", "phone", "tax_id"
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        indexes = [
            models.Index(fields=["created_at", "id"], name="clients_client_list"),
            models.Index(fields=["status", "created_at", "id"], name="clients_client_status_list"),
            models.Index(fields=["company", "id"], name="clients_client_by_company"),
            models.Index(fields=["country"], name="clients_client_by_country"),
            models.Index(OpClass(Upper("city"), "text_pattern_ops"), name="clients_client_by_city"),
            models.Index(fields=["email"]),
            models.Index(fields=["last_name", "first_name"]),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="clients_client_currency"),
            models.CheckConstraint(
                condition=~models.Q(company="", first_name="", last_name=""), name="clients_client_has_a_name"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(status="closed", merged_at__isnull=False),
                name="clients_client_merged_is_closed",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """The staff page of this client, of one that was merged that of the kept one."""
        return address("clients_staff:client_detail", self.merged_into_id or self.pk)

    @property
    def heir(self):
        """Who has what is this client's: itself, or whom it was merged into."""
        return self.merged_into or self

    @property
    def person_name(self):
        """First and last name, or an empty text."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def name(self):
        """Company, else the person."""
        return self.company or self.person_name

    @property
    def is_closed(self):
        """True when nothing new may be sold to the account."""
        return self.status == self.Status.CLOSED

    @property
    def state_words(self):
        """State as (kind, words)."""
        if self.merged_into_id:
            return ("ended", _("Merged"))
        return ("ended", _("Closed")) if self.is_closed else ("ok", _("Active"))

    @property
    def address_lines(self):
        """The postal address as printed lines, without the name."""
        town = " ".join(part for part in (self.postcode, self.city) if part)
        country = self.country.name if self.country else ""
        return [line for line in (self.address1, self.address2, town, self.state, str(country)) if line]

    def recipients(self, area):
        """Who gets mail about `area`, as (email, name, language): the account's own address first, then the
        members and contacts who have the area; each address once."""
        found = {self.email.lower(): (self.email, self.person_name or self.name, self.language)}
        for membership in self.memberships.select_related("user").order_by("pk"):
            user = membership.user
            if user.is_active and membership.has_area(area):
                found.setdefault(user.email.lower(), (user.email, user.label, user.language))
        for contact in self.contacts.order_by("pk"):
            if area in contact.areas:
                found.setdefault(contact.email.lower(), (contact.email, contact.name, contact.language))
        return list(found.values())
