"""Fifty workers in five processes draw 2,000 numbers of two series and give every tenth back: no gap, no repeat."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS, EACH = 5, 10, 40


@pytest.mark.django_db(transaction=True)
def test_no_gap_and_no_repeat():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE race_numbers (series text, running int, number text)")
    try:
        _run()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT series, count(*), count(DISTINCT running), count(DISTINCT number), min(running), max(running), s.last "
                "FROM race_numbers JOIN core_sequence s ON s.name = series GROUP BY series, s.last"
            )
            rows = cursor.fetchall()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE race_numbers")
    assert sum(row[1] for row in rows) == PROCESSES * THREADS * EACH and len(rows) == 2
    for series, drawn, *found in rows:
        assert found == [drawn, drawn, 1, drawn, drawn], series


def _run() -> None:
    """The processes, at the test's own database."""
    settings = connection.settings_dict
    address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)
    environment = os.environ | {
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "hostbill.settings",
        "PYTHONPATH": str(ROOT),
    }
    script = Path(__file__).with_name("race_numbers.py")
    running = [
        subprocess.Popen(
            [sys.executable, str(script), str(THREADS), str(EACH), str(number * 100)], env=environment, cwd=ROOT
        )
        for number in range(PROCESSES)
    ]
    assert [process.wait(timeout=300) for process in running] == [0] * PROCESSES
