"""Takes the pictures of docs/tour.md and README.md anew with the acts of the journeys. `bin/tour` starts an installation for it."""

import io
import os
import re
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM_FLAGS
from tests.journeys import acts
from tests.journeys.stack import ROOT, Stack

FOLDER = ROOT / "docs" / "pictures"
BUYER = "ada@my-shop.example"
MAIL = {"width": 640, "height": 760}
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 800}
#: Colours of a picture: pages are flat, so a palette is enough and the files stay small.
COLOURS = 255
#: name, address, window, dark
STAFF = [
    ("staff-home", "/staff/", WIDE, False),
    ("staff-home-dark", "/staff/", WIDE, True),
    ("staff-phone", "/staff/", PHONE, False),
    ("staff-invoices", "/staff/invoices/", WIDE, False),
    ("staff-rules", "/staff/rules/", WIDE, False),
    ("staff-health", "/staff/health/", WIDE, False),
    ("staff-reports", "/staff/reports/", WIDE, False),
    ("staff-guide", "/staff/setup/", WIDE, False),
]
CLIENT = [
    ("client-home", "/account/", WIDE, False),
    ("client-home-dark", "/account/", WIDE, True),
    ("client-phone", "/account/", PHONE, False),
    ("client-invoices", "/account/invoices/", WIDE, False),
]
SHOP = [
    ("shop", "/", WIDE, False),
    ("product", "/plans/web-hosting/grow/", WIDE, False),
    ("shop-phone", "/", PHONE, False),
]


def keep(page, name: str) -> None:
    """Store what the window shows, with few colours."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelectorAll('[data-toast]').forEach(one => one.remove())")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def take(page, pictures) -> None:
    """Each address in its window and scheme."""
    for name, path, window, dark in pictures:
        page.set_viewport_size(window)
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        page.goto(path)
        keep(page, name)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def of_the_console(page, stack) -> None:
    """Lists and homes, a client's page, the search."""
    acts.sign_in(page, stack.up.staff, "/staff/")
    take(page, STAFF)
    page.goto("/staff/clients/?q=sundarban")
    page.locator("main tbody a").first.click()
    page.wait_for_url(re.compile(r"/staff/clients/\d+/"))
    keep(page, "client-page")
    page.keyboard.press("Control+k")
    page.keyboard.type("brandt")
    page.locator(".palette-results a", has_text="Brandt Keramik").first.wait_for()
    keep(page, "staff-search")


def of_the_client_area(page, stack) -> None:
    """What a client sees, and one of the services."""
    acts.sign_in(page, stack.up.clients[1], "/account/")
    take(page, CLIENT)
    page.goto("/account/services/")
    page.locator("main .object-row a, main tbody a").first.click()
    keep(page, "client-service")


def of_an_order(page, stack) -> None:
    """The shop, checkout, paying, being set up."""
    take(page, SHOP)
    acts.choose(page, "Grow", "my-shop.example")
    page.wait_for_url("**/checkout/")
    keep(page, "checkout")
    acts.sign_up(page, BUYER)
    acts.order(page)
    page.frame_locator("#pay-element iframe").get_by_label("Card number").wait_for()
    keep(page, "pay")
    acts.pay(page, acts.GOOD)
    page.get_by_role("link", name="Watch it being set up").click()
    page.wait_for_url("**/setup/**")
    keep(page, "setup")
    page.get_by_role("link", name="Go to my service").wait_for()
    page.set_viewport_size(MAIL)
    page.goto(f"{stack.up.sandbox['mail']['url']}/messages/{acts.mail_with(stack, BUYER, 'is online')['id']}/html")
    keep(page, "mail")


def main() -> None:
    """All of them, and how much they weigh."""
    stack = Stack.at(Path(os.environ["HOSTBILL_VAR"]))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        for story in (of_an_order, of_the_client_area, of_the_console):
            page = browser.new_context(base_url=stack.url, viewport=WIDE).new_page()
            page.set_default_timeout(60_000)
            story(page, stack)
            page.context.close()
        browser.close()
    sizes = {path.name: path.stat().st_size // 1024 for path in sorted(FOLDER.glob("*.png"))}
    print(sizes, sum(sizes.values()), "KB")  # noqa: T201
