"""The document says what the API does."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from openapi_spec_validator import OpenAPIV31SpecValidator

from hostbill.core.api.nouns import NOUNS
from hostbill.core.models import TrackedModel
from tests.security.routes import routes

assert reverse("api:document")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]


@pytest.fixture
def document():
    return Client().get("/api/v1/openapi.json").json()


def test_it_is_openapi(document):
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"] == "3.1.0" and len(document["paths"]) > 80


def test_every_address_and_method_is_in_it(document):
    documents = (document, Client().get("/api/v1/openapi-client.json").json())
    told = {(path, method) for one in documents for path, methods in one["paths"].items() for method in methods if method != "parameters"}
    there = {
        (re.sub(r"<\w+:(\w+)>", r"{\1}", route.text.replace("<int:pk>", "{id}")), method)
        for route in routes()
        if route.name.startswith("api:") and route.name not in ("api:nowhere", "api:document", "api:document_client")
        for method in route.pattern.callback.initkwargs.get("http_method_names", getattr(route.view, "http_method_names", ()))
        if method in ("get", "post", "patch", "put") and hasattr(route.view, method)
    }
    assert told == there


@pytest.mark.parametrize("name", sorted(NOUNS))
def test_answers_are_as_it_says(name, world, stella, document):
    from jsonschema import Draft202012Validator

    noun = NOUNS[name]

    def check(schema, value):
        whole = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
        problems = [f"{list(e.absolute_path)}: {e.message}" for e in Draft202012Validator(whole).iter_errors(value)]
        assert not problems, problems

    rows = stella.get(f"{name}/").json()["data"]
    for row in rows:
        check(f"{noun.schema_name}Row", row)
        check(noun.schema_name, stella.get(row["url"]).json())
    refusal = stella.get(f"{name}/", {"nonsense": 1}).json()
    check("Problem", refusal)
    assert rows and (not issubclass(noun.model, TrackedModel) or "updated_at" in rows[0])


def test_bodies_are_as_it_says(world, stella, document):
    post = document["paths"]["/api/v1/clients/"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["email", "language"] or "email" in schema["required"]
    assert schema["additionalProperties"] is False and schema["properties"]["email"]["format"] == "email"
    verb = document["paths"]["/api/v1/services/{id}/terminate/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(verb["required"]) == {"reason", "confirm"}
    missing = stella.post("clients/", {}).json()["errors"]
    assert set(schema["required"]) <= set(missing) | {"currency"}


def test_the_page_is_readable_for_everybody():
    page = Client().get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200 and "/api/v1/invoices/{id}/cancel/" in text and "Idempotency-Key" in text
    assert "<style" not in text and " style=" not in text and "'unsafe" not in page["Content-Security-Policy"]
