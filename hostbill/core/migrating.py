"""Operations for migrations that are not atomic: what an interrupted run left half done must not stop the next."""

from django.contrib.postgres import operations


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Django's own, after dropping what is there of it: an index whose making was interrupted stays behind, unusable."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """A second run begins anew."""
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
