"""Pages of a collected installation link one style sheet: hashed, whole, in the order of the cascade; and the first page is light."""

import gzip
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from hostbill.core import static_bundles
from hostbill.core.templatetags import kept, ui
from tests.billing.factories import make_product
from tests.factories import make_staff

#: Bytes of the first page with all that it loads besides fonts, as they travel, and its requests.
LIMIT, REQUESTS = 100_000, 6
BACKEND = {"BACKEND": "hostbill.core.statics.QuicklyCompressed"}


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The static files as an installation has them."""
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=root, STORAGES={**settings.STORAGES, "staticfiles": BACKEND}):
        call_command("collectstatic", interactive=False, verbosity=0)
        forget()
        yield root
    forget()


def forget():
    """What a process remembers of addresses."""
    kept.forget()
    ui._static.cache_clear()


def sheets(html: str) -> list[str]:
    """Addresses of the style sheets."""
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)


def loaded(html: str, root) -> list[bytes]:
    """Own files that the page loads before it is used, besides fonts and pictures."""
    scripts, icons = (re.findall(asked, html) for asked in (r'<script[^>]* src="/static/([^"]+)"', r'<use href="/static/([^"#]+)#'))
    own = [*(sheet.removeprefix("/static/") for sheet in sheets(html)), *scripts, *icons]
    return [(root / name).read_bytes() for name in dict.fromkeys(own)]


def test_each_page_links_one_sheet(db, client, collected):
    make_product()
    for url, bundle in (("/", "shop"), ("/auth/login/", "pages")):
        (sheet,) = sheets(client.get(url).content.decode())
        assert re.fullmatch(rf"/static/css/bundle-{bundle}\.[0-9a-f]{{12}}\.css", sheet)
    client.force_login(make_staff("owner"))
    assert len(sheets(client.get("/staff/").content.decode())) == 1


def test_a_bundle_is_all_of_its_sheets_in_order(collected):
    for bundle in static_bundles.BUNDLES:
        text = (collected / static_bundles.target(bundle)).read_text()
        parts = [(collected / f"css/{name}.css").read_text() for name in static_bundles.BUNDLES[bundle]]
        assert text.endswith("\n".join(parts))
        fonts = re.findall(r"url\(([^)]+\.woff2)\)", text.removesuffix("\n".join(parts)))
        assert fonts and all((collected / "css" / name.strip("'\"")).resolve().is_file() for name in fonts)


def test_collecting_again_gives_the_same_names(collected):
    before = sorted(path.name for path in (collected / "css").iterdir())
    call_command("collectstatic", interactive=False, verbosity=0)
    assert sorted(path.name for path in (collected / "css").iterdir()) == before


def test_the_first_page_of_the_shop_is_light(db, client, collected):
    for number in range(3):
        make_product(features=[f"feature {number} {n}" for n in range(6)])
    html = client.get("/").content.decode()
    files = loaded(html, collected)
    assert len(files) <= REQUESTS
    assert sum(len(gzip.compress(part)) for part in [html.encode(), *files]) < LIMIT
