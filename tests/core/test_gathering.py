"""Log rows and events that a use case writes together at its end."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hostbill.core.access import SYSTEM
from hostbill.core.audit import audit
from hostbill.core.gathering import gathered
from hostbill.core.models import Change

pytestmark = pytest.mark.django_db


class Refused(Exception):
    """What a part of a use case says."""


def actions() -> list[str]:
    """What the log tells, oldest first."""
    return list(Change.objects.filter(action__startswith="tests.").order_by("pk").values_list("action", flat=True))


def test_all_is_written_at_the_end_by_one_statement():
    with CaptureQueriesContext(connection) as asked, gathered():
        audit(SYSTEM, "tests.first")
        audit(SYSTEM, "tests.second")
        assert len(asked) == 0
    assert len(asked) == 1 and actions() == ["tests.first", "tests.second"]


def refused_on_the_way() -> None:
    """A use case that is refused after its first act."""
    with transaction.atomic(), gathered():
        audit(SYSTEM, "tests.undone")
        raise Refused


def test_nothing_is_written_of_what_is_refused():
    with pytest.raises(Refused):
        refused_on_the_way()
    assert actions() == []


def test_what_is_rolled_back_on_the_way_takes_its_rows_along():
    """The rest is written all the same."""
    with transaction.atomic(), gathered():
        audit(SYSTEM, "tests.first")
        try:
            refused_on_the_way()
        except Refused:
            audit(SYSTEM, "tests.after")
    assert actions() == ["tests.first", "tests.after"]
