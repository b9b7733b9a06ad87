"""The style guide shows every component there is."""

import pytest
from django.conf import settings

from hostbill.core.templatetags.kept import forget

pytestmark = pytest.mark.django_db
FOLDER = settings.BASE_DIR / "templates" / "components"


def components() -> set[str]:
    """Names of the pieces; what extends a frame is a whole page and has addresses of its own."""
    return {file.name for file in FOLDER.glob("*.html") if not file.read_text().startswith("{% extends")}


def test_every_component_is_shown(client, cast):
    forget()  # kept pieces would not be drawn
    client.force_login(cast.stella)
    answer = client.get("/staff/styleguide/?toast=1&preview=2")
    drawn = {template.name.removeprefix("components/") for template in answer.templates if template.name}
    assert sorted(components() - drawn) == []
    assert len(components()) > 40
