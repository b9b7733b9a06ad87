"""Ticket text on screen: escaped, linked, never run."""

import pytest

from support.queries.rendering import render_text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "{{ request.user.password }} {% load x %}",
        "javascript:alert(1)",
        'https://x.example/"onmouseover="alert(1)',
    ],
)
def test_nothing_runs(text):
    """No tag and no attribute of the writer survives."""
    html = render_text(text)
    assert "<script" not in html and "<img" not in html
    assert "onmouseover=" not in html.split("</a>")[0]
    if "{{" in text:
        assert "{{ request.user.password }}" in html


def test_paragraphs_and_links():
    """Empty lines part paragraphs; web addresses become links that tell nothing about us."""
    html = render_text("Hello,\nsee https://weaves.example/a?b=1&c=2.\n\nBye")
    assert html.count("<p>") == 2
    assert "Hello,<br>see" in html
    assert '<a href="https://weaves.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">' in html
