"""Every address that answers with a page, found in the resolver, with an object for every noun: axe finds nothing in light and dark, nor in
any menu or dialog when it is open; nothing moves for those who asked for rest. Each once more in another language, in the dark and
squeezed to 320 px: the console in German; the shop and the client area from right to left, and in longer words and taller scripts."""

import pytest

from tests.journeys.crawl import ALL, AXE, COLOURS, FIND, PIECES
from tests.journeys.here import be, served, undone
from tests.security.conftest import browser, visit
from tests.security.routes import routes
from tests.security.world import World, arguments_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("pages")]

#: The narrowest phone, and a screen of 1280 at twice the size.
WIDTHS = (320, 640)
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 800}
#: Stands for mails and their wording in a frame; they have a test of their own.
NOT_PAGES = ("template_preview", "message_body")
FITS = "width => Math.max(0, document.documentElement.scrollWidth - width)"
#: What still moves although the reader asked for rest.
MOVES = """() => document.getAnimations().filter(one => one.effect.getComputedTiming().duration > 50 && one.playState === "running")
  .map(one => one.effect.target?.outerHTML.slice(0, 120))"""
#: Opens the number-th menu or dialog; returns its pieces, and how far it stands outside the window.
OPEN = """number => {
  const one = [...document.querySelectorAll("[data-menu-list], dialog[id], .side[popover]")][number];
  if (!one) return null;
  if (one.matches("dialog")) { if (!one.open) one.showModal() } else if (getComputedStyle(one).display === "none") one.showPopover();
  const box = one.getBoundingClientRect();
  const outside = Math.round(Math.max(-box.left, box.right - innerWidth, 0));
  const names = [...one.querySelectorAll("*")].map(each => each.tagName + each.className);
  return {pieces: [...new Set([one.tagName + one.className, ...names])].sort().join(" "), outside, id: one.id};
}"""
CLOSE = """() => document.querySelectorAll("[data-menu-list], dialog[id], .side[popover]").forEach(one =>
  one.matches("dialog") ? one.close() : one.matches(":popover-open") && one.hidePopover())"""
#: Words that lie on other words, and signs of direction that were not turned round.
ASKEW = """() => {
  const wrong = [];
  const apart = ".skip, [popover], dialog, svg, .tabbar, .dock, .chart, .toasts, .avatar, select";
  const boxOf = one => one.getBoundingClientRect();
  const seen = one => { // not for ears only, and no more of it than its frame shows
    for (let each = one; each !== document.body; each = each.parentElement)
      if (boxOf(each).width < 3 || boxOf(each).height < 3) return false;
    return !one.closest(apart) && one.checkVisibility({visibilityProperty: true});
  };
  const words = [...document.querySelectorAll("body *")].filter(
    one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()) && seen(one));
  const lines = words.map(one => {
    const range = document.createRange(), frame = boxOf(one), cut = getComputedStyle(one).overflowX !== "visible";
    range.selectNodeContents(one);
    return [...range.getClientRects()].map(box => cut
      ? {left: Math.max(box.left, frame.left), right: Math.min(box.right, frame.right), top: box.top, bottom: box.bottom} : box);
  });
  const cross = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 6;
  words.forEach((one, index) => words.slice(index + 1).forEach((other, step) => {
    if (one.contains(other) || other.contains(one)) return;
    if (lines[index].some(a => lines[index + 1 + step].some(b => cross(a, b))))
      wrong.push(`${one.outerHTML.slice(0, 100)} lies on ${other.outerHTML.slice(0, 100)}`);
  }));
  const along = /#(arrow-(left|right)|chevron-(left|right)|login|login-2|logout|send|external-link)$/;
  document.querySelectorAll("svg use").forEach(use => {
    const way = new DOMMatrix(getComputedStyle(use.closest("svg")).transform).a;
    if (along.test(use.getAttribute("href")) && use.checkVisibility() && way !== -1)
      wrong.push(`not turned round: ${use.getAttribute("href").split("#")[1]}`);
  });
  return wrong;
}"""
#: Letters that are cut off above, below or at the side.
CUT = """() => [...document.querySelectorAll("body *")].filter(one => {
  if (!one.checkVisibility() || one.closest(".sr-only, svg, .skip, [popover], dialog, textarea, select, pre")) return false;
  const style = getComputedStyle(one);
  if (![...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())) return false;
  const box = one.closest(".truncate") || one;
  if (one.clientWidth < 3) return false; // for ears only
  if (style.overflowY !== "visible" && style.overflowY !== "auto" && box.scrollHeight > box.clientHeight + 1) return true;
  return style.overflowX === "hidden" && style.textOverflow !== "ellipsis" && one.scrollWidth > one.clientWidth + 1;
}).map(one => one.outerHTML.slice(0, 160))"""


