"""The back-up and restore of docs/operations.md, with the same programs and options."""

import os
import subprocess
from urllib.parse import urlsplit

import psycopg2
from django.db import connection

from bootlib.postgres import find_binaries


def test_a_restored_dump_holds_the_same_rows_and_rules(transactional_db, tmp_path):
    address = urlsplit(os.environ["DATABASE_URL"])
    environment = {**os.environ, "PGPASSWORD": address.password}
    where = ["-h", address.hostname, "-p", str(address.port), "-U", address.username]
    name = connection.settings_dict["NAME"]
    copy, dump = f"{name}_restored", tmp_path / "hostbill.dump"

    def run(program, *arguments):
        subprocess.run([find_binaries() / program, *where, *arguments], env=environment, check=True, timeout=120)

    run("pg_dump", "-Fc", "-f", str(dump), name)
    run("dropdb", "--if-exists", copy)
    run("createdb", copy)
    try:
        run("pg_restore", "-d", copy, "--no-owner", "--exit-on-error", str(dump))
        assert inventory(copy) == inventory(name)
    finally:
        run("dropdb", "--force", copy)


def inventory(database: str) -> dict:
    """Tables with their number of migrations applied, and every trigger and constraint by name."""
    with (
        psycopg2.connect(os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{database}") as other,
        other.cursor() as cursor,
    ):
        found = {}
        for label, query in {
            "tables": "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
            "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
            "constraints": "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1",
            "migrations": "SELECT app, name FROM django_migrations ORDER BY 1, 2",
        }.items():
            cursor.execute(query)
            found[label] = cursor.fetchall()
    assert found["tables"]
    assert found["migrations"]
    return found
