"""A person who has only a keyboard: goes by Tab, arrows and shortcuts, sees at each stop where they are, and is caught nowhere."""

import re
from contextlib import suppress
from urllib.parse import urlsplit

#: What has the focus: its name, whether it can be seen (a ring that is not hidden itself), and whether something lies over all of it.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return {name: "", kind: "body", ring: true, seen: true, mark: ""};
  const kind = one.tagName.toLowerCase();
  const label = one.labels?.[0] ?? one.closest("label");
  const named = (one.getAttribute("aria-labelledby") || "").split(" ").map(id => document.getElementById(id)?.innerText || "").join(" ");
  const text = kind === "input" ? one.value : one.innerText;
  const own = one.getAttribute("aria-label") || named.trim() || label?.innerText || text || one.title || "";
  const circles = [one]; // a hidden box is drawn by its label, or by what holds it
  for (let each = one.parentElement, up = 0; each && up < 3; each = each.parentElement, up++) circles.push(each);
  const drawn = each => {
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && box.width > 7 && box.height > 7
      && each.checkVisibility({opacityProperty: true, visibilityProperty: true});
  };
  const circle = circles.find(drawn);
  const box = (circle || one).getBoundingClientRect();
  const points = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].map(([x, y]) => [box.left + box.width * x, box.top + box.height * y]);
  const seen = points.some(([x, y]) => { const top = document.elementFromPoint(x, y);
    return top && ((circle || one).contains(top) || top.contains(circle || one)) });
  window.stops ||= new WeakMap();
  if (!window.stops.has(one)) window.stops.set(one, String(window.lastStop = (window.lastStop || 0) + 1));
  return {name: own.replace(/\\s+/g, " ").trim(), kind, ring: Boolean(circle) || kind === "iframe" || one.matches("main, [tabindex='-1']"),
    seen, mark: window.stops.get(one)};
}"""
#: Stops after which a thing counts as out of reach.
FAR = 90
#: A date's field has a stop each for day, month, year and calendar.
DATE_STOPS = 4


class Keyboard:
    """`page` with nothing but keys. Names are regular expressions, looked for without regard to case."""

    def __init__(self, page):
        self.page = page
        page.emulate_media(reduced_motion="reduce")

    def where(self) -> dict:
        """What has the focus; fails when it cannot be seen there."""
        found = self.page.evaluate(FOCUSED)
        place = f"{found['kind']} “{found['name'][:60]}” on {self.page.url}"
        assert found["ring"], f"the focus cannot be seen at {place}"
        assert found["seen"], f"the focus is off the screen or covered at {place}"
        return found

    def key(self, *names: str) -> None:
        """Press keys one after the other."""
        for name in names:
            self.page.keyboard.press(name)

    def to(self, name: str, kind: str = "", key: str = "Tab") -> dict:
        """Tab until what is called so has the focus."""
        last, still, passed = None, 0, []
        for _step in range(FAR):
            self.key(key)
            found = self.where()
            if (
                re.search(name, found["name"], re.I)
                and re.fullmatch(kind or ".*", found["kind"])
                and found["kind"] != "body"
            ):
                return found
            still = still + 1 if found["mark"] == last else 0
            assert still < DATE_STOPS or found["kind"] in ("iframe", "body"), f"caught at {found}"
            last = found["mark"]
            passed.append(found["name"][:30])
        raise AssertionError(f"“{name}” is not reached by {key} on {self.page.url}; passed {passed}")

    def skip(self) -> None:
        """Past the frame, by the first stop of the page."""
        self.to("Skip to the content", "a")
        self.key("Enter")
        assert self.page.evaluate("document.activeElement.id") == "main"

    def press(self, name: str, kind: str = "", key: str = "Enter") -> None:
        """Go to it and press it."""
        self.to(name, kind)
        self.key(key)

    def write(self, name: str, text: str) -> None:
        """Go to a field and type over what stands there."""
        self.to(name, "input|textarea")
        self.key("Control+a")
        self.page.keyboard.type(text)

    def fill(self, **values: str) -> None:
        """Fields by the beginning of their names, in the order of the page; _ stands for any character."""
        for name, text in values.items():
            self.write("^" + name.replace("_", "."), text)

    def choose(self, name: str, text: str) -> None:
        """In a list of choices: type how the choice begins."""
        found = self.to(name, "select|input")
        self.page.keyboard.type(text)
        if found["kind"] == "input":
            self.key("Enter")

    def find(self, words: str, result: str) -> None:
        """Ctrl-K, words, and down to the result."""
        self.page.locator("html[data-ready='1']").wait_for(state="attached")
        self.key("Control+k")
        self.page.locator("#palette[open]").wait_for()
        self.page.keyboard.type(words)
        self.page.locator(".palette-results a", has_text=re.compile(result, re.I)).first.wait_for()
        for _step in range(30):
            at = self.page.locator(".palette-results [aria-selected=true]")
            if at.count() and re.search(result, at.inner_text(), re.I):
                break
            self.key("ArrowDown")
        before = self.page.url
        self.key("Enter")
        self.page.wait_for_url(lambda url: url != before)

    def go_to(self, letter: str) -> None:
        """G and the letter of a place in the menu."""
        self.page.locator("html[data-ready='1']").wait_for(state="attached")
        with self.page.expect_navigation():
            self.key("g", letter)

    def sign_in(self, login: dict, path: str) -> None:
        """As anybody does."""
        self.page.goto(f"/auth/login/?next={path}")
        self.write("^E-?mail", login["email"])
        self.write("Password", login["password"])
        self.key("Enter")
        self.page.wait_for_url(lambda url: urlsplit(url).path == path)

    def pay_by_card(self, card: str) -> None:
        """Into the gateway's frame, through its fields, and on to the button."""
        self.page.frame_locator("#pay-element iframe").get_by_label("Card number").wait_for()
        self.to("", "iframe")
        frame = next(frame for frame in self.page.frames if "element" in frame.url)
        for name, text in (("Card number", card), ("Expiration", "09 / 34"), ("Security code", "314")):
            for _step in range(8):
                if re.search(name, frame.evaluate(FOCUSED)["name"], re.I):
                    break
                self.key("Tab")
            self.page.keyboard.type(text)
        self.press("^Pay", "button")
        self.page.wait_for_url(re.compile("/return/"))

    def close(self) -> None:
        """Escape; what was open gives the focus back to what opened it."""
        self.key("Escape")
        with suppress(AssertionError):
            return self.where()
