"""The installation and the browser of the journeys."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys.stack import Stack

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """One installation with the demo for all journeys: each brings its own customers."""
    running = Stack(tmp_path_factory.mktemp("up") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium; its absence is a failure with words, never a skip."""
    path = os.environ.get("HOSTBILL_CHROMIUM") or shutil.which("chromium")
    assert path, "Chromium is missing. Type: apt install chromium"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright runs a loop in this thread; the ORM stays usable beside it
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


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
