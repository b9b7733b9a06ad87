"""Locks, states, numbers, secrets, options, the clock, the audit log."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from hostbill.core import clock, locks, modules, options, sequence
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError
from hostbill.core.models import Change, ModuleConfig, Outgoing, Sequence, Setting
from hostbill.core.scope import scope
from hostbill.core.secrets import redact

LIMIT = options.Option("tests.limit", int, 14, "Limit", min=0, max=90)
RATE = options.Option("tests.rate", Decimal, Decimal("1.5"), "Rate")
KEY = options.Option("tests.key", "secret", "", "Key")


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction():
    row = Sequence.objects.create(name="x")
    with pytest.raises(transaction.TransactionManagementError):
        locks.lock(row)


@pytest.mark.django_db
def test_locks_out_of_order_are_refused():
    series = Sequence.objects.create(name="x")
    row = Outgoing.objects.create(kind="tests.none", key="1", object_id=1)
    with transaction.atomic():
        locks.lock(series)
        with pytest.raises(locks.LockOrderError):
            locks.lock(row)
    with transaction.atomic():
        locks.lock(row)
        locks.lock(series)


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_ten_threads_race_and_some_abort():
    def draw(worker):
        for turn in range(20):
            try:
                with transaction.atomic():
                    Setting.objects.create(key=f"n{sequence.next_number('race')}")
                    if (worker + turn) % 10 == 0:
                        raise ValueError
            except ValueError:
                pass
        connection.close()

    threads = [threading.Thread(target=draw, args=(worker,)) for worker in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(int(key[1:]) for key in Setting.objects.values_list("key", flat=True) if key[1:].isdigit())
    assert numbers == list(range(1, 181))


@pytest.mark.django_db
def test_a_series_only_goes_up():
    assert sequence.next_number("s") == 1
    sequence.set_next("s", 100)
    assert sequence.next_number("s") == 100
    with pytest.raises(AppError):
        sequence.set_next("s", 50)


@pytest.mark.django_db
def test_options_are_typed_checked_and_logged():
    assert LIMIT.value == 14
    options.set_option(LIMIT, "30", SYSTEM)
    options.set_option(RATE, "2.25", SYSTEM)
    assert LIMIT.value == 30 and RATE.value == Decimal("2.25")
    assert Change.objects.filter(action="core.option_changed").first().fields == {"tests.limit": [14, 30]}
    for bad in ("91", "-1", "x", "1e9", "NaN"):
        with pytest.raises(ValidationError):
            options.set_option(LIMIT, bad, SYSTEM)


@pytest.mark.django_db
def test_options_are_read_once_per_request(django_assert_num_queries):
    with scope(), django_assert_num_queries(1):
        assert [LIMIT.value for _ in range(5)] == [14] * 5


@pytest.mark.django_db
def test_secrets_are_encrypted_in_the_database_and_hidden_in_the_log():
    options.set_option(KEY, "sk_live_verysecret", SYSTEM)
    ModuleConfig.objects.create(kind="panel", driver="cpanel", label="x", secrets={"token": "sk_live_verysecret"})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(s)::text FROM core_setting s UNION SELECT row_to_json(m)::text FROM core_moduleconfig m"
        )
        stored = str(cursor.fetchall())
    assert "verysecret" not in stored
    assert "verysecret" not in str(list(Change.objects.values()))
    assert KEY.value == "sk_live_verysecret"
    assert ModuleConfig.objects.get().secrets == {"token": "sk_live_verysecret"}


def test_redaction_replaces_the_longest_value_first():
    assert redact("token=abcdef&x=abcd", ["abcd", "abcdef"]) == "token=[hidden]&x=[hidden]"


@pytest.mark.django_db
def test_the_clock_moves_forward_only_and_in_the_sandbox_only(settings):
    before = clock.now()
    clock.move_to(before + timedelta(days=40))
    assert clock.now() - before >= timedelta(days=40)
    with pytest.raises(AppError):
        clock.move_to(before)
    settings.SANDBOX_CLOCK_FILE = ""
    assert clock.now() - before < timedelta(minutes=5)
    with pytest.raises(AppError):
        clock.move_to(before + timedelta(days=1))


@pytest.mark.django_db
def test_an_unknown_driver_is_named():
    with pytest.raises(AppError, match="nosuch"):
        modules.DriverKind("panel", {}).path_of("nosuch")
