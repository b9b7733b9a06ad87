"""Base of business models: timestamps, and the values as loaded so that audit() can tell what changed."""

from functools import lru_cache

from django.db import models
from django.db.models.base import ModelState
from django.utils.encoding import force_str

from hostbill.core import clock
from hostbill.core.secrets import EncryptedJSONField, EncryptedTextField


@lru_cache(maxsize=500)
def _labels(field) -> dict:
    """Words of a field's choices, not yet translated."""
    return dict(field.flatchoices)


class TrackedModel(models.Model):
    """created_at and updated_at in UTC; ``loaded`` holds the field values as they were read."""

    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        """Django's own way through ``__init__`` sets each column by itself and takes five times as long; lists and jobs
        read hundreds of rows at once. No model here has an ``__init__`` or listens to ``pre_init`` or ``post_init``."""
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        row.loaded = dict(zip(field_names, values, strict=True))
        row.__dict__.update(row.loaded)
        return row

    def _get_FIELD_display(self, field):
        """Behind every ``get_<field>_display()``. Django puts the dictionary of the choices together for each value."""
        value = getattr(self, field.attname)
        return force_str(_labels(field).get(value, value), strings_only=True)

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
