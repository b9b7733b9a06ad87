"""Every form of billing, with figures, days, choices and texts that no business has: never a broken page, and whoever typed them
is told beside the field and finds there what was typed."""

import logging

import pytest
from django.db import transaction
from django.urls import resolve, reverse

from billing.actions.account import open_account
from billing.actions.draft import create_draft
from billing.actions.invoice import NewLine
from billing.actions.quote import Offered, create_quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.security.conftest import browser
from tests.security.form_fields import Button, Page
from tests.security.routes import routes
from tests.security.test_input import quote_any
from tests.security.world import arguments_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("walk")]

MONEY = ("billing", "store")
#: By the kind of field: values of which none may be taken.
REFUSED = {
    "number": ["1e30", "9" * 40, "NaN", "Infinity", "1+1", "abc", "=HYPERLINK(1)"],
    "date": ["0001-01-01", "9999-12-31", "2026-02-30", "tomorrow"],
    "choice": ["999999999", "9" * 30, "a\x00b"],
    "text": ["a\x00b", "\u202egpj\u202c"],
}
#: Values that some fields take and that break nothing.
TRIED = {
    "number": ["-1", "0.00001", "١٢٫٥"],
    "text": ["w" * 500, '=HYPERLINK("http://x","y")'],
    "hidden": ["a\x00b", "-1", "9" * 30, "x"],
    "checkbox": ["999999999", "a\x00b"],
    "radio": ["999999999", "a\x00b"],
    "email": ["a\x00b", "\u202ex@y.example"],
}
#: Fields in which less than nothing has a meaning, or which count only with another choice: what for.
MAY_BE_NEGATIVE = {
    "days": "a rule acts days before or after",
    "percent": "a change of prices goes both ways",
    "amount": "a change of prices goes both ways",
    "unit_amount": "a line may take something off",
    "deposit_value": "counts only with a deposit",
    "sort": "an order",
}
#: Fields that belong to another button of their form.
OTHER_BUTTON = {"copy_from", "add_currency"}
#: What makes a form complete where its first values do not.
FILLED = {
    "credit-note": {"scope": "lines"},
    "promotions/new": {"percent": "10", "code": "BAD-VALUES"},
    "price-lists/new": {"currency": "EUR"},
    "quotes/new": {"lines-0-description": "x", "lines-0-unit_amount": "1", "last_name": "x"},
    "invoices/new": {"lines-0-description": "x", "lines-0-unit_amount": "1"},
}


