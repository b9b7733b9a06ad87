"""One request's id is in all its log lines, in the events it caused, in the tasks it published, and in what they do."""

import pytest
import structlog
from celery.signals import before_task_publish
from structlog.testing import LogCapture

from hostbill.core.models import Change, Event, Outgoing
from hostbill.core.scope import request_id, scope
from support.models import Department

pytestmark = pytest.mark.django_db
PROXY_ID = "7f3c2b1a-proxy.0042"


@pytest.fixture
def lines():
    """Structured log lines with their context, as the JSON renderer would get them."""
    capture = LogCapture()
    before = structlog.get_config()["processors"][:]
    processors = structlog.get_config()["processors"]
    processors[:] = [structlog.contextvars.merge_contextvars, capture]
    yield capture.entries
    processors[:] = before


def test_first_and_last_line_of_a_request_have_the_id_of_the_answer(client, lines):
    answer = client.get("/", headers={"X-Request-ID": PROXY_ID})
    assert answer["X-Request-ID"] == PROXY_ID
    ids = {line["event"]: line.get("request_id") for line in lines if line["event"].startswith("request_")}
    assert ids == {"request_started": PROXY_ID, "request_finished": PROXY_ID}


def test_without_a_proxys_id_there_is_one_of_our_own(client, lines):
    answer = client.get("/")
    ids = {line.get("request_id") for line in lines if line["event"].startswith("request_")}
    assert ids == {answer["X-Request-ID"]} and len(answer["X-Request-ID"]) >= 32


@pytest.mark.parametrize("given", ["x" * 65, "<script>", "a b"])
def test_a_senseless_id_is_replaced(client, lines, given):
    answer = client.get("/", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] != given
    assert [line["request_id"] for line in lines if line["event"] == "request_finished"] == [answer["X-Request-ID"]]


def ask(client, cast, **headers):
    """Alice opens a ticket, which makes a change, an event and, later, mails."""
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    data = {
        "subject": "No mail",
        "department": Department.objects.get_or_create(name="Support")[0].pk,
        "body": "Since noon",
    }
    assert client.post("/account/tickets/new/", data, **headers).status_code == 302


def test_the_id_goes_through_events_and_handlers_into_outgoing_work(client, cast, drain):
    Change.objects.all().delete()
    ask(client, cast, headers={"X-Request-ID": PROXY_ID})
    drain()
    assert set(Event.objects.filter(name__startswith="support.").values_list("request_id", flat=True)) == {PROXY_ID}
    assert set(Change.objects.filter(action__startswith="support.").values_list("request_id", flat=True)) == {PROXY_ID}
    assert set(Outgoing.objects.filter(kind="core.message").values_list("request_id", flat=True)) == {PROXY_ID}


@pytest.mark.django_db(transaction=True)
def test_the_id_travels_in_the_task(client, cast):
    """django-structlog binds this header around the whole task, before its first line."""
    sent = []

    def note(headers=None, **kwargs):
        sent.append(headers["__django_structlog__"]["request_id"])

    before_task_publish.connect(note)
    try:
        ask(client, cast, headers={"X-Request-ID": PROXY_ID})
    finally:
        before_task_publish.disconnect(note)
    assert sent and set(sent) == {PROXY_ID}


def test_scopes_nest():
    with scope("outer"):
        with scope("inner"):
            assert request_id() == "inner"
        assert request_id() == "outer"
    assert request_id() == ""
