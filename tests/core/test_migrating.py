"""A start that is killed in the middle of a migration can be started again; two starts at once migrate one after the other."""

from pathlib import Path
from threading import Thread

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from hostbill.core.management.commands import migrate
from hostbill.core.migrating import AddIndexConcurrently

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db(transaction=True)
def test_an_index_that_an_interrupted_run_left_is_made_anew():
    index = models.Index(fields=["series_number"], name="billing_invoice_by_number")
    operation = AddIndexConcurrently("invoice", index)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'billing_invoice_by_number'::regclass"
        )
        state = ProjectState.from_apps(apps)
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("billing", editor, state, state)
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'billing_invoice_by_number'::regclass")
        assert cursor.fetchone()[0]


def test_no_migration_makes_an_index_that_cannot_be_made_twice():
    sources = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("hostbill/*/migrations/*.py")]
    careless = "django.contrib.postgres.operations import AddIndexConcurrently"
    assert len(sources) > 10 and [path.name for path in sources if careless in path.read_text()] == []


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_migrations_waits(monkeypatch):
    monkeypatch.setattr(migrate, "PAUSE", 0.02)

    def second():
        call_command("migrate", verbosity=0)
        connection.close()

    with migrate._alone("default"):
        thread = Thread(target=second)
        thread.start()
        thread.join(1)
        assert thread.is_alive(), "it waits"
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_killed_between_a_migration_and_the_note_about_it(monkeypatch):
    """Neither of the two happened."""

    class Killed(BaseException):
        """The process ends here."""

    def die(self, app, name):
        raise Killed

    monkeypatch.setattr("django.db.migrations.recorder.MigrationRecorder.record_applied", die)
    executor = migrate.WholeMigrations(connection)
    migration = migrations.Migration("made_up", "billing")
    table = [
        ("id", models.BigAutoField(primary_key=True)),
        ("to", models.ForeignKey("billing.invoice", models.CASCADE)),
    ]
    migration.operations = [migrations.CreateModel("Passing", table)]
    with pytest.raises(Killed):
        executor.apply_migration(executor.loader.project_state(), migration)
    assert "billing_passing" not in connection.introspection.table_names()
