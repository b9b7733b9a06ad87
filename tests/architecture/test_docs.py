"""The papers say what the code does: settings, commands, links."""

import re

import pytest

from tests.architecture.source import ROOT

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
GIVEN_BY_US = {"HOSTBILL_TESTING", "HOSTBILL_CHROMIUM"}


def test_every_setting_is_explained():
    manual = (ROOT / "docs/operations.md").read_text()
    code = "".join(
        (ROOT / name).read_text() for name in ("hostbill/settings.py", "hostbill/gunicorn.py", "docker-compose.yml")
    )
    names = set(
        re.findall(r"\b(?:HOSTBILL_[A-Z_]+|DATABASE_URL|REDIS_URL|EMAIL_URL|SENTRY_DSN|[A-Z]+_PASSWORD)\b", code)
    )
    assert len(names) > 20
    assert not sorted(name for name in names - GIVEN_BY_US if f"`{name}`" not in manual)


def test_no_explained_setting_is_imaginary():
    manual = (ROOT / "docs/operations.md").read_text()
    code = "".join(path.read_text() for path in ROOT.glob("hostbill/*.py")) + (ROOT / "docker-compose.yml").read_text()
    assert not sorted(name for name in set(re.findall(r"`(HOSTBILL_[A-Z_]+)`", manual)) if name not in code)


@pytest.mark.parametrize(
    "paper", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name
)
def test_links_lead_somewhere(paper):
    dead = [link for link in LINK.findall(paper.read_text()) if not (paper.parent / link).exists()]
    assert not dead


@pytest.mark.parametrize("command", ["bin/up", "bin/test", "bin/lock", ".ci/run"])
def test_commands_can_be_started(command):
    assert (ROOT / command).stat().st_mode & 0o111
