"""Error pages come out whatever is missing: no request, no person, a host that is not ours."""

import pytest
from django.template.loader import render_to_string

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500", "503"])
def test_pages_need_no_context(page):
    html = render_to_string(f"{page}.html", {})
    assert "<h1>" in html
    assert 'style="' not in html


def test_a_missing_page_looks_like_ours(client):
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_a_foreign_host_is_refused_with_a_page(client):
    client.raise_request_exception = False
    answer = client.get("/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert "<h1>" in answer.content.decode()


def test_the_brand_sheet_keeps_text_readable(client):
    sheet = client.get("/brand/ffe14d.css").content.decode()
    assert "--brand-ink: light-dark(#0c0d14" in sheet
    assert client.get("/brand/ffe14d.svg")["Content-Type"] == "image/svg+xml"


def choose_theme(client, **data):
    return client.post("/preferences/theme/", data, HTTP_ORIGIN="http://testserver")


def test_the_theme_choice_stays_here(client):
    answer = choose_theme(client, theme="dark", next="https://evil.example/")
    assert answer.url == "/"
    assert answer.cookies["theme"].value == "dark"
    assert choose_theme(client, theme="<script>", next="/").cookies["theme"].value == ""


def test_other_sites_cannot_choose(client):
    for origin in ({}, {"HTTP_ORIGIN": "https://evil.example"}, {"HTTP_ORIGIN": "null"}):
        assert client.post("/preferences/theme/", {"theme": "dark"}, **origin).status_code == 403
        assert client.post("/preferences/language/", {"language": "de"}, **origin).status_code == 403
    answer = client.post("/preferences/language/", {"language": "de", "next": "/"}, HTTP_ORIGIN="http://testserver")
    assert answer.cookies["language"].value == "de"
