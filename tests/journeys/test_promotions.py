"""Staff make a code for two invoices; a visitor follows its link, reads what comes later before paying, and the cap holds."""

import re
import uuid

import pytest

from tests.journeys import acts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]


def test_a_link_gives_two_cheaper_invoices_and_says_what_comes_after(stack, visit):
    tag = uuid.uuid4().hex[:6].upper()
    email, domain = f"ada@code-{tag}.example".lower(), f"code-{tag}.example".lower()
    staff, page, late = visit(1440), visit(), visit()
    acts.sign_in(staff, stack.up.staff, "/staff/promotions/new/")
    staff.get_by_role("textbox", name="Name").fill(f"Welcome {tag}")
    staff.get_by_role("textbox", name="Code").fill("W" * 500)
    staff.get_by_label("Percent", exact=False).first.fill("-20")
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.locator(".field-error").first.wait_for()
    staff.get_by_role("textbox", name="Code").fill(f"SAVE{tag}")
    staff.locator("#id_percent").fill("20")
    staff.locator("#id_periods").fill("2")
    staff.locator("#id_max_uses").fill("1")
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.wait_for_url(re.compile(r"/promotions/\d+/"))

    page.goto(f"/order/grow/?promo=SAVE{tag}")
    page.get_by_role("textbox", name="domain").fill(domain)
    page.get_by_role("radio", name=re.compile("^Monthly")).check()
    page.get_by_role("button", name="Put into the basket").click()
    page.get_by_text("9.52").first.wait_for()  # 10.00 less 20 % and 19 % tax
    page.get_by_role("link", name="Go to checkout").click()
    page.get_by_text("11.90").first.wait_for()  # the third invoice, before the first is paid
    acts.sign_up(page, email)
    acts.order(page)
    acts.pay(page, acts.GOOD)
    acts.watch_set_up(page)
    paid = stack.query(f"str(Invoice.objects.get(client__email='{email}').total_amount)")
    assert paid.startswith("9.52")

    late.goto(f"/order/grow/?promo=SAVE{tag}")
    late.get_by_role("textbox", name="domain").fill(f"late-{domain}")
    late.get_by_role("radio", name=re.compile("^Monthly")).check()
    late.get_by_role("button", name="Put into the basket").click()
    late.get_by_text("11.90").first.wait_for()
    assert "9.52" not in late.locator("main").inner_text(), "the code was for one order"
    stack.books()