@pytest.fixture
def site(db, chromium, settings):
    """A page, and the address of a world in which everything exists."""
    settings.ALLOWED_HOSTS = ["*"]
    world = World()
    context = chromium.new_context(viewport=WIDE, bypass_csp=True, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    with served() as url:
        yield context.new_page(), url, world
        context.close()


def pages(world, user, chosen) -> list[tuple[str, str]]:
    """(name, path) of the chosen addresses that answer this person with a whole page; a page of refusal is one too."""
    client, found = browser(user), []
    for route in routes():
        arguments = arguments_of(route, world)
        if arguments is None or route.name in NOT_PAGES or not chosen(route):
            continue
        answer = visit("", client, route, "GET", arguments)
        if answer.is_html and "<!doctype" in answer.body[:200].lower():
            found.append((route.name, answer.url))
    return found


def opened(page, url, paths):
    """Open each address, and undo what opening changed; yields (name, path, status)."""
    for name, path in paths:
        kept = page.context.cookies()
        with undone():
            yield name, path, page.goto(url + path).status
        page.context.clear_cookies()
        page.context.add_cookies(kept)


def look(page, where: str) -> list[str]:
    """axe's findings in light, the colours once more in dark."""
    wrong = []
    for scheme, only in (("light", ALL), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wrong += [f"{where} {scheme}: {line}" for line in page.evaluate(FIND, only)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return wrong


def look_at_all(page, url, paths, looked: set) -> tuple[list[str], list]:
    """Every page, and every menu and dialog on it; what is made of the same pieces is looked at once. Gives what is wrong, and the
    pages that were looked at, one of each make."""
    wrong, fresh = [], []
    for name, path, status in opened(page, url, paths):
        where = f"{name} {path}"
        if status not in (200, 404):
            wrong.append(f"{where}: answers {status}")
        wrong += [f"{where} moves: {one}" for one in page.evaluate(MOVES)]
        pieces = page.evaluate(PIECES)
        if pieces not in looked:
            looked.add(pieces)
            fresh.append((name, path))
            page.evaluate(AXE)
            wrong += look(page, where) + _open_each(page, where, looked)
        wrong += [f"{where}: {line}" for line in _too_wide(page)]
        page.set_viewport_size(WIDE)
    return wrong, fresh


def _too_wide(page) -> list[str]:
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        over = page.evaluate(FITS, width)
        wrong += [f"{over} px too wide for {width}"] if over else []
    return wrong


def squeeze(page, url, paths, language: str) -> list[str]:
    """Every page on narrow windows, in the dark: nothing too wide, cut off or (from right to left) askew."""
    wrong = []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    for name, path, _status in opened(page, url, paths):
        wrong += [f"{language} {name} {path}: {line}" for line in _askew(page, language)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(WIDE)
    return wrong


def _open_each(page, where, looked) -> list[str]:
    wrong, number = [], 0
    while found := page.evaluate(OPEN, number):
        number += 1
        if found["pieces"] not in looked:
            looked.add(found["pieces"])
            wrong += look(page, f"{where} #{found['id']}")
            page.evaluate(CLOSE)
            page.set_viewport_size({"width": 320, "height": 800})
            outside = page.evaluate(OPEN, number - 1)["outside"]
            wrong += [f"{where} #{found['id']}: {outside} px outside a window of 320"] if outside else []
            page.set_viewport_size(WIDE)
        page.evaluate(CLOSE)
    return wrong


def inside(route) -> bool:
    """Of the client area, or for everybody."""
    return not route.is_staff


def outside(route) -> bool:
    """What a visitor may open."""
    return not (route.is_staff or route.is_portal)


def test_every_page_of_the_console(site):
    page, url, world = site
    stella = world.cast.stella
    be(page, url, stella)
    paths = pages(world, stella, lambda route: route.is_staff)
    assert len(paths) > 130
    wrong, fresh = look_at_all(page, url, paths, set())
    be(page, url, stella, "de")
    wrong += squeeze(page, url, fresh, "de")
    assert wrong == [], "\n".join(wrong)


def test_every_page_of_clients_and_visitors(site):
    page, url, world = site
    looked, alice = set(), world.cast.alice
    be(page, url, alice)
    wrong, _fresh = look_at_all(page, url, pages(world, alice, inside), looked)
    be(page, url)
    wrong += look_at_all(page, url, pages(world, None, outside), looked)[0]
    assert wrong == [], "\n".join(wrong)


def test_the_client_area_in_other_languages(site):
    """Nothing overlaps, is cut off or points the wrong way: all of it in Arabic, and a third each in the others."""
    page, url, world = site
    alice, wrong = world.cast.alice, []
    paths = pages(world, alice, inside)
    shares = {"ar": paths, "am": paths[0::3], "bn": paths[1::3], "de": paths[2::3]}
    for language, share in shares.items():
        be(page, url, alice, language)
        wrong += squeeze(page, url, share, language)
    assert wrong == [], "\n".join(wrong)


def _askew(page, language) -> list[str]:
    wrong = _too_wide(page)
    page.set_viewport_size(PHONE)
    wrong += [f"cut: {one}" for one in page.evaluate(CUT)]
    if language == "ar":
        wrong += page.evaluate(ASKEW)
        wrong += [] if page.evaluate("document.documentElement.dir") == "rtl" else ["runs from left to right"]
    return wrong
