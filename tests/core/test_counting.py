"""Figures: true at once where counting is quick; else a worker counts, once, and nobody waits."""

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from clients.models import Client
from hostbill.core import clock, counting, nudge
from hostbill.core.tasks import count_figure

pytestmark = pytest.mark.django_db
ASKED = ("test.clients", "EUR")


@pytest.fixture
def figure(monkeypatch):
    """A figure with the list of its counts; `figure.slow` makes it take long in the database."""

    class Figure:
        counts: list = []
        slow = 0.0

        def __call__(self, currency):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(%s)", [self.slow])
            self.counts.append(currency)
            return Client.objects.filter(currency=currency).count()

    made = Figure()
    made.counts = []
    counting.register_source("test.clients", made)
    yield made
    counting._sources.pop("test.clients")


@pytest.fixture
def large_house(monkeypatch):
    """Counting takes longer than anybody wants to wait; the list of what workers were asked for."""
    asked: list = []
    monkeypatch.setattr(counting, "QUICK", 0.04)
    monkeypatch.setattr(counting, "PATIENCE", 0.1)
    monkeypatch.setattr(nudge, "publish", lambda *args, **kwargs: asked.append(args))
    return asked


def test_quick_figures_are_counted_for_each_look(cast, figure):
    """Nothing is kept that could be wrong."""
    before = counting.read(*ASKED)
    Client.objects.create(company="Another", currency="EUR", number="C-99")
    after = counting.read(*ASKED)
    assert before.is_live and after.is_live and not after.is_late
    assert after.value == before.value + 1 and len(figure.counts) == 2


def test_nobody_waits_for_a_slow_figure(cast, figure, large_house):
    """The first look asks a worker, once; what it counted is shown with its age; the statement is given up."""
    figure.slow = 5
    began = time.monotonic()
    assert counting.read(*ASKED) is None and counting.read(*ASKED) is None
    assert time.monotonic() - began < 3 and figure.counts == []
    assert large_house == [("count_figure", list(ASKED), "en")]
    assert Client.objects.exists()  # the transaction around it lives

    figure.slow = 0.2
    count_figure(*large_house[0][1:])
    shown = counting.read(*ASKED)
    assert shown.value == Client.objects.filter(currency="EUR").count()
    assert not shown.is_live and not shown.is_late and len(figure.counts) == 1
    assert len(large_house) == 1


def test_old_figures_are_shown_while_new_ones_are_counted(cast, figure, large_house, monkeypatch):
    """Older than a minute: asked for again; older than two: said to be late."""
    figure.slow = 0.2
    counting.count(*ASKED, language="en")
    now = clock.now()
    for seconds, asked, late in ((30, 0, False), (90, 1, False), (150, 1, True)):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: now + timedelta(seconds=seconds))
        found = counting.read(*ASKED)
        assert (len(large_house), found.is_late) == (asked, late)
    assert len(figure.counts) == 1


def test_a_house_that_became_small_counts_at_once_again(cast, figure, large_house):
    """The worker's own time decides."""
    figure.slow = 0.2
    counting.count(*ASKED, language="en")
    figure.slow = 0
    assert not counting.read(*ASKED).is_live
    counting.count(*ASKED, language="en")
    assert counting.read(*ASKED).is_live


def test_two_workers_do_not_count_the_same(cast, figure):
    """The second leaves at once."""
    cache.add(f"{counting._key(ASKED)}.lock", 1, 60)
    counting.count(*ASKED, language="en")
    assert figure.counts == []


def test_one_slow_figure_spares_the_others_a_try(cast, figure, large_house):
    """A page of five figures waits for one try, not for five."""
    figure.slow = 5
    began = time.monotonic()
    found = counting.read_many([("test.clients", code) for code in ("EUR", "USD", "GBP", "BDT", "ETB")])
    assert time.monotonic() - began < 2 and set(found.values()) == {None}
    assert len(large_house) == 5


def test_words_are_of_the_readers_language(cast, figure):
    """One reader's figures are not shown to another in a language that they did not choose."""
    assert counting._key(ASKED) != translation_of("de")


def translation_of(language):
    """The key in that language."""
    with translation.override(language):
        return counting._key(ASKED)


def test_other_faults_are_not_taken_for_slowness(cast, monkeypatch):
    """A broken figure is an error, as everywhere."""
    counting.register_source("test.broken", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        counting.read("test.broken")
    counting._sources.pop("test.broken")