class Poisoner:
    """One person's browser; every request is undone."""

    def __init__(self, world, role):
        self.world, self.client, self.wrong = world, browser(world.people.get(role)), []

    def ask(self, address: str, data=None) -> tuple[int, str]:
        """(status, page); 500 with the error's words when the view raised."""
        with transaction.atomic():
            try:
                answer = self.client.get(address) if data is None else self._post(address, data)
                is_page = answer.headers.get("content-type", "").startswith("text/html") and not answer.streaming
                found = answer.status_code, answer.content.decode(errors="replace") if is_page else ""
            except Exception as error:  # noqa: BLE001 - whatever a view lets through is what is looked for
                found = 500, f"{type(error).__name__}: {error}"[:200]
            transaction.set_rollback(True)
        return found

    def _post(self, address, data):
        pairs = "&".join(f"{name}={quote_any(value)}" for name, value in data.items())
        return self.client.post(address, pairs, content_type="application/x-www-form-urlencoded")

    def pages(self):
        """(address, page) of every form of money: of each address, and those that its links ask with a parameter."""
        addresses, seen = [*self._drafts(), *self._addresses()], set()
        for number, address in enumerate(addresses):
            status, page = self.ask(address)
            if status != 200 or not page:
                continue
            page = Page(address, page)
            yield address, page
            for link in page.links if number < 1000 else ():
                kind = _kind(link)
                if "?" in link and kind and kind not in seen:
                    seen.add(kind)
                    addresses.append(link)

    def _addresses(self):
        for route in routes():
            arguments = arguments_of(route, self.world)
            if route.name.startswith(MONEY) and not route.name.endswith("_list") and arguments is not None:
                yield reverse(route.name, kwargs=arguments)

    def _drafts(self):
        client = self.world.client
        lines = [NewLine("One", 10), NewLine("Two", 20)]
        draft = create_draft(open_account(client), lines, due_on=clock.today(), actor=SYSTEM)
        quote = create_quote(
            [Offered("One", 10)], client=client, actor=SYSTEM, valid_until=clock.today(), subject="x", currency="EUR"
        )
        yield from (reverse(f"billing_staff:invoice_{verb}", args=[draft.pk]) for verb in ("edit", "split"))
        yield reverse("billing_staff:quote_edit", args=[quote.pk])

    def forms(self):
        """Each form of money once."""
        seen = set()
        for _address, page in self.pages():
            for form in page.forms:
                kind = (_kind(form.action), tuple(sorted(form.fields)))
                if form.method == "POST" and form.fields and kind[0] and kind not in seen:
                    seen.add(kind)
                    yield form

    def try_all(self, form):
        """Every bad value, in all fields of its kind at once."""
        data = filled(form)
        for kind, values in REFUSED.items():
            names = [each.name for each in form.fields.values() if each.kind == kind and each.name not in OTHER_BUTTON]
            for value in values if names else ():
                self.expect_refusal(form, names, data, value)
        for kind, values in TRIED.items():
            names = [each.name for each in form.fields.values() if each.kind == kind]
            for value in values if names else ():
                self.expect_answer(form, names, data, value)

    def expect_refusal(self, form, names, data, value):
        """Each field is marked and holds what was typed."""
        page = self.expect_answer(form, names, data, value, refused=True)
        shown = {each.name: each for form in page.forms for each in form.fields.values()} if page else {}
        for name in names if page else ():
            back = shown.get(name)
            if back is None or not back.is_bad:
                self.blame(form, name, value, "is not marked")
            elif back.kind != "choice" and back.value.replace("\ufffd", "\x00") != value and "\x00" not in value:
                self.blame(form, name, value, f"lost what was typed: {back.value!r}")

    def expect_answer(self, form, names, data, value, refused=False):
        """A refusal as a page, or with `refused` false going on; the page of a refusal."""
        status, page = self.ask(form.action, data | dict.fromkeys(names, value))
        if status >= 500:
            self.blame(form, names, value, f"broke: {page}")
        elif status == 422:
            page = Page(form.action, page)
            if not page.has_error:
                self.blame(form, names, value, "was refused without a word")
            return page
        elif refused and status != 404:
            self.blame(form, names, value, f"was taken ({status})")
        elif value == "-1" and status == 302 and not all(_may_be_negative(name, form) for name in names):
            self.blame(form, names, value, "was taken")
        return None

    def blame(self, form, names, value, words):
        """Note a finding."""
        names = names if isinstance(names, str) else ", ".join(names)
        self.wrong.append(f"{form.action} {names} = {value[:30]!r} {words}")


def _may_be_negative(name, form) -> bool:
    return form.fields[name].kind != "number" or name.rpartition("-")[2] in MAY_BE_NEGATIVE


def _kind(address: str):
    """The view and the parameters' names; None when it is not one of money's pages."""
    path, _mark, query = address.partition("?")
    if "export=" in query or not path.startswith("/"):
        return None
    view = resolve(path).view_name
    known = view.startswith(MONEY) and not view.endswith("_list")
    return (view, tuple(sorted(part.split("=")[0] for part in query.split("&")))) if known else None


def filled(form) -> dict:
    """What somebody would send who fills in what is asked."""
    given = {"number": "1", "date": clock.today().isoformat(), "text": "abc", "email": "x@y.example"}
    data = form.values()
    for each in form.fields.values():
        if each.needed and not data.get(each.name):
            first = next((choice for choice in each.choices if choice), "")
            data[each.name] = first if each.kind == "choice" else given.get(each.kind, each.value)
    button = next((one for one in form.own_buttons if one.value in ("save", "place", "accept", "book")), None)
    name, value = (button or (form.own_buttons or [Button("", "")])[0])[:2]
    extra = next((values for part, values in FILLED.items() if part in form.action), {})
    return data | ({name: value} if name else {}) | {name: value for name, value in extra.items() if name in form.fields}


@pytest.mark.parametrize("role", ["stella", "alice"])
def test_no_form_of_money_takes_what_makes_no_sense(world, role):
    poisoner, count = Poisoner(world, role), 0
    logging.disable(logging.CRITICAL)
    try:
        for form in poisoner.forms():
            poisoner.try_all(form)
            count += 1
    finally:
        logging.disable(logging.NOTSET)
    assert count > (80 if role == "stella" else 10)
    assert not poisoner.wrong, "\n".join(poisoner.wrong)
