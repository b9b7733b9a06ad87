"""An owner's first hour, from an installation with nothing in it: company, brand, a way to pay, a server, a product, all through the
screens; then a visitor buys it and has a running account."""

import io
import re

import pytest
from PIL import Image

from tests.journeys import acts
from tests.journeys.stack import Stack, eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("owner")]


@pytest.fixture
def empty(tmp_path):
    """A whole installation as `bin/up --empty` leaves it."""
    running = Stack(tmp_path / "data", "--empty")
    yield running
    running.stop()


def fill(page, **values) -> None:
    """Type into the fields of these names, two underscores standing for what ends a Python name."""
    for name, value in values.items():
        field = page.locator(f"main [name='{name}']")
        if field.evaluate("one => one.type") == "checkbox":
            field.set_checked(value)
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def save(page, button="Save") -> None:
    """Send the form and see that it went."""
    before = page.url
    page.locator("main").get_by_role("button", name=re.compile(f"^{button}")).last.click()
    page.wait_for_url(lambda url: url != before)


def set_up_company(page) -> None:
    """The first page of all: it makes the owner's login too."""
    page.goto("/")
    page.wait_for_url("**/setup/")
    fill(page, company="Fjord Hosting", name="Signe Holm", email="signe@fjord.example", password=acts.PASSWORD)
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url("**/staff/")


def logo() -> dict:
    """A file as the owner would choose it."""
    out = io.BytesIO()
    Image.new("RGB", (240, 60), "#0b6e4f").save(out, "PNG")
    return {"name": "fjord.png", "mimeType": "image/png", "buffer": out.getvalue()}


def set_up_brand(page) -> None:
    """A pale green that HostBill makes readable, a logo, a promise, a paper."""
    page.goto("/staff/brand/")
    fill(page, brand__colour="#a7f3d0", store__tagline="Hosting from the fjord")
    page.get_by_text("is too pale to be seen on white").wait_for()
    fill(
        page,
        store__facts="Aarhus and Oslo: Your data stays in the north.",
        store__privacy="# Privacy\n\nWe keep little.",
    )
    page.locator("input[name=brand__logo]").set_input_files(logo())
    page.locator("main").get_by_role("button", name="Save").click()
    page.get_by_text("Saved. The shop shows it now.").wait_for()


def set_up_money(page, stripe) -> None:
    """A tax rate and the card gateway of the sandbox."""
    page.goto("/staff/tax-rates/new/")
    fill(page, name="MOMS", percent="25", valid_from="2020-01-01")
    save(page)
    page.goto("/staff/modules/new/gateway/stripe/")
    fill(page, label="Card")
    keys = {key: stripe[key] for key in ("publishable_key", "secret_key", "webhook_secret")}
    keys |= {"api_base": stripe["url"], "element_url": f"{stripe['url']}/element.js"}
    fill(page, **{f"config-{key}": value for key, value in keys.items()})
    page.locator("[name=is_active]").check()
    save(page)


def set_up_server(page, whm) -> None:
    """A group, and the panel of the sandbox in it; saving tests the connection."""
    page.goto("/staff/servers/groups/new/")
    fill(page, name="Aarhus")
    save(page)
    page.goto("/staff/servers/new/?driver=cpanel")
    port = whm["url"].rsplit(":", 1)[1]
    fill(page, name="aar-1", hostname="aar-1.fjord.example", group="Aarhus")
    values = {"hostname": "127.0.0.1", "port": port, "use_tls": False, "username": "root", "token": whm["token"]}
    fill(page, **{f"panel-{key}": value for key, value in values.items()})
    save(page, "Save and test")


def set_up_product(page) -> None:
    """A shelf and the first plan on it."""
    page.goto("/staff/products/groups/new/")
    fill(page, name="Web hosting", slug="web-hosting", tagline="For people near the water.")
    save(page)
    page.goto("/staff/products/new/")
    fill(page, name="Skerry", slug="skerry", group="Web hosting", tagline="One small site.")
    fill(page, features="1 website\n10 GB of storage", faq="May I move?\nYes, at any time.")
    fill(page, **{"setup-server_group": "Aarhus", "setup-plan": "start"})
    fill(page, amount_EUR_monthly="4.00", amount_EUR_annual="40.00")
    save(page)


def test_an_owner_sets_up_and_a_visitor_buys(empty, chromium):
    owner = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=empty.url).new_page()
    owner.set_default_timeout(20_000)
    set_up_company(owner)
    set_up_brand(owner)
    set_up_money(owner, empty.up.sandbox["stripe"])
    set_up_server(owner, empty.up.sandbox["whm"])
    set_up_product(owner)

    visitor = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=empty.url).new_page()
    visitor.set_default_timeout(20_000)
    visitor.goto("/")
    for words in ("Hosting from the fjord", "Your data stays in the north.", "€50.00"):
        visitor.get_by_text(words).first.wait_for()
    assert visitor.get_by_role("img", name="Fjord Hosting").first.is_visible()
    visitor.get_by_role("link", name="Privacy").click()
    visitor.get_by_text("We keep little.").wait_for()
    visitor.goto("/plans/web-hosting/skerry/")
    visitor.get_by_text("May I move?").click()
    visitor.get_by_text("Yes, at any time.").wait_for()
    visitor.goto("/")
    visitor.get_by_role("link", name="Choose Skerry").click()
    visitor.get_by_role("textbox", name="domain").fill("first-sale.example")
    visitor.get_by_role("radio", name="Monthly").check()
    visitor.get_by_role("button", name="Put into the basket").click()
    visitor.get_by_role("link", name="Go to checkout").click()
    acts.sign_up(visitor, "bo@first-sale.example", "Bo", "First")
    acts.order(visitor)
    acts.pay(visitor, acts.GOOD)
    acts.watch_set_up(visitor)
    assert eventually(lambda: "first-sale.example" in str(empty.accounts()))

    owner.goto("/staff/services/")
    owner.get_by_text("first-sale.example").first.wait_for()
    owner.goto("/staff/clients/")
    owner.get_by_text("Bo First").first.wait_for()
    empty.books()
