"""What is sold: groups of products and the products themselves."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel

from .tax import TaxClass


class SetupOn(models.TextChoices):
    """The moment at which what was bought is set up."""

    ORDER = "order", _("As soon as it is ordered")
    PAYMENT = "payment", _("When the first invoice is paid")
    STAFF = "staff", _("When staff accept the order")
    NEVER = "never", _("Never (nothing to set up)")


class ChangeTo(models.TextChoices):
    """Which products somebody who has one may change to."""

    GROUP = "group", _("Every product on sale in its group")
    LISTED = "listed", _("Only the products listed")
    NONE = "none", _("None")


class ProductGroup(TrackedModel):
    """A shelf of the store: products that a visitor compares side by side."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address part"), max_length=80, unique=True)
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    sort = models.PositiveIntegerField(_("order"), default=0)
    is_hidden = models.BooleanField(_("hidden"), default=False)

    class Meta:
        ordering = ["sort", "name"]
        verbose_name = _("product group")
        verbose_name_plural = _("product groups")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:product_group_edit", self.pk)


class ProductQuerySet(models.QuerySet):
    """Finding products."""

    def on_sale(self):
        """What a visitor may see and buy; sold-out products stay visible."""
        return self.filter(is_hidden=False, is_retired=False, group__is_hidden=False)

    def alone(self):
        """What is bought by itself: no addons."""
        return self.filter(parents=None)

    def visible_to(self, actor):
        """Staff who may see the catalogue see all, everybody else what is on sale."""
        return self if actor.may("billing.product.view") else self.on_sale()


class Product(TrackedModel):
    """One thing that can be ordered. `kind` names a registered `billing.kinds.ProductKind`."""

    #: What other nouns' lists read of it.
    BRIEF = ("name", "kind")

    kind = models.CharField(_("kind"), max_length=40, default="hosting")
    group = models.ForeignKey(ProductGroup, models.PROTECT, related_name="products", verbose_name=_("group"))
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address part"), max_length=80, unique=True)
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    faq = models.TextField(
        _("questions and answers"),
        blank=True,
        help_text=_(
            "On the plan's own page: the question on a line of its own, its answer below, an empty line between them."
        ),
    )
    features = models.JSONField(_("features"), default=list, blank=True, help_text=_("One line each on the plan card."))
    setup_on = models.CharField(_("set up"), max_length=10, choices=SetupOn, default=SetupOn.PAYMENT)
    tax_class = models.CharField(_("tax class"), max_length=20, choices=TaxClass, default=TaxClass.STANDARD)
    provisioning = models.JSONField(_("provisioning"), default=dict, blank=True)
    stock = models.PositiveIntegerField(
        _("in stock"), null=True, blank=True, help_text=_("How many can still be sold; empty means no limit.")
    )
    change_to = models.CharField(_("clients may change to"), max_length=10, choices=ChangeTo, default=ChangeTo.GROUP)
    change_targets = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="change_sources", verbose_name=_("products to change to")
    )
    is_hidden = models.BooleanField(_("hidden from the store"), default=False)
    is_retired = models.BooleanField(_("no longer sold"), default=False)
    is_featured = models.BooleanField(_("recommended"), default=False)
    sort = models.PositiveIntegerField(_("order"), default=0)
    max_quantity = models.PositiveIntegerField(
        _("most in one line"), default=1, help_text=_("1: the store asks for no quantity.")
    )
    parents = models.ManyToManyField(
        "self",
        symmetrical=False,
        related_name="addons",
        blank=True,
        verbose_name=_("addon of"),
        help_text=_("Sold only together with one of these, or later to whoever has one of them."),
    )
    follows_parent = models.BooleanField(
        _("paid in the cycle of its parent"), default=False, help_text=_("An addon's periods then end with its parent's.")
    )
    bill_day = models.PositiveSmallIntegerField(
        _("fixed billing day"),
        null=True,
        blank=True,
        help_text=_("Day of the month on which periods begin (31: the last); the first one is shorter. Empty: day of the order."),
    )
    charge_next_from_day = models.PositiveSmallIntegerField(
        _("charge the next period too, from day"),
        null=True,
        blank=True,
        help_text=_("Orders on or after this day of the month pay the short first period and the next one together."),
    )
    trial_days = models.PositiveSmallIntegerField(
        _("days free of charge at first"), default=0, help_text=_("Once per customer. Paid periods begin when they are over.")
    )
    cycles_limit = models.PositiveSmallIntegerField(
        _("ends after so many periods"), null=True, blank=True, help_text=_("Empty: it is renewed until somebody cancels it.")
    )
    terminate_after_days = models.PositiveIntegerField(
        _("ends after so many days"), null=True, blank=True, help_text=_("Counted from the first day, whatever was paid.")
    )

    setup_refund_days = models.PositiveSmallIntegerField(
        _("set-up fee goes back, days"),
        null=True,
        blank=True,
        help_text=_(
            "Whoever cancels at once within so many days of the first one, and gets the unused time back, gets the set-up fees back too. "
            "Empty: never."
        ),
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["group__sort", "sort", "name"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(
                name="billing_product_setup_on", condition=models.Q(setup_on__in=["order", "payment", "staff", "never"])
            ),
            models.CheckConstraint(
                name="billing_product_days",
                condition=(models.Q(bill_day=None) | models.Q(bill_day__gte=1, bill_day__lte=31))
                & (models.Q(charge_next_from_day=None) | models.Q(charge_next_from_day__gte=1, charge_next_from_day__lte=31)),
            ),
            models.CheckConstraint(
                name="billing_product_limits",
                condition=models.Q(max_quantity__gte=1, max_quantity__lte=1000)
                & (models.Q(cycles_limit=None) | models.Q(cycles_limit__gte=1))
                & (models.Q(terminate_after_days=None) | models.Q(terminate_after_days__gte=1)),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where staff change it."""
        return address("billing_staff:product_edit", self.pk)

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens: whether visitors can buy it."""
        if self.is_retired:
            return ("ended", _("No longer sold"))
        if self.is_hidden:
            return ("draft", _("Hidden from the store"))
        return ("attention", _("Sold out")) if self.is_sold_out else ("ok", _("On sale"))

    def get_store_url(self) -> str:
        """Its page in the shop."""
        return reverse("store:product", args=[self.group.slug, self.slug])

    @property
    def is_sold_out(self) -> bool:
        """True when a limited stock has run out."""
        return self.stock == 0
