"""An owner's first hour, from an installation with nothing in it, led by the set-up guide and with nothing but a keyboard: company,
brand, tax, mail, a way to pay, a server, a product; then a visitor buys it and has a running account."""

import io

import pytest
from PIL import Image

from tests.journeys import acts
from tests.journeys.keyboard import Keyboard
from tests.journeys.stack import Stack, eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("owner")]


@pytest.fixture
def empty(tmp_path):
    """A whole installation as `bin/up --empty` leaves it."""
    running = Stack(tmp_path / "data", "--empty")
    yield running
    running.stop()


def go(keys, name: str, kind: str) -> None:
    """Press what leads to a page, and be there."""
    with keys.page.expect_navigation():
        keys.press(name, kind)


def save(keys, button="^Save", done=True) -> None:
    """Press the button of the form and see that the guide counts the step."""
    go(keys, button, "button")
    if done:
        keys.page.locator(".guide-band", has_text="Done.").wait_for()


def on(keys, label: str) -> None:
    """To the next step of the guide, by its own link."""
    go(keys, f"^Next: {label}", "a")
    keys.page.locator(".guide-band", has_text=label).wait_for()


def set_up_company(keys) -> None:
    """The first page of all makes the owner's login; the home page leads into the guide."""
    keys.page.goto("/")
    keys.page.wait_for_url("**/setup/")
    keys.fill(
        Company="Fjord Hosting", Your_name="Signe Holm", Your_e_mail="signe@fjord.example", Password=acts.PASSWORD
    )
    keys.key("Enter")
    keys.page.wait_for_url("**/staff/")
    keys.press("^Go on", "a")
    keys.page.wait_for_url("**/staff/setup/")
    keys.press("Fill in", "a")
    keys.page.wait_for_url("**/staff/settings/**")
    keys.fill(Street="Havnegade 1", Postcode="8000", City="Aarhus")
    save(keys)


def logo() -> dict:
    """A file as the owner would choose it."""
    out = io.BytesIO()
    Image.new("RGB", (240, 60), "#0b6e4f").save(out, "PNG")
    return {"name": "fjord.png", "mimeType": "image/png", "buffer": out.getvalue()}


def choose_file(keys, name: str, file: dict) -> None:
    """Space on a file's field, and the file in what it opens.

    The browser must hear that choosers are caught before it hears the key: these travel by two roads, and only an answer that
    came back by the first one (the walk to the field brings many) says that it has."""
    with keys.page.expect_file_chooser() as chooser:
        keys.press(name, "input", key="Space")
    chooser.value.set_files(file)


def set_up_brand(keys) -> None:
    """A logo, a promise, papers, and a pale green of which HostBill tells that it cannot be seen."""
    on(keys, "Your brand")
    keys.write("^Shop title", "Hosting from the fjord")
    keys.write("^Promises", "Aarhus and Oslo: Your data stays in the north.")
    choose_file(keys, "^Logo optional", logo())
    keys.write("^Terms", "Be kind to each other.")
    keys.write("^Privacy", "# Privacy\n\nWe keep little.")
    keys.write("^Brand colour", "#a7f3d0")
    keys.page.get_by_text("is too pale to be seen on white").wait_for()
    save(keys)
    on(keys, "Tax rates")  # the terms were written on the way
    keys.fill(Name="MOMS", Percent="25")
    keys.to("Valid from")
    keys.page.keyboard.type("01012020")
    save(keys)


def set_up_mail(keys) -> None:
    """A sender, and one mail that really leaves."""
    on(keys, "Mail")
    keys.write("^Sender address", "hello@fjord.example")
    save(keys, done=False)
    go(keys, "Send a test mail", "a")
    go(keys, "Send a test to me", "button")
    eventually(lambda: keys.page.reload() and keys.page.locator(".guide-band", has_text="Done.").count(), 60)


def set_up_money(keys, stripe) -> None:
    """The card gateway of the sandbox, tested."""
    on(keys, "A way to pay")
    go(keys, "Stripe", "a")
    keys.write("^Name", "Card")
    keys.fill(Publishable=stripe["publishable_key"], Secret=stripe["secret_key"], Webhook=stripe["webhook_secret"])
    keys.fill(API=stripe["url"], Address_of=f"{stripe['url']}/element.js")
    save(keys, done=False)
    go(keys, "Test the connection", "button")
    keys.page.locator(".guide-band", has_text="Done.").wait_for()


def set_up_server(keys, whm) -> None:
    """The panel of the sandbox; its group is made on the way, and saving tests the connection."""
    on(keys, "A server")
    port = whm["url"].rsplit(":", 1)[1]
    keys.fill(Name="aar-1", Host_name="aar-1.fjord.example", Address_of="127.0.0.1", Port=port)
    keys.press("^Use TLS", key="Space")
    keys.fill(WHM="root", API=whm["token"])
    save(keys, "Save and test")


def set_up_product(keys) -> None:
    """The first plan, on a shelf that is made on the way."""
    on(keys, "A product with a price")
    keys.fill(Name="Skerry", Tagline="One small site.", Features="1 website\n10 GB of storage")
    keys.write("^Questions", "May I move?\nYes, at any time.")
    keys.choose("^Server group", "Servers")
    keys.write("^Plan on", "start")
    keys.write("^Monthly in EUR: price", "4.00")
    keys.write("^Annually in EUR: price", "40.00")
    save(keys)


def test_an_owner_sets_up_and_a_visitor_buys(empty, chromium):
    owner = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=empty.url).new_page()
    owner.set_default_timeout(30_000)
    keys = Keyboard(owner)
    set_up_company(keys)
    set_up_brand(keys)
    set_up_mail(keys)
    set_up_money(keys, empty.up.sandbox["stripe"])
    set_up_server(keys, empty.up.sandbox["whm"])
    set_up_product(keys)

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

    keys.find("set-up guide", "Set-up guide")
    owner.get_by_role("heading", name="Everything is ready to sell").wait_for()
    keys.go_to("s")
    owner.get_by_text("first-sale.example").first.wait_for()
    keys.go_to("c")
    owner.get_by_text("Bo First").first.wait_for()
    empty.books()
