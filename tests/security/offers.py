"""What a page offers: its links and forms, read from the HTML as a browser would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

#: Inputs of which only the chosen one is sent.
CHOSEN = ("checkbox", "radio")


@dataclass
class Form:
    """One form: where it goes, what it sends, and each of its buttons. ``alone``: it is sent without one, by script."""

    method: str
    action: str
    fields: dict = field(default_factory=dict)
    buttons: list = field(default_factory=list)
    alone: bool = False

    def sendings(self):
        """(method, address, data) of each button, or of the form itself."""
        for name, value, action, method in self.buttons or [("", "", "", "")] * self.alone:
            data = {**self.fields, **({name: value} if name else {})}
            yield (method or self.method).upper(), action or self.action, data


class Offers(HTMLParser):
    """`links` and `sendings()` of one page."""

    def __init__(self, address: str, html: str):
        super().__init__()
        self.address, self.links, self.forms, self.by_id, self.now, self.select = address, [], [], {}, None, None
        self.late = []
        self.feed(html)
        for form_id, button in self.late:
            if form_id in self.by_id:
                self.by_id[form_id].buttons.append(button)

    def sendings(self):
        """(method, address, data) of all forms that leave something behind."""
        return [sending for form in self.forms for sending in form.sendings() if sending[0] == "POST"]

    def _to(self, address: str | None) -> str:
        return urljoin(self.address, address or "").partition("#")[0]

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(self._to(given["href"]))
        if given.get("hx-get") is not None:
            self.links.append(self._to(given["hx-get"]))
        if given.get("hx-post") is not None:
            self.forms.append(Form("POST", self._to(given["hx-post"]), alone=True))
        handler = getattr(self, f"_{tag}", None)
        if handler:
            handler(given)

    def handle_endtag(self, tag):
        if tag == "form":
            self.now = None
        if tag == "select":
            self.select = None

    def _form(self, given):
        self.now = Form(given.get("method", "get"), self._to(given.get("action")), alone="data-autosubmit" in given)
        self.forms.append(self.now)
        self.by_id[given.get("id")] = self.now

    def _input(self, given):
        kind, name = given.get("type", "text"), given.get("name")
        if kind == "submit":
            self._button(given)
        elif self.now and name and (kind not in CHOSEN or "checked" in given):
            self.now.fields[name] = given.get("value", "on" if kind in CHOSEN else "")

    def _textarea(self, given):
        if self.now and given.get("name"):
            self.now.fields[given["name"]] = ""

    def _select(self, given):
        self.select = given.get("name")

    def _option(self, given):
        if self.now and self.select and ("selected" in given or self.select not in self.now.fields):
            self.now.fields[self.select] = given.get("value", "")

    def _button(self, given):
        if given.get("type", "submit") != "submit" or "disabled" in given:
            return
        action = self._to(given["formaction"]) if given.get("formaction") else ""
        button = (given.get("name", ""), given.get("value", ""), action, given.get("formmethod", ""))
        if given.get("form"):
            self.late.append((given["form"], button))
        elif self.now:
            self.now.buttons.append(button)
