"""Stored values of options; the declaration is in code (core.options)."""

from django.db import models

from hostbill.core.secrets import EncryptedJSONField


class Setting(models.Model):
    """One option's value. Secret options use ``secret`` only."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField(null=True)
    secret = EncryptedJSONField(null=True)

    def __str__(self):
        return self.key
