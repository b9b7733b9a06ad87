"""What is known about a client for tax: a VAT number and what was answered about it, an exemption, where it lives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel

from .owned import owned


class TaxProfile(TrackedModel):
    """One per client that has a VAT number or an exemption. `tax_id` is the number that `state` speaks of; a client who
    changes it begins anew."""

    class State(models.TextChoices):
        NONE = "", _("No VAT number")
        WAITING = "waiting", _("Being checked")
        VALID = "valid", _("Valid")
        INVALID = "invalid", _("Not valid")
        MALFORMED = "malformed", _("Not written as a VAT number")
        FOREIGN = "foreign", _("Of another country than the address")
        UNANSWERED = "unanswered", _("The office did not answer")
        UNCHECKED = "unchecked", _("Cannot be checked")

    client = models.OneToOneField("clients.Client", models.CASCADE, related_name="tax_profile")
    tax_id = models.CharField(_("VAT number"), max_length=40, blank=True)
    state = models.CharField(_("VAT number"), max_length=12, choices=State, default=State.NONE, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    #: When it was found valid the last time; a later failure to ask leaves it.
    valid_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(_("proof"), max_length=80, blank=True)
    is_exempt = models.BooleanField(_("charged no tax"), default=False)
    exempt_reason = models.CharField(_("reason"), max_length=200, blank=True)
    exempt_until = models.DateField(_("last day"), null=True, blank=True)

    objects = owned("clients.client.view")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("tax status")
        verbose_name_plural = _("tax statuses")
        constraints = [
            models.CheckConstraint(
                name="billing_taxprofile_reason", condition=models.Q(is_exempt=False) | ~models.Q(exempt_reason="")
            )
        ]

    def __str__(self):
        return self.tax_id or str(self.client)

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        kinds = {"valid": "ok", "waiting": "running", "": "draft", "unchecked": "draft", "unanswered": "attention"}
        return (kinds.get(self.state, "failed"), self.get_state_display())

    @property
    def is_open(self) -> bool:
        """Whether a question about it is under way that may still change the tax."""
        return self.state in (self.State.WAITING, self.State.UNANSWERED) and self.valid_at is None


class TaxIdCheck(TrackedModel):
    """One question to an office about a VAT number, with its proof. Never changed once it is answered. Asked by a visitor at
    checkout it belongs to nobody, until the order makes it the client's."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being asked")
        VALID = "valid", _("Valid")
        INVALID = "invalid", _("Not valid")
        UNANSWERED = "unanswered", _("No answer")

    client = models.ForeignKey("clients.Client", models.CASCADE, null=True, blank=True, related_name="tax_id_checks")
    tax_id = models.CharField(_("VAT number"), max_length=40)
    requester = models.CharField(_("asked by"), max_length=40, blank=True, help_text=_("Our own VAT number."))
    checker = models.CharField(max_length=40, blank=True)
    state = models.CharField(_("answer"), max_length=12, choices=State, default=State.WAITING)
    request_id = models.CharField(_("proof"), max_length=80, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.JSONField(default=dict, blank=True)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)

    objects = owned("clients.client.view")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("VAT number check")
        verbose_name_plural = _("VAT number checks")
        indexes = [
            models.Index(fields=["client", "-id"], name="billing_taxidcheck_client"),
            models.Index(fields=["tax_id", "-id"], name="billing_taxidcheck_number"),
        ]

    def __str__(self):
        return self.tax_id

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        kinds = {"valid": "ok", "waiting": "running", "unanswered": "attention"}
        return (kinds.get(self.state, "failed"), self.get_state_display())


class LocationEvidence(TrackedModel):
    """Where a client is, as one sign of it says, stored when an order was placed. Two signs that agree prove the place of
    a consumer (Reg. 282/2011 Art. 24b, 24f)."""

    class Kind(models.TextChoices):
        ADDRESS = "address", _("Billing address")
        VAT_ID = "vat_id", _("VAT number")
        NETWORK = "network", _("Network address")
        PHONE = "phone", _("Phone number")
        CARD = "card", _("Bank of the card")

    client = models.ForeignKey("clients.Client", models.CASCADE, related_name="location_evidence")
    order = models.ForeignKey("billing.Order", models.CASCADE, null=True, blank=True, related_name="location_evidence")
    kind = models.CharField(_("sign"), max_length=10, choices=Kind)
    country = models.CharField(_("country"), max_length=2)
    detail = models.CharField(_("detail"), max_length=100, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("location evidence")
        verbose_name_plural = _("location evidence")
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="billing_locationevidence_once")
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.country}"


class TaxYear(TrackedModel):
    """A calendar year in which sales to consumers of other EU states passed the limit, and when."""

    year = models.PositiveSmallIntegerField(unique=True)
    passed_on = models.DateField()

    class Meta:
        ordering = ["-year"]
        verbose_name = _("tax year")
        verbose_name_plural = _("tax years")

    def __str__(self):
        return str(self.year)
