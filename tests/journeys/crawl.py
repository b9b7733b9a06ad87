"""Finding every page that a role can reach by links, one address per view, and what axe and the eye of a phone say of it."""

from pathlib import Path
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

AXE = (Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The colours of the other scheme count once they are drawn and no transition is on its way any more.
FIND = """async only => {
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished));
  const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
  return found.violations.map(rule => `${rule.id}: ${rule.nodes.map(node => node.html.slice(0, 160)).join(" | ")}`);
}"""
ALL = {"type": "tag", "values": RULES}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
#: What a page is made of: pages of the same pieces (all "really delete?" pages) are looked at once.
PIECES = (
    "[...new Set([...document.querySelectorAll('body *')].map(one => one.tagName + one.className))].sort().join(' ')"
)
LINKS = "[...document.querySelectorAll('a[href]:not([download])')].map(link => link.href)"
#: Files, doors and other programs' pages.
NOT_PAGES = (
    ".pdf",
    ".csv",
    ".xlsx",
    ".xml",
    ".txt",
    "/logout/",
    "/login-link/",
    "/pdf/",
    "/export/",
    "/go/",
    "/admin/",
)


def view_of(path: str) -> str:
    """The name of the view that answers the path; "" for none of ours."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def pages(page, start: list[str], within: str = "/", missing=(), deep: int = 9):
    """Open one address of every view that links lead to from the first pages, each once; yields (path, answer).

    `deep` is the number of parts that an address may have: 3 leaves out what is done to an object."""
    waiting, seen, opened = list(start), set(), set()
    home = urlsplit(page.url if page.url.startswith("http") else page.goto(start[0]).url)
    while waiting:
        path = waiting.pop(0)
        view = view_of(path.split("?")[0])
        if path in opened or (view in seen and path not in start) or (not view and path not in missing):
            continue
        seen.add(view)
        opened.add(path)
        answer = page.goto(path)
        yield path, answer
        found = [urlsplit(link) for link in page.evaluate(LINKS)]
        waiting += [
            link.path
            for link in found
            if link.netloc == home.netloc
            and link.path.startswith(within)
            and link.path.count("/") <= deep + 1
            and not any(part in link.path for part in NOT_PAGES)
        ]


def findings(
    page, start: list[str], within: str = "/", missing=(), width: int = 320, rtl: bool = False, deep: int = 9
) -> list[str]:
    """What is wrong on these pages and on those behind their links, each with its address.

    A page that does not answer 200 counts, but for those in `missing`; so does one wider than the phone."""
    wrong, looked = [], set()
    page.emulate_media(reduced_motion="reduce")
    for path, answer in pages(page, start, within, missing, deep):
        if answer.status != 200 and path not in missing:
            wrong.append(f"{path}: answers {answer.status}")
        pieces = page.evaluate(PIECES)
        if pieces not in looked:
            looked.add(pieces)
            wrong += _look(page, path)
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            wrong.append(f"{path}: {wide} px wide on a screen of {width}")
        if rtl and page.evaluate("document.documentElement.dir") != "rtl":
            wrong.append(f"{path}: does not run from right to left")
        page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def _look(page, path: str) -> list[str]:
    """axe's findings: everything in light, the colours once more in dark."""
    wrong = []
    page.evaluate(AXE)
    for scheme, only in (("light", ALL), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wrong += [f"{path} {scheme}: {line}" for line in page.evaluate(FIND, only)]
    return wrong
