"""manage.py migrate, one at a time, since several machines may be brought up in the same moment; and each migration whole,
since each may be killed."""

import time
from contextlib import contextmanager, nullcontext

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

#: Any number, the same everywhere.
LOCK = 4_670_813
PAUSE = 0.5  # seconds


class WholeMigrations(MigrationExecutor):
    """Django notes some migrations after their transaction: killed between the two, such a one could never be run again."""

    def apply_migration(self, state, migration, fake=False, fake_initial=False):
        """The changes and the note about them in one transaction."""
        whole = transaction.atomic(using=self.connection.alias) if migration.atomic else nullcontext()
        with whole:
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)


class Command(migrate.Command):
    """Django's own, while nobody else does it; who comes second waits, and finds nothing left to do."""

    def handle(self, *args, **options):
        migrate.MigrationExecutor = WholeMigrations
        with _alone(options["database"]):
            return super().handle(*args, **options)


@contextmanager
def _alone(alias: str):
    """Holds an advisory lock in a transaction of a connection of its own: that works behind a pooler too.

    Who waits asks again and again instead of standing in line: a waiting statement would keep an index that is made
    concurrently from ever being finished."""
    connection = connections[alias].copy()
    try:
        connection.set_autocommit(False)
        while not _take(connection):
            time.sleep(PAUSE)
        yield
    finally:
        connection.close()


def _take(connection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (taken,) = cursor.fetchone()
    if not taken:
        connection.rollback()
    return taken
