"""manage.py migrate, one at a time: several machines may be brought up in the same moment."""

from contextlib import contextmanager

from django.core.management.commands import migrate
from django.db import connections

#: Any number, the same everywhere.
LOCK = 4_670_813


class Command(migrate.Command):
    """Django's own, while nobody else does it; who comes second waits, and finds nothing left to do."""

    def handle(self, *args, **options):
        with _alone(options["database"]):
            return super().handle(*args, **options)


@contextmanager
def _alone(alias: str):
    """Holds an advisory lock in a transaction of a connection of its own: that works behind a pooler too."""
    connection = connections[alias].copy()
    try:
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
    finally:
        connection.close()
