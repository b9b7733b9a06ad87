"""Values that make no sense in the forms of money, one by one: refused in words beside the field, with everything kept that was typed."""

import logging

import pytest
from django.db import transaction
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.invoice import NewLine, write_invoice
from billing.models import BankLine, Invoice
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from tests.security.conftest import browser
from tests.security.form_fields import Page
from tests.security.test_bad_values import filled

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("walk")]

LONG, NUL, BIDI = "W" * 500, "a\x00b", "\u202egpj\u202c"
#: Address, noun of its object, field, what is typed into it, and what else has to be chosen for the field to count.
REFUSED = [
    ("billable_create", "?client", "quantity", "-1", {}),
    ("billable_create", "?client", "quantity", "0", {}),
    ("billable_create", "?client", "unit_amount", "-80", {}),
    ("billable_create", "?client", "first_on", "2999-01-01", {"action": "due_date"}),
    ("billable_create", "?client", "description", NUL, {}),
    ("billable_create", "?client", "description", BIDI, {}),
    ("invoice_credit_note", "invoice", "total", "-5", {"scope": "total"}),
    ("invoice_credit_note", "invoice", "total", "0", {"scope": "total"}),
    ("invoice_credit_note", "invoice", "total", "99999999", {"scope": "total"}),
    ("invoice_pay", "invoice", "amount", "-1", {}),
    ("invoice_pay", "invoice", "amount", "0", {}),
    ("invoice_pay", "invoice", "reference", NUL, {}),
    ("invoice_pay", "invoice", "received_on", "9999-12-31", {}),
    ("client_credit", "client", "amount", "-1", {}),
    ("subscription_price", "subscription", "amount", "-1", {}),
    ("subscription_price", "subscription", "starts_on", "0001-01-01", {}),
    ("subscription_pause", "subscription", "until", "2020-01-01", {}),
    ("subscription_suspend", "subscription", "until", "2020-01-01", {}),
    ("subscription_transfer", "subscription", "number", LONG, {}),
    ("subscription_transfer", "subscription", "number", NUL, {}),
    ("subscription_discount", "subscription", "value", "-10", {}),
    ("subscription_discount", "subscription", "value", "101", {"kind": "percent"}),
    ("subscription_discount", "subscription", "periods", "-1", {}),
    ("promotion_create", "", "code", LONG, {}),
    ("promotion_create", "", "code", NUL, {}),
    ("promotion_create", "", "code", BIDI, {}),
    ("promotion_create", "", "percent", "-20", {}),
    ("promotion_create", "", "percent", "120", {}),
    ("promotion_create", "", "max_uses", "-1", {}),
    ("price_list_create", "", "currency", "XQZ", {}),
    ("price_list_create", "", "currency", "1E1", {}),
    ("price_list_price", "price_list", "amount", "-7", {}),
    ("price_list_price", "price_list", "setup_amount", "-7", {}),
    ("price_list_price", "price_list", "product", "999999999", {}),
    ("price_update_create", "", "currency", "XQZ", {}),
    ("price_update_create", "", "starts_on", "2020-01-01", {}),
    ("tax_rate_create", "", "percent", "-1", {}),
    ("tax_rate_create", "", "percent", "101", {}),
    ("tax_rate_create", "", "country", "1S", {}),
    ("bundle_create", "", "slug", LONG, {}),
    ("ledger_period_create", "", "month", "0001-01-01", {}),
    ("ledger_period_create", "", "month", "2999-01-01", {}),
    ("quote_create", "?client", "valid_until", "2020-01-01", {}),
    ("quote_create", "?client", "lines-0-quantity", "-1", {}),
    ("quote_create", "?client", "lines-0-discount_percent", "101", {}),
    ("invoice_create", "?client", "lines-0-quantity", "-1", {}),
    ("invoice_create", "?client", "due_on", "0001-01-01", {}),
    ("preview_create", "", "until", "9999-12-31", {}),
    ("preview_create", "", "until", "0001-01-01", {}),
]


@pytest.fixture
def stella(world):
    """The owner's browser; the log is quiet."""
    logging.disable(logging.CRITICAL)
    yield browser(world.people["stella"])
    logging.disable(logging.NOTSET)


def address(world, route: str, noun: str) -> str:
    """`noun` "?client": a page that asks for whom by parameter."""
    if noun.startswith("?"):
        return f"{reverse(f'billing_staff:{route}')}?{noun[1:]}={world.objects[noun[1:]].pk}"
    return reverse(f"billing_staff:{route}", args=[world.objects[noun].pk] if noun else [])


def problem(browser, url: str, name: str, value: str, more: dict) -> str:
    """What is wrong with how one value is met; empty when it is met well."""
    page = Page(url, browser.get(url).content.decode())
    form = next((form for form in page.forms if form.method == "POST" and name in form.fields), None)
    if form is None:
        return "has no such field"
    data = filled(form) | more | {name: value}
    answer = browser.post(form.action, data)
    if answer.status_code != 422:
        return f"was answered with {answer.status_code}"
    back = next((f.fields[name] for f in Page(url, answer.content.decode()).forms if name in f.fields), None)
    if back is None or not back.is_bad:
        return "is not marked"
    kept = back.kind == "choice" or "\x00" in value or back.value == value
    return "" if kept else f"lost what was typed: {back.value!r}"


def test_each_senseless_value_is_refused_beside_its_field(world, stella):
    wrong = []
    for route, noun, name, value, more in REFUSED:
        with transaction.atomic():
            found = problem(stella, address(world, route, noun), name, value, more)
            transaction.set_rollback(True)
        if found:
            wrong.append(f"{route} {name}={value[:20]!r} {found}")
    assert not wrong, "\n".join(wrong)


def test_invoices_of_somebody_else_are_not_reached_by_their_numbers(world, stella):
    """Paying, matching, merging and splitting take only what belongs together."""
    other = write_invoice(open_account(world.cast.charlie_client), [NewLine("x", 10)], due_on=clock.today(), actor=SYSTEM)
    alice = browser(world.people["alice"])
    pay = reverse("billing_portal:invoice_pay_several")
    assert alice.post(pay, {"invoice": [str(other.pk)]}).status_code == 404
    assert alice.post(pay, {"invoice": ["9" * 30, "-1", "x"]}).status_code == 302, "nothing of it is an invoice: the list again"
    for route in ("invoice_detail", "invoice_pdf", "invoice_pay", "invoice_more_days"):
        assert alice.get(reverse(f"billing_portal:{route}", args=[other.pk])).status_code == 404, route
    line, mine = BankLine.objects.get(key="1"), world.objects["invoice"]
    answer = stella.post(reverse("billing_staff:bank_line_match"), {"verb": "book", f"for-{line.pk}": f"i:{mine.pk},{other.pk}"})
    assert answer.status_code == 422 and "Choose invoices of one client." in answer.content.decode()
    line.refresh_from_db(), other.refresh_from_db()
    assert (line.state, other.state) == ("open", Invoice.State.ISSUED)
