"""Statements of account that were sent: each month of an account once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hostbill.core.models import TrackedModel

from .account import Account


class StatementSent(TrackedModel):
    """The statement from `first` to `last`, both days included; its PDF is rendered when the mail leaves."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="statements_sent")
    first = models.DateField()
    last = models.DateField()

    class Meta:
        ordering = ["-first"]
        verbose_name = _("statement sent")
        verbose_name_plural = _("statements sent")
        constraints = [models.UniqueConstraint(fields=["account", "first", "last"], name="billing_statementsent_once")]

    def __str__(self):
        return f"{self.account} {self.first} {self.last}"
