"""What a page offers: its links and what its forms send, read from the HTML as a browser would, htmx included."""

from tests.security.form_fields import Page, PageForm


class Offers(Page):
    """`links` and `sendings()` of one page."""

    def handle_starttag(self, tag, attrs):
        super().handle_starttag(tag, attrs)
        given = dict(attrs)
        if given.get("hx-get") is not None:
            self.links.append(self.to(given["hx-get"]))
        if given.get("hx-post") is not None:
            self.forms.append(PageForm(self.to(given["hx-post"]), "POST", alone=True))

    def sendings(self):
        """(method, address, data) of each button, and of each form that goes without one, where it leaves something behind."""
        return [sending for form in self.forms for sending in _sendings(form) if sending[0] == "POST"]


def _sendings(form: PageForm):
    if form.alone and not form.buttons:
        yield form.method, form.action, form.values()
    for button in form.buttons:
        data = form.values() | ({button.name: button.value} if button.name else {})
        yield (button.method or form.method).upper(), button.action or form.action, data
