"""Twins at the same moment."""

import pytest

from clients.models import Client
from hostbill.core.models import IdempotencyKey
from tests.api.conftest import Program, token_for
from tests.factories import make_cast
from tests.security.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {"company": "Brandt Keramik", "email": "lena@brandt.example", "country": "DE", "language": "de", "currency": "EUR"}


def test_twins_with_one_key_do_it_once_and_both_are_told():
    text = token_for(make_cast().stella)[1]
    answers = at_once(6, lambda number: Program(text).post("clients/", NEW, **{"Idempotency-Key": "one"}))
    assert [found.status_code for found in answers] == [201] * 6
    assert len({found.content for found in answers}) == 1
    assert sum("Idempotent-Replayed" not in found for found in answers) == 1
    assert Client.objects.filter(company="Brandt Keramik").count() == 1 and IdempotencyKey.objects.count() == 1


def test_of_twins_with_one_mark_one_wins():
    cast = make_cast()
    text, path = token_for(cast.stella)[1], f"clients/{cast.alice_client.pk}/"
    mark = Program(text).get(path)["ETag"]
    answers = at_once(5, lambda number: Program(text).patch(path, {"city": f"City {number}"}, **{"If-Match": mark}))
    assert sorted(found.status_code for found in answers) == [200, 412, 412, 412, 412]
