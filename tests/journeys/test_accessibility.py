"""The key pages of visitor, client and staff: axe-core finds nothing, light and dark, and nothing scrolls sideways at 320 px."""

from pathlib import Path

import pytest

from tests.journeys import acts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
AXE = (Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The colours of the other scheme count once they are drawn and no transition is on its way any more.
FIND = """async rules => {
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished));
  const found = await axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]});
  return found.violations.map(rule => `${rule.id}: ${rule.nodes.map(node => node.html.slice(0, 160)).join(" | ")}`);
}"""
VISITOR = [
    "/",
    "/plans/plesk-hosting/",
    "/order/grow/?cycle=annual",
    "/cart/",
    "/terms/",
    "/auth/login/",
    "/nothing-here/",
]
CLIENT = [
    "/account/",
    "/account/services/",
    "/account/services/1/",
    "/account/invoices/",
    "/account/payment-methods/",
    "/account/tickets/",
    "/account/tickets/new/",
    "/account/profile/",
    "/account/company/",
    "/account/people/",
    "/account/messages/",
]
STAFF = [
    "/staff/",
    "/staff/clients/",
    "/staff/clients/1/",
    "/staff/orders/",
    "/staff/services/",
    "/staff/services/1/",
    "/staff/invoices/",
    "/staff/invoices/1/",
    "/staff/payments/",
    "/staff/payments/match/",
    "/staff/tickets/",
    "/staff/tickets/1/",
    "/staff/servers/",
    "/staff/products/",
    "/staff/settings/",
    "/staff/jobs/",
    "/staff/outgoing/",
    "/staff/styleguide/",
]


def findings(page, paths, missing=()) -> list[str]:
    """What is wrong on the pages, each with its address; a page that does not answer 200 counts, but for those in `missing`."""
    wrong = []
    page.emulate_media(reduced_motion="reduce")
    for path in paths:
        answer = page.goto(path)
        if answer.status != 200 and path not in missing:
            wrong.append(f"{path}: answers {answer.status}")
        page.evaluate(AXE)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            wrong += [f"{path} {scheme}: {line}" for line in page.evaluate(FIND, RULES)]
        page.set_viewport_size({"width": 320, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wrong.append(f"{path}: {width} px wide on a screen of 320")
        page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def test_the_shop(visit):
    assert findings(visit(bypass_csp=True), VISITOR, missing=("/nothing-here/",)) == []


def test_checkout_and_pay_page(stack, visit):
    page = visit(bypass_csp=True)
    acts.choose(page, "Grow", "everyone-reads.example")
    assert findings(page, ["/cart/", "/checkout/"]) == []
    acts.sign_up(page, "axe@everyone-reads.example")
    acts.order(page)
    assert findings(page, [page.url]) == []


def test_the_client_area(stack, visit):
    page = visit(bypass_csp=True)
    acts.sign_in(page, stack.up.clients[0], "/account/")
    assert findings(page, CLIENT) == []


def test_the_console(stack, visit):
    page = visit(bypass_csp=True)
    acts.sign_in(page, stack.up.staff, "/staff/")
    assert findings(page, STAFF) == []
