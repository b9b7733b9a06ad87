"""A pay link pays its own invoice: a stranger's card is kept only when they tick it, in words that name the sum, and what else
is due is neither shown to strangers nor taken by itself."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from billing.actions.account import open_account
from billing.actions.collection import collect_with_new_method, method_for
from billing.actions.invoice import NewLine, write_invoice
from billing.jobs import charge_due_invoices
from billing.models import Charge, PaymentMethod
from billing.queries.pay_link import pay_token
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.money import Money
from tests.billing.shop import run, work
from tests.factories import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


def address(*invoices) -> str:
    return reverse("store:pay", args=[pay_token(*invoices)])


def pay_by_link(shop, browser, invoice, **choice):
    """Open the page, pay, come back; the attempt."""
    page = browser.get(address(invoice), choice)
    charge = Charge.objects.live().get(invoices=invoice)
    shop.confirm(charge, "pm_card_visa")
    shop.ask(charge)
    return page, charge


def test_a_strangers_card_is_not_kept_and_pays_this_invoice_alone(shop, client):
    other, invoice = shop.bill("30"), shop.bill("20")
    page, charge = pay_by_link(shop, client, invoice)
    assert page.context["everything"] is None and "30.00" not in page.content.decode()
    assert not page.context["keeps_card"] and not charge.consent_text
    invoice.refresh_from_db(), other.refresh_from_db()
    assert (invoice.state, other.state) == ("paid", "issued")
    assert not PaymentMethod.objects.exists()


def test_who_ticks_it_reads_the_sum_and_what_was_due_before_is_left_alone(shop, client):
    other, invoice = shop.bill("30"), shop.bill("20")
    page, charge = pay_by_link(shop, client, invoice, chosen="1", keep="1")
    charge.refresh_from_db()
    assert "20.00" in charge.consent_text and charge.consent_text in page.content.decode().replace("&#x27;", "'")
    method = PaymentMethod.objects.get()
    assert method.consent_text == charge.consent_text and method.due_from == clock.today() + timedelta(days=1)
    assert collect_with_new_method(method, actor=SYSTEM) == [] and method_for(other) is None
    clock.move_to(clock.now() + timedelta(days=3))  # a day of the schedule of tries
    assert run(charge_due_invoices) == {} and not other.charges.exists()
    later = shop.bill("7")
    assert method_for(later) == method and run(charge_due_invoices) == {"charged": 1}
    assert later.charges.get().state == "succeeded"


def test_the_clients_own_people_keep_it_unless_they_say_no_and_may_pay_all_at_once(shop, client, cast):
    client.force_login(cast.charlie)
    other, invoice = shop.bill("30"), shop.bill("20")
    page = client.get(address(invoice))
    amount, everything = page.context["everything"]
    assert page.context["keeps_card"] and amount == Money(D(50), "EUR") and "Pay everything that is due" in page.content.decode()
    whole = client.get(everything)
    assert {row.pk for row in whole.context["invoices"]} == {invoice.pk, other.pk} and whole.context["everything"] is None
    assert not client.get(address(invoice), {"chosen": "1"}).context["keeps_card"]
    assert Charge.objects.live().get(invoices=invoice).saves_method is False


def test_a_card_added_in_the_client_area_is_tried_on_what_is_due_as_its_consent_says(shop):
    invoice = shop.bill("20")
    method = shop.save_card("pm_card_visa")
    assert method.due_from is None and method_for(invoice) == method
    assert len(collect_with_new_method(method, actor=SYSTEM)) == 1


def test_the_same_card_by_link_keeps_the_wider_consent(shop, client):
    wide = shop.save_card("pm_card_visa")
    pay_by_link(shop, client, shop.bill("20"), chosen="1", keep="1")
    work()
    kept = PaymentMethod.objects.usable().get()
    assert kept.pk != wide.pk and kept.fingerprint == wide.fingerprint and kept.due_from is None


def test_others_in_another_currency_or_given_to_an_agency_are_not_offered(shop, client, cast):
    client.force_login(cast.charlie)
    invoice = shop.bill("20")
    ahead = write_invoice(open_account(shop.client), [NewLine("x", D(9))], due_on=clock.today() + timedelta(days=9), actor=SYSTEM)
    given = shop.bill("11")
    given.collections_at = clock.now()
    given.save(update_fields=["collections_at"])
    assert client.get(address(invoice)).context["everything"] is None
    assert ahead.state == "issued"
