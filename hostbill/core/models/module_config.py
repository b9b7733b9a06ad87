"""A configured copy of a driver: two Stripe accounts are two rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from hostbill.core.models.tracked import TrackedModel
from hostbill.core.secrets import EncryptedJSONField


class ModuleConfig(TrackedModel):
    """``kind`` is gateway, panel, ...; ``driver`` a key of that kind's registry. Secrets are encrypted at rest."""

    #: What other nouns' lists read of it.
    BRIEF = ("kind", "driver", "label")

    kind = models.CharField(max_length=30)
    driver = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    config = models.JSONField(default=dict)
    secrets = EncryptedJSONField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)
    tested_at = models.DateTimeField(null=True)
    test_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "label"], name="core_module_label"),
            models.UniqueConstraint(fields=["kind"], condition=Q(is_default=True), name="core_module_one_default"),
        ]

    def __str__(self):
        """For readers: a label that is a word of ours ("Card") in their language, any other as it was written."""
        return gettext(self.label)
