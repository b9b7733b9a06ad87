"""The same card stored twice is shown once: the newest is kept, whatever is being charged on the older one."""

import pytest

from billing.actions.charge import request_charge
from billing.models import PaymentMethod
from billing.queries.books import verify
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import Outgoing
from tests.billing.shop import Shop, work

pytestmark = pytest.mark.django_db


def shown(client):
    return list(PaymentMethod.objects.usable().filter(client=client).order_by("pk"))


def is_attached(shop, method) -> bool:
    """Does the gateway still know the card as one of the customer's?"""
    return shop.driver.api.payment_methods.retrieve(method.remote_id).customer is not None


def test_two_orders_with_the_same_card_keep_the_newer_one_for_renewals(shop):
    for _order in range(2):
        charge = shop.open_form(shop.bill())
        shop.confirm(charge, "pm_card_visa")
        shop.ask(charge)
    work()
    older, newer = PaymentMethod.objects.order_by("pk")
    assert shown(shop.client) == [newer] and newer.is_default and not older.is_default
    assert older.removed_at and not is_attached(shop, older) and is_attached(shop, newer)
    assert verify() == []


def test_another_card_and_another_clients_card_stay(shop, cast):
    first, other = shop.save_card("pm_card_visa"), shop.save_card("pm_card_mastercard")
    theirs = Shop.__new__(Shop)
    theirs.__dict__ = {**shop.__dict__, "client": cast.alice_client}
    same = theirs.save_card("pm_card_visa")
    assert shown(shop.client) == [first, other] and shown(cast.alice_client) == [same]
    again = shop.save_card("pm_card_visa")
    assert shown(shop.client) == [other, again] and again.is_default


def test_what_is_being_charged_on_the_older_row_is_charged_once_and_to_the_end(shop, monkeypatch):
    older, invoice = shop.save_card("pm_card_visa"), shop.bill()
    charge = request_charge(invoice, older, actor=SYSTEM)
    newer = shop.save_card("pm_card_visa")
    detach = Outgoing.objects.get(kind="billing.method_detach")
    Outgoing.objects.filter(pk=detach.pk).update(next_try_at=clock.now())
    shop.control("faults", {"match": "payment_intents.create", "kind": "drop_after", "times": 1})
    work()
    charge.refresh_from_db()
    assert charge.state == "unknown" and is_attached(shop, older) and shown(shop.client) == [newer]
    work(), work()
    invoice.refresh_from_db(), charge.refresh_from_db()
    assert (invoice.state, charge.state) == ("paid", "succeeded") and invoice.charges.count() == 1
    assert not is_attached(shop, older) and is_attached(shop, newer)
    assert verify() == []
