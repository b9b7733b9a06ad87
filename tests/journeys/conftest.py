"""The installation and the browser of the journeys."""

import os
from datetime import date
from pathlib import Path

import pytest

from tests.journeys import acts, begun
from tests.journeys.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """One installation with the demo for all journeys: each brings its own customers.

    HOSTBILL_JOURNEYS_AT names the data folder of one that runs already."""
    there = os.environ.get("HOSTBILL_JOURNEYS_AT")
    running = Stack.at(Path(there)) if there else Stack(tmp_path_factory.mktemp("up") / "data")
    yield running
    running.stop()


@pytest.fixture
def visit(chromium, stack, request):
    """Open a fresh visitor's page; any script error or policy violation on our pages fails the test."""
    contexts, problems = [], []

    def _visit(width=1280, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=stack.url, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
        return page

    yield _visit
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture(scope="module")
def month(stack):
    """Two clients with a service each; `began` is the day of their invoices."""
    found = begun.two_clients(stack)
    found["began"] = date.fromisoformat(stack.query(f"str(Invoice.objects.get(pk={found['invoices'][0]}).issued_on)"))
    return found


@pytest.fixture
def staff(stack, visit):
    """Signed in."""
    page = visit(1440)
    acts.sign_in(page, stack.up.staff, "/staff/")
    return page
