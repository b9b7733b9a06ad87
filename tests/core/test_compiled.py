"""Querysets that are compiled once."""

from datetime import date, timedelta

import pytest
from django.db.models import Q

from hostbill.core import clock
from hostbill.core.compiled import Compiled, attach, keys_in
from hostbill.core.models import JobRun, Preference

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(users):
    first, second = users
    for user in users:
        for key in ("a", "b"):
            Preference.objects.create(user_id=user.pk, key=key, value={"of": user.pk})
    return first, second


@pytest.fixture
def users(django_user_model):
    return [django_user_model.objects.create(email=f"{name}@example.com") for name in ("ada", "bob")]


def test_each_call_has_its_own_values(rows, django_assert_num_queries):
    asked = Compiled(lambda user, key: Preference.objects.filter(user_id=user, key=key), user=int, key=str)
    first, second = rows
    with django_assert_num_queries(3):
        assert [row.value for row in asked(user=first.pk, key="a")] == [{"of": first.pk}]
        assert [row.value for row in asked(user=second.pk, key="b")] == [{"of": second.pk}]
        assert asked(user=second.pk, key="c") == []


def test_it_answers_as_the_queryset_does(rows):
    first, _second = rows
    by_hand = Preference.objects.filter(Q(user_id=first.pk) | Q(key="b")).order_by("key", "pk").values_list("key", "user_id")[:2]
    asked = Compiled(
        lambda user: Preference.objects.filter(Q(user_id=user) | Q(key="b")).order_by("key", "pk").values_list("key", "user_id")[:2],
        user=int,
    )
    assert asked(user=first.pk) == list(by_hand)


def test_related_rows_of_many_are_attached_as_if_prefetched(users, django_assert_num_queries):
    from clients.models import Client, Membership

    facts = {"first_name": "A", "email": "a@example.com", "country": "DE", "currency": "EUR"}
    clients = [Client.objects.create(number=f"C-{number}", **facts) for number in range(3)]
    for client in clients[:2]:
        Membership.objects.create(client=client, user=users[0], is_owner=True)
    asked = Compiled(lambda keys: Membership.objects.filter(client_id__in=keys_in(keys)), keys=str)
    attach(clients, memberships=asked)
    with django_assert_num_queries(0):
        assert [[row.client for row in client.memberships.all()] for client in clients] == [[clients[0]], [clients[1]], []]
    assert clients[0].memberships.filter(is_owner=False).count() == 0
    attach([], memberships=asked)


def test_joined_and_prefetched_rows_come_along(users, django_assert_num_queries):
    from clients.models import Client, Membership

    client = Client.objects.create(number="C-1", first_name="A", last_name="B", email="a@example.com", country="DE", currency="EUR")
    Membership.objects.create(client=client, user=users[0], is_owner=True)
    asked = Compiled(
        lambda client: Membership.objects.filter(client=client).select_related("user").prefetch_related("client__memberships"), client=int
    )
    asked(client=0)
    with django_assert_num_queries(3):
        (row,) = asked(client=client.pk)
        assert row.user.email == "ada@example.com"
        assert len(row.client.memberships.all()) == 1


def test_days_and_moments(db):
    now = clock.now()
    JobRun.objects.create(name="x", slot=now, started_at=now)
    asked = Compiled(lambda after: JobRun.objects.filter(started_at__gte=after), after=type(now))
    assert asked.first(after=now - timedelta(hours=1)).name == "x"
    assert asked.first(after=now + timedelta(hours=1)) is None


def test_a_value_that_is_not_in_the_statement_is_refused():
    asked = Compiled(lambda key: Preference.objects.filter(key__startswith=key), key=str)
    with pytest.raises(ValueError, match="key"):
        asked(key="a")
    with pytest.raises(ValueError, match="on"):
        Compiled(lambda on: Preference.objects.all(), on=date)(on=date(2026, 1, 1))
