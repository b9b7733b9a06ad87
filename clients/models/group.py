"""Groups of clients: who pays other prices."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel


class ClientGroup(TrackedModel):
    """Clients who are treated alike: resellers, friends, schools. Price lists may be made for a group."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    discount_percent = models.DecimalField(
        _("discount in percent"),
        max_digits=7,
        decimal_places=4,
        default=Decimal(0),
        help_text=_("Taken off every recurring price and set-up fee, as a line of its own. 0: none."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("client group")
        verbose_name_plural = _("client groups")
        constraints = [
            models.CheckConstraint(
                name="clients_group_discount",
                condition=models.Q(discount_percent__gte=0, discount_percent__lte=100),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where staff change it."""
        return address("clients_staff:client_group_edit", self.pk)
