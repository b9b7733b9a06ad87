"""The document against what answers: requests made from it by schemathesis, over the WSGI application and a world with everything.

No request ends in a 500, every answer has a status, a media type and a shape that the document tells. Here a few requests for each
operation, wrong ones for some; `HOSTBILL_CONTRACT=200` makes so many of each, wrong ones too, where there is time, and
`HOSTBILL_CONTRACT_ONLY=webhooks,members` asks only addresses that begin so."""

import os

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings

from clients.actions.api_token import create_client_token
from hostbill.core.api.nouns import AUDIENCES
from hostbill.core.options import API_RATE, set_option
from tests.api.conftest import token_for

assert reverse("api:entrance")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("contract")]
LONG = int(os.environ.get("HOSTBILL_CONTRACT", 0))
#: Only operations whose address begins with one of these, such as "webhooks,members"; empty: all.
ONLY = tuple(f"/api/v1/{name}" for name in os.environ.get("HOSTBILL_CONTRACT_ONLY", "").split(",") if name)
#: In the short form so many operations pass before one gets a wrong request too.
WRONG_EVERY = 5
ALL_AREAS = ("billing", "services", "support", "account")


@pytest.fixture
def kept_connection():
    """WSGI would close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def patient(world):
    """As many requests a minute as one likes."""
    set_option(API_RATE, API_RATE.max, world.cast.stella_actor)


def operations(audience: str):
    """From the document that this audience is given."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig

    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json" if audience == "staff" else "/api/v1/openapi-client.json",
        get_wsgi_application(),
        config=SchemathesisConfig(),
    )
    return [found.ok() for found in schema.get_all_operations() if not ONLY or found.ok().path.startswith(ONLY)]


def place_of(operation, world, audience: str) -> dict:
    """Arguments of the address that lead to something."""
    name = operation.path.removeprefix("/api/v1/").split("/")[0]
    known = {"topic": "api", "key": "api.rate", "name": "core.housekeeping", "report": "income", "kind": "billing.invoice_issued"}
    known |= {"language": "en", "token": world.objects["ticket_file"].token}
    noun = AUDIENCES[audience].get(name)
    if noun:
        rows = noun.model._base_manager.order_by("pk")
        rows = rows.filter(client=world.client) if audience == "client" and has_client(noun.model) else rows
        known["id"] = world.client.pk if name == "clients" else rows.first().pk
    wanted = [part.strip("{}") for part in operation.path.split("/") if part.startswith("{")]
    return {part: known[part] for part in wanted}


def has_client(model) -> bool:
    return any(field.name == "client" for field in model._meta.concrete_fields)


def problems_of(operation, world, audience, text: str, mode, count: int) -> list[str]:
    """What was wrong with answers to requests of this operation."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    wanted = [not_a_server_error, checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance]
    place, found = place_of(operation, world, audience), []

    @settings(max_examples=count, deadline=None, database=None, derandomize=not LONG, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(mode, path_parameters=place or None))
    def ask(case):
        with transaction.atomic():
            response = case.call(headers={"Authorization": f"Bearer {text}"})
            transaction.set_rollback(True)
        try:
            case.validate_response(response, checks=wanted)
        except (Exception, FailureGroup) as error:  # noqa: BLE001 - all operations are gone through
            found.append(f"{case.method} {case.formatted_path} {case.query} {case.body}: {response.status_code} {error}"[:1500])

    try:
        ask()
    except Exception as error:  # noqa: BLE001
        if "Unsatisfiable" not in type(error).__name__:
            found.append(f"{operation.label}: {type(error).__name__} {error}"[:600])
    return found[:2]


@pytest.mark.parametrize("audience", ["staff", "client"])
def test_answers_are_as_the_document_tells(audience, world, patient, kept_connection):
    from schemathesis import GenerationMode

    make = {
        "staff": lambda: token_for(world.people["stella"])[1],
        "client": lambda: create_client_token(
            world.client, actor=world.cast.alice_actor, label="Contract", reach="all", areas=ALL_AREAS
        )[1],
    }
    text, found, asked = make[audience](), [], 0
    for number, operation in enumerate(operations(audience)):
        writes = operation.method.lower() != "get"
        wrong = LONG or (1 if number % WRONG_EVERY == 0 else 0)
        for mode, count in ((GenerationMode.POSITIVE, LONG or (2 if writes else 1)), (GenerationMode.NEGATIVE, wrong)):
            if count:
                found += problems_of(operation, world, audience, text, mode, count)
                asked += 1
    assert not found, "\n".join(found)
    assert ONLY or asked > (60 if audience == "client" else 300)
