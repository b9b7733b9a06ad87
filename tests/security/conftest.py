"""Fixtures of the attacker: the walk, done once per role."""

import logging
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.security.routes import Route, routes
from tests.security.world import SEEDED_ROLES, World, arguments_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
#: What each role met, by role.
_done: dict = {}


@dataclass
class Visit:
    """One request of the walk and what came back. `error` is set when the view raised."""

    role: str
    route: Route
    method: str
    url: str
    status: int = 0
    location: str = ""
    headers: dict = field(default_factory=dict)
    body: str = ""
    error: str = ""

    def __str__(self):
        return (
            f"{self.role} {self.method} {self.url} ({self.route.name}) -> {self.status or self.error} {self.location}"
        )

    @property
    def is_html(self) -> bool:
        """Whether a page came back."""
        return self.headers.get("content-type", "").startswith("text/html") and not self.location


@pytest.fixture
def world(db):
    """Everything exists."""
    return World()


def browser(user=None) -> Client:
    """A browser that shows errors as a user would see them, signed in as the user."""
    client = Client()
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def visit(role, client, route, method, arguments, data=None) -> Visit:
    """One request in a transaction that is undone, so that no step of the walk changes the next."""
    found = Visit(role, route, method, reverse(route.name, kwargs=arguments))
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        try:
            response = getattr(client, method.lower())(found.url, data or {})
            body = b"".join(response.streaming_content) if response.streaming else response.content
            found.status, found.location = response.status_code, response.headers.get("Location", "")
            found.headers = {name.lower(): value for name, value in response.headers.items()}
            found.body = body.decode(errors="replace")
        except Exception as error:  # noqa: BLE001 - whatever a view lets through is what is looked for
            found.error = f"{type(error).__name__}: {error}"[:300]
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(cookies)
    return found


def _visits(role, client, world):
    """Staff with seeded roles differ from Stella in the console only; the rest of their walk is hers."""
    for route in routes():
        arguments = arguments_of(route, world)
        if arguments is None or role in SEEDED_ROLES and not route.is_staff:
            continue
        for method in ("GET", "POST"):
            yield visit(role, client, route, method, arguments)


@pytest.fixture
def walk(request):
    """`walk(role)`: a GET and an empty POST of every address by somebody of this role; remembered."""

    def _walk(role):
        if role not in _done:
            world = request.getfixturevalue("world")
            client = browser(world.people.get(role))
            logging.disable(logging.CRITICAL)
            try:
                _done[role] = list(_visits(role, client, world))
            finally:
                logging.disable(logging.NOTSET)
        return _done[role]

    return _walk
