"""lock(): when the row in hand may be taken as it is, and when it has to be read again."""

from decimal import Decimal

import pytest
from django.db import transaction

from billing.actions.account import open_account
from billing.actions.credit import grant_credit
from hostbill.core.access import SYSTEM
from hostbill.core.locks import LockOrderError, lock
from hostbill.core.money import Money
from tests.factories import ClientFactory


@transaction.atomic
def locked(row):
    """As decorated actions do: the decorator uses one Atomic object for every call."""
    return lock(row)


@transaction.atomic
def money_then_client(account, client=None):
    return lock(client) if client else lock(account)


def rename(row, city):
    type(row).objects.filter(pk=row.pk).update(city=city)


@pytest.mark.django_db(transaction=True)
def test_the_next_transaction_reads_again():
    client = locked(ClientFactory())
    rename(client, "Elsewhere")
    assert locked(client).city == "Elsewhere"


@pytest.mark.django_db
def test_the_next_block_of_a_test_reads_again():
    client = locked(ClientFactory())
    rename(client, "Elsewhere")
    assert locked(client).city == "Elsewhere"


@pytest.mark.django_db(transaction=True)
def test_the_order_counts_within_one_transaction_only():
    client = ClientFactory()
    account = open_account(client)
    money_then_client(account)
    money_then_client(account, client)
    with transaction.atomic():
        lock(account)
        with pytest.raises(LockOrderError):
            lock(client)


@pytest.mark.django_db(transaction=True)
def test_the_same_instance_while_nothing_else_changed_it(django_assert_num_queries):
    client = ClientFactory()
    with transaction.atomic():
        row = lock(client)
        with django_assert_num_queries(0):
            assert lock(row) is row
        assert lock(client) is not row


@pytest.mark.django_db(transaction=True)
def test_an_older_instance_is_read_again():
    client = ClientFactory()
    with transaction.atomic():
        older = lock(client)
        newer = lock(client)
        newer.city = "Elsewhere"
        newer.save(update_fields=["city"])
        assert lock(older).city == "Elsewhere"


@pytest.mark.django_db(transaction=True)
def test_a_booking_makes_every_instance_of_the_account_old():
    account = open_account(ClientFactory())
    with transaction.atomic():
        mine = lock(account)
        grant_credit(account, money=Money(Decimal(10), account.currency), note="x", actor=SYSTEM)
        assert lock(mine).credit == Money(Decimal(10), account.currency)


@pytest.mark.django_db(transaction=True)
def test_what_a_rolled_back_savepoint_did_is_not_believed():
    client = ClientFactory()
    was = client.city
    with transaction.atomic():
        row = lock(client)
        with transaction.atomic():
            lock(row).city = "Elsewhere"
            row.save(update_fields=["city"])
            transaction.set_rollback(True)
        assert lock(row).city == was
