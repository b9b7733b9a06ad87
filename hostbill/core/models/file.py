"""Uploaded files: kept outside the static tree, served as downloads only."""

import os
import uuid

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models

from hostbill.core import clock


class _Uploads(FileSystemStorage):
    """Reads its place from the settings each time, so that tests can have their own."""

    @property
    def base_location(self):
        return settings.UPLOAD_ROOT

    @property
    def location(self):
        return os.path.abspath(settings.UPLOAD_ROOT)


def _storage():
    return _Uploads()


def _path(instance, filename):
    """A random name: nothing the uploader chose reaches the file system."""
    return f"{instance.token.hex[:2]}/{instance.token.hex}"


class File(models.Model):
    """``name`` is what the uploader called it; the stored name is random."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.FileField(upload_to=_path, storage=_storage)
    owner_kind = models.CharField(max_length=60)
    owner_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["owner_kind", "owner_id"], name="core_file_owner")]

    def __str__(self):
        return self.name
