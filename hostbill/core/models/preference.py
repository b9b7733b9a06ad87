"""What a person arranged for themselves on a screen; nobody else sees it, so it is not in the change log."""

from django.conf import settings
from django.db import models


class Preference(models.Model):
    """One arrangement of one person, e.g. the cards of the home page."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="core_preference_once")]

    def __str__(self):
        return f"{self.user_id} {self.key}"
