"""Whole histories at random (tests/billing/histories): periods tile, parts sum to wholes, the books hold, told again nothing changes.

A few short ones run each time, always the same. For more: `HOSTBILL_HISTORIES=500 pytest tests/billing/test_histories.py`, each time
others; hypothesis prints the steps of a failure, shortened as far as it goes, and remembers it. `HOSTBILL_HISTORIES_AS_FOUND=1` leaves
it as it was found (shortening takes minutes); `-s` tells what the acts came to."""

import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.billing.histories.acts import TOLD
from tests.billing.histories.days import Days
from tests.billing.histories.machine import Histories

pytestmark = pytest.mark.django_db
WANTED = int(os.environ.get("HOSTBILL_HISTORIES", "0"))
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
EACH_TIME = settings(
    max_examples=10, stateful_step_count=20, derandomize=True, deadline=None, suppress_health_check=QUIET,
    phases=[Phase.generate], print_blob=True,
)  # fmt: skip
MANY = settings(
    max_examples=WANTED or 1, stateful_step_count=40, deadline=None, suppress_health_check=QUIET, print_blob=True,
    phases=[Phase.generate] if os.environ.get("HOSTBILL_HISTORIES_AS_FOUND") else [Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip


def test_histories(db, monkeypatch):
    Histories.days = Days(monkeypatch)
    run_state_machine_as_test(Histories, settings=MANY if WANTED else EACH_TIME)
    if WANTED:
        told = "\n".join(f"{act:24} {dict(counts.most_common())}" for act, counts in sorted(TOLD.items()))
        sys.stdout.write(f"\n{told}\n")
