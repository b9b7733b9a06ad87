"""Own domains: what is taken, what is refused, and with which words."""

import pytest

from billing import kinds
from hostbill.core.errors import AppError
from provisioning.queries.domain import clean_domain, shown
from tests.provisioning.factories import buy_hosting


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("Example.COM", "example.com"),
        ("  www.example.com/ ", "example.com"),
        ("https://shop.example.co.uk/page?x=1", "shop.example.co.uk"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("faß.de", "xn--fa-hia.de"),
        ("বাংলা.com", "xn--54b7fta0cc.com"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("example.com.", "example.com"),
        ("éxample.com", "xn--xample-9ua.com"),
    ],
)
def test_taken_and_stored_as_ascii(typed, stored):
    """IDNA 2008, cut down to the host."""
    assert clean_domain(typed) == stored


@pytest.mark.parametrize(
    "typed, code",
    [
        ("", "empty"),
        ("co.uk", "suffix"),
        ("com", "suffix"),
        ("github.io", "suffix"),
        ("localhost", "ending"),
        ("example.nosuchtld", "unknown_ending"),
        ("192.0.2.7", "ip"),
        ("[2001:db8::1]", "ip"),
        ("my_site.com", "underscore"),
        ("me@example.com", "email"),
        ("two words.com", "space"),
        ("a..com", "dots"),
        ("*.example.com", "star"),
        ("example.com:8080", "port"),
        ("-bad.com", "characters"),
        ("exa💥mple.com", "characters"),
        ("a" * 64 + ".com", "characters"),
    ],
)
def test_refused_with_a_reason(typed, code):
    """Each has its own words."""
    with pytest.raises(AppError) as refusal:
        clean_domain(typed)
    assert refusal.value.code == code


def test_shown_as_written():
    """U-label."""
    assert shown("xn--bcher-kva.de") == "bücher.de"


def test_a_domain_that_we_serve_is_refused(cast, server, product, drain):
    """Two accounts cannot have one name."""
    buy_hosting(cast.alice_client, product, "weaves.example.com")
    drain()
    with pytest.raises(AppError) as refusal:
        kinds.clean_answers(product, {"domain": "WWW.weaves.example.com"})
    assert refusal.value.code == "served"
    assert kinds.clean_answers(product, {"domain": "bücher.example.com"}) == {"domain": "xn--bcher-kva.example.com"}
