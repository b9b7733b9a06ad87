"""The brand: whatever colour is chosen can be read, pictures are only pictures, and the shop shows them at once."""

import colorsys
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hostbill.core import brand, options, pictures
from hostbill.core.access import SYSTEM
from hostbill.core.models import File
from support.models import TicketMessage
from tests.factories import make_cast

GOOD_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><style>.a{fill:#123}</style><path class="a" d="M0 0h9"/></svg>'
BAD_DRAWINGS = [
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    '<svg xmlns="http://www.w3.org/2000/svg"><a href="javascript:alert(1)"><path/></a></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://evil.example/x.png"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><body/></foreignObject></svg>',
    '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>',
    '<svg xmlns="http://www.w3.org/2000/svg"><style>@import "https://evil.example";</style></svg>',
    "<svg",
]


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_makes_readable_pairs(number):
    colour = f"#{number:06x}"
    for palette in (brand.light_palette(colour), brand.dark_palette(colour)):
        for pair in palette.pairs:
            assert pair.ratio >= pair.least, (colour, str(pair.name), pair)


def test_the_pairs_of_a_rainbow_are_readable():
    for step in range(0, 360, 7):
        for light, full in ((0.1, 1), (0.5, 1), (0.9, 1), (0.5, 0.2), (0.97, 0.5)):
            rgb = colorsys.hls_to_rgb(step / 360, light, full)
            colour = "#" + "".join(f"{round(part * 255):02x}" for part in rgb)
            pairs = brand.light_palette(colour).pairs + brand.dark_palette(colour).pairs
            assert all(pair.ratio >= pair.least for pair in pairs), colour


def png(size=(40, 20), kind="PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#0a5cff").save(out, kind)
    return out.getvalue()


def upload(data, name="logo.png"):
    return SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_are_read(kind):
    data, mime, width, height = pictures.read_picture(upload(png(kind=kind)))
    assert (mime, width, height) == (f"image/{kind.lower()}", 40, 20)


def test_drawings_keep_their_proportions():
    assert pictures.read_picture(upload(GOOD_SVG, "a.svg"))[1:] == ("image/svg+xml", 120, 40)


@pytest.mark.parametrize(
    "bad",
    [*BAD_DRAWINGS, b"", b"%PDF-1.4", b"<html><script>alert(1)</script>", png((5000, 2)), png()[:60], b"x" * 1_000_001],
)
def test_anything_else_is_refused(bad):
    with pytest.raises(pictures.ValidationError):
        pictures.read_picture(upload(bad))


@pytest.fixture
def stella(client, db):
    """Staff with every right, signed in."""
    cast = make_cast()
    client.force_login(cast.stella, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(**more) -> dict:
    """The screen as it is sent back unchanged, but for `more`."""
    keys = ("brand.colour", "company.name", "store.tagline", "store.intro", "store.facts", "store.imprint")
    keys += ("store.terms_text", "store.privacy", "store.help", "store.footer_links")
    return {key.replace(".", "__"): options.find(key).value for key in keys} | more


def test_the_shop_shows_the_brand_at_once(stella, client):
    values = form(
        company__name="Fjordhost",
        brand__colour="#ffe14d",
        store__tagline="Fast and fair",
        store__facts="Here: In Aarhus.",
    )
    values |= {
        "brand__logo": upload(GOOD_SVG, "l.svg"),
        "brand__logo_dark": upload(png()),
        "brand__icon": upload(png((64, 64))),
    }
    assert stella.post("/staff/brand/", values).status_code == 302
    html = client.get("/").content.decode()
    for words in ("Fast and fair", "In Aarhus.", 'alt="Fjordhost"', 'width="120" height="40"', "/brand/ffe14d.css"):
        assert words in html, words
    logo = pictures.picture_of(options.BRAND_LOGO.value)
    answer = client.get(f"/brand/pictures/{logo.token}/")
    assert answer["Content-Type"] == "image/svg+xml" and "immutable" in answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy
    assert client.get("/favicon.ico").status_code == 302
    stella.post("/staff/brand/", form(brand__logo__remove="on"))
    assert options.BRAND_LOGO.value is None and options.BRAND_ICON.value


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(stella):
    values = form(company__name="", brand__colour="red", store__footer_links="x", brand__logo=upload(BAD_DRAWINGS[0]))
    answer = stella.post("/staff/brand/", values)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {
        "company__name",
        "brand__colour",
        "store__footer_links",
        "brand__logo",
    }
    assert not File.objects.filter(owner_kind=pictures.OWNER).exists()


def test_colours_are_shown_while_one_is_chosen(stella):
    html = stella.get("/staff/brand/colours/", {"brand__colour": "#ffe14d"}).content.decode()
    assert "too pale" in html and "#ffe14d" not in html.split("<svg")[1].split("</svg>")[0]
    for bad in ("", "red", "#12", "\x00", "<b>"):
        assert stella.get("/staff/brand/colours/", {"brand__colour": bad}).status_code == 200


def test_files_of_others_are_no_pictures_of_the_house(client, db):
    row = File(name="a.png", mime="image/png", size=1, sha256="0", owner_kind=TicketMessage.FILE_OWNER)
    row.content.save("content", upload(png()), save=True)
    assert client.get(f"/brand/pictures/{row.token}/").status_code == 404


def test_the_picture_for_links_is_there_without_being_set(client, db):
    answer = client.get("/brand/4f46e5/social.png")
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    assert client.get("/brand/4f46e5/touch.png")["Content-Type"] == "image/png"


def test_pictures_can_be_taken_away_only(db):
    options.set_option(options.BRAND_LOGO, None, SYSTEM)
    assert pictures.picture_of("") is None
