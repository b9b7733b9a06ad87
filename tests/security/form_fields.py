"""Every form of a page with what a browser would send: each field with its kind and value, each button; and the links."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urljoin

#: Inputs of which only the chosen one is sent.
CHOSEN = ("checkbox", "radio")
NUMBERS = ("number", "decimal", "numeric")


@dataclass(frozen=True)
class Field:
    """``kind``: what may be typed (text, number, date, choice, tick, hidden, file...). ``is_bad``: the page says it is wrong."""

    name: str
    kind: str
    value: str = ""
    sent: bool = True
    needed: bool = False
    is_bad: bool = False
    form: int = -1
    choices: tuple = ()


class Button(NamedTuple):
    """What it sends of its own; `action` and `method` where they are not the form's."""

    name: str
    value: str
    action: str = ""
    method: str = ""


@dataclass
class PageForm:
    """Where it goes, what it sends, and its buttons. `alone`: it is sent without one, by script."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    alone: bool = False

    @property
    def own_buttons(self) -> list[Button]:
        """Those that send it where it says itself."""
        return [button for button in self.buttons if not button.action]

    def values(self) -> dict:
        """What a browser sends when nothing is typed."""
        return {each.name: each.value for each in self.fields.values() if each.sent}


class Page(HTMLParser):
    """`forms`, and `links` as the page shows them."""

    def __init__(self, address: str, html: str):
        super().__init__()
        self.address, self.forms, self.links, self.ids = address, [], [], {}
        self.now = self.area = self.select = None
        self.bad_group = self.has_error = False
        self.late = []
        self.feed(html)
        for form_id, one, is_button in self.late:
            if form_id in self.ids:
                self._put(self.ids[form_id], one, is_button)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        self.has_error |= "field-error" in classes or "alert-bad" in classes
        if tag == "a" and given.get("href"):
            self.links.append(self.to(given["href"]))
        handler = getattr(self, f"_{tag}", None)
        if handler:
            handler(given)

    def handle_endtag(self, tag):
        if tag == "form":
            self.now = None
        elif tag == "fieldset":
            self.bad_group = False
        elif tag == "textarea" and self.area:
            name, form = self.area
            form.fields[name] = replace(form.fields[name], value=form.fields[name].value.removeprefix("\n"))
            self.area = None
        elif tag == "select":
            self._end_select()

    def handle_data(self, data):
        if self.area is not None:
            name, form = self.area
            one = form.fields[name]
            form.fields[name] = replace(one, value=one.value + data)

    def to(self, address: str | None) -> str:
        """The whole address that is meant on this page."""
        return urljoin(self.address, address or "").partition("#")[0]

    def _form(self, given):
        self.now = PageForm(self.to(given.get("action")), given.get("method", "get").upper(), alone="data-autosubmit" in given)
        self.forms.append(self.now)
        self.ids[given.get("id")] = self.now

    def _fieldset(self, given):
        self.bad_group = given.get("aria-invalid") == "true"

    def _put(self, form, one, is_button=False):
        if is_button:
            form.buttons.append(one)
        elif one.name not in form.fields or (one.sent and not form.fields[one.name].sent):
            bad = one.is_bad or (one.name in form.fields and form.fields[one.name].is_bad)
            form.fields[one.name] = replace(one, is_bad=bad)

    def _add(self, given, one, is_button=False):
        if given.get("form"):
            self.late.append((given["form"], one, is_button))
        elif self.now:
            self._put(self.now, one, is_button)

    def _input(self, given):
        kind, name = given.get("type", "text"), given.get("name")
        if kind in ("submit", "image"):
            return self._button(given)
        if not name or "disabled" in given or name == "csrfmiddlewaretoken":
            return None
        if kind == "text" and given.get("inputmode") in NUMBERS:
            kind = "number"
        sent = kind not in CHOSEN or "checked" in given
        value = given.get("value", "on" if kind in CHOSEN else "") or ""
        return self._add(given, Field(name, kind, value, sent, "required" in given, self._is_bad(given)))

    def _is_bad(self, given) -> bool:
        return given.get("aria-invalid") == "true" or self.bad_group

    def _textarea(self, given):
        if given.get("name") and self.now:
            one = Field(given["name"], "text", "", True, "required" in given, self._is_bad(given))
            self._put(self.now, one)
            self.area = given["name"], self.now

    def _select(self, given):
        self.select = (given, []) if given.get("name") and "disabled" not in given else None

    def _option(self, given):
        if self.select:
            self.select[1].append((given.get("value", ""), "selected" in given))

    def _end_select(self):
        if self.select:
            given, options = self.select
            value = next((value for value, chosen in options if chosen), options[0][0] if options else "")
            choices = tuple(value for value, _chosen in options)
            bad, needed = self._is_bad(given), "required" in given
            self._add(given, Field(given["name"], "choice", value, True, needed, bad, choices=choices))
        self.select = None

    def _button(self, given):
        if given.get("type", "submit") in ("submit", "image") and "disabled" not in given:
            action = self.to(given["formaction"]) if given.get("formaction") else ""
            one = Button(given.get("name", ""), given.get("value", ""), action, given.get("formmethod", ""))
            self._add(given, one, is_button=True)
