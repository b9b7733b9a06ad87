"""Rows by their key: the same rows as Django's own queries give."""

import pytest
from django.db import connections, transaction

from billing.models import Invoice
from clients.models import Client
from hostbill.core.fetch import fetch, relate
from hostbill.core.models import Event, ModuleConfig, Outgoing
from hostbill.core.models.outgoing import Lane


@pytest.mark.django_db
def test_it_is_the_row_that_django_reads(cast):
    row, fetched = Client.objects.get(pk=cast.alice_client.pk), fetch(Client, cast.alice_client.pk)
    assert fetched == row and fetched.field_values() == row.field_values() and not fetched.changed_fields()
    fetched.city = "Elsewhere"
    fetched.save(update_fields=["city"])
    assert Client.objects.get(pk=row.pk).city == "Elsewhere"


@pytest.mark.django_db
def test_json_and_secrets_are_read_as_by_django():
    made = ModuleConfig.objects.create(kind="gateway", driver="x", label="X", config={"a": [1]}, secrets={"key": "sk_1"})
    fetched = fetch(ModuleConfig, made.pk)
    assert (fetched.config, fetched.secrets) == ({"a": [1]}, {"key": "sk_1"})


@pytest.mark.django_db
def test_related_rows_are_read_once(cast, django_assert_num_queries):
    membership = cast.alice_client.memberships.first()
    with django_assert_num_queries(3):
        fetched = fetch(type(membership), membership.pk, "client", "user")
        assert fetched.client == cast.alice_client and relate(fetched, "user") == fetched.user


@pytest.mark.django_db
def test_what_is_not_there(cast):
    with pytest.raises(Invoice.DoesNotExist):
        fetch(Invoice, 10**9)
    assert fetch(Outgoing, 10**9, lock="skip") is None
    with pytest.raises(Lane.DoesNotExist):
        fetch(Lane, "nowhere")
    assert fetch(Lane, Lane.objects.create(name="here").pk).name == "here"


@pytest.mark.django_db(transaction=True)
def test_a_row_in_other_hands_is_skipped():
    row = Event.objects.create(name="tests.x", payload={})
    other = connections.create_connection("default")
    try:
        with transaction.atomic():
            assert fetch(Event, row.pk, lock="wait") == row
            with other.cursor() as cursor:
                cursor.execute("SELECT id FROM core_event WHERE id = %s FOR UPDATE SKIP LOCKED", [row.pk])
                assert cursor.fetchone() is None
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM core_event WHERE id = %s FOR UPDATE", [row.pk])
        with transaction.atomic():
            assert fetch(Event, row.pk, lock="skip") is None
    finally:
        other.close()
