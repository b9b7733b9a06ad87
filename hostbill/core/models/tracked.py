"""Base of business models: timestamps, and the values as loaded so that audit() can tell what changed."""

from django.db import models

from hostbill.core import clock
from hostbill.core.secrets import EncryptedJSONField, EncryptedTextField


class TrackedModel(models.Model):
    """created_at and updated_at in UTC; ``loaded`` holds the field values as they were read."""

    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row.loaded = row.__dict__.copy()  # lists read thousands of rows and ask none of them what changed
        return row

    def field_values(self) -> dict:
        """Plain values of the loaded, non-secret columns."""
        deferred = self.get_deferred_fields()
        return {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.attname not in deferred
            and field.attname != "updated_at"
            and not isinstance(field, EncryptedTextField | EncryptedJSONField)
        }

    def changed_fields(self) -> dict:
        """{field: [before, after]} since the row was read or last audited, as text-able values."""
        before, after = getattr(self, "loaded", {}), self.field_values()
        return {k: [before.get(k), v] for k, v in after.items() if before.get(k) != v}

    def save(self, *args, **kwargs):
        self.updated_at = clock.now()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "updated_at"}
        super().save(*args, **kwargs)
