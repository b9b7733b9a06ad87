"""Gapless counters."""

from django.db import models


class Sequence(models.Model):
    """One number series; ``last`` is the last number given."""

    name = models.CharField(max_length=80, primary_key=True)
    last = models.BigIntegerField(default=0)

    def __str__(self):
        return f"{self.name}: {self.last}"
