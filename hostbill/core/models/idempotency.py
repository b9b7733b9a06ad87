"""Keys by which a program's act is done once, however often it is sent."""

from datetime import timedelta

from django.conf import settings
from django.db import models

from hostbill.core import clock

#: So long a key means what it meant first.
KEPT = timedelta(days=7)


class IdempotencyKey(models.Model):
    """Written in the transaction of the act, with its answer. ``fingerprint``: what was asked; ``answer``: the body as it was sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="core_idempotency_once")]

    def __str__(self):
        return self.key
