"""Failed calls in words: what happened, what it means, what to do; the raw line stays for support."""

import pytest
from django.urls import reverse
from django.utils import translation

from hostbill.core import http
from hostbill.core.errors import DriverError, OutcomeUnknown
from hostbill.core.failures import explain, short
from hostbill.core.models import Delivery, Event, Outgoing
from tests.conftest import free_port
from tests.factories import make_cast
from tests.security.conftest import browser


def test_a_silent_server_is_told_with_its_seconds_and_that_we_look_first(slow_server):
    with http.record() as exchanges, pytest.raises(OutcomeUnknown) as caught:
        http.request("POST", slow_server, mutating=True, timeout=(1, 1))
    assert caught.value.message == "The server did not answer within 1 seconds."
    told = explain(caught.value.code, str(caught.value))
    assert told.happened == "The other side did not answer within 1 seconds."
    assert "we look before we try again" in told.means and "ReadTimeout" in told.technical
    assert exchanges[0]["code"] == "timeout"


def test_nobody_there_is_told_without_a_word_of_python():
    with http.record() as exchanges, pytest.raises(DriverError) as caught:
        http.request("GET", f"http://127.0.0.1:{free_port()}/", mutating=False)
    error = caught.value
    assert error.code == "unreachable" and "Error" not in error.message and "NewConnectionError" in error.technical
    assert (
        short(exchanges[0]["code"], exchanges[0]["error"]) == "The server is there, but nothing answers at this port."
    )


@pytest.mark.parametrize("text", ["KeyError: 'total'", "django.db.utils.IntegrityError: duplicate key", "ValueError"])
def test_a_fault_of_ours_is_no_riddle(text):
    told = explain("", text)
    assert told.happened == "HostBill met something it did not expect." and told.technical == text and told.todo


def test_words_of_the_other_side_stay_when_the_code_says_no_more():
    assert explain("declined", "Your card was declined.").happened == "Your card was declined."
    told = explain("plan_missing", "createacct: package does not exist")
    assert (
        told.happened == "The panel has no plan of this name."
        and told.technical == "createacct: package does not exist"
    )
    assert short("timeout", "") == ""


def test_the_reader_s_language_counts_and_not_the_worker_s():
    with translation.override("de"):
        told = explain("unreachable", "The server could not be reached.\nraw")
    assert told.happened == "Die Gegenseite war nicht zu erreichen."


@pytest.mark.django_db
def test_the_queues_fold_the_technical_line_away():
    stella = make_cast().stella
    raw = "ConnectionError: HTTPSConnectionPool(host='x', port=2087): Max retries exceeded"
    call = Outgoing.objects.create(kind="k", key="1", object_id=1, state="failed", error=raw, error_code="unreachable")
    event = Event.objects.create(name="walk", payload={})
    delivery = Delivery.objects.create(event=event, handler="walk", state="dead", error="KeyError: 'x'")
    for url, words in (
        (reverse("outgoing_detail", args=[call.pk]), "The other side could not be reached."),
        (reverse("delivery_detail", args=[delivery.pk]), "HostBill met something it did not expect."),
    ):
        page = browser(stella).get(url).content.decode()
        assert words in page and "<summary>What the machine said</summary>" in page
    listed = browser(stella).get(reverse("outgoing_list")).content.decode()
    assert "The other side could not be reached." in listed and "HTTPSConnectionPool" not in listed


@pytest.fixture
def slow_server():
    """Takes connections and says nothing."""
    import socket

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/"
