"""Orders cancelled with what runs, and orders that wait again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from billing.actions.order import accept_order, cancel_order, mark_fraud
from billing.actions.order_reopening import end_order, reopen_order
from billing.actions.order_terms import Terms
from billing.actions.promotion import create_promotion
from billing.actions.staff_order import Ordered, order_for_client
from billing.models import Invoice, Order, Product, PromotionUse, Subscription
from billing.queries.books import verify
from clients.models import User
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError, IllegalTransition
from hostbill.core.models import Change
from provisioning.models import Service
from tests.billing.factories import make_product, pay, subscription_of
from tests.provisioning.factories import make_group, make_hosting, order_hosting
from tests.security.conftest import BACKEND
from tests.whmcs.calls import clerk

pytestmark = pytest.mark.django_db
WHY = "by mistake"


@pytest.fixture
def stella(cast):
    return cast.stella_actor


def ordered(cast, *, codes=(), invoice="issue", **fields) -> Order:
    product = make_product(**fields)
    terms = Terms(codes=list(codes), invoice=invoice, reason="test")
    return order_for_client(cast.alice_client, [Ordered(product, "monthly")], terms=terms, key=f"o{product.pk}", actor=cast.stella_actor)


def test_what_was_cancelled_is_invoiced_anew_and_begins_when_paid(cast, stella):
    order = ordered(cast, stock=3)
    first = order.invoice
    cancel_order(order, actor=stella, reason=WHY)
    assert Product.objects.get().stock == 3
    reopen_order(order, actor=stella, reason=WHY)
    order.refresh_from_db()
    row = subscription_of(order)
    assert (order.state, order.cancelled_at, row.state, row.cancelled_at, row.cancel_reason) == ("pending", None, "pending", None, "")
    assert Product.objects.get().stock == 2 and order.invoice != first and order.invoice.state == "issued"
    assert order.invoice.total_amount == Invoice.objects.get(pk=first.pk).total_amount and row.next_due_on
    pay(order.invoice)
    order.refresh_from_db()
    assert (order.state, subscription_of(order).state) == ("accepted", "active") and verify() == []
    assert subscription_of(order).next_due_on == subscription_of(order).paid_until


def test_codes_and_discounts_are_used_once_more(cast, stella):
    for invoice in ("issue", "draft"):
        code = f"HALF-{invoice.upper()}"
        promotion = create_promotion(
            actor=stella, amounts={}, name="Half", code=code, kind="percent", percent=Decimal(50), periods=2, max_uses=1
        )
        order = ordered(cast, codes=[code], invoice=invoice)
        charged = order.invoice.total_amount
        cancel_order(order, actor=stella, reason=WHY)
        promotion.refresh_from_db()
        assert promotion.used_count == 0
        reopen_order(order, actor=stella, reason=WHY)
        order.refresh_from_db(), promotion.refresh_from_db()
        assert (order.invoice.state, order.invoice.total_amount) == ({"issue": "issued"}.get(invoice, "draft"), charged)
        assert promotion.used_count == 1 and subscription_of(order).discounts.get().periods_left == 1
        assert PromotionUse.objects.filter(order=order, released_at=None).count() == 1


def test_a_code_that_somebody_else_used_up_meanwhile_refuses(cast, stella):
    create_promotion(actor=stella, amounts={}, name="Half", code="ONE", kind="percent", percent=Decimal(50), max_uses=1)
    order = ordered(cast, codes=["ONE"])
    cancel_order(order, actor=stella, reason=WHY)
    ordered(cast, codes=["ONE"])
    with pytest.raises(AppError) as refusal:
        reopen_order(order, actor=stella, reason=WHY)
    order.refresh_from_db()
    assert refusal.value.code == "promotion" and order.state == "cancelled" and subscription_of(order).state == "cancelled"


def test_sold_out_meanwhile(cast, stella):
    order = ordered(cast, stock=1)
    cancel_order(order, actor=stella, reason=WHY)
    Product.objects.update(stock=0)
    with pytest.raises(AppError) as refusal:
        reopen_order(order, actor=stella, reason=WHY)
    assert refusal.value.code == "out_of_stock" and Order.objects.get().state == "cancelled"


def test_a_first_period_that_is_over_is_not_charged(cast, stella, monkeypatch):
    order = ordered(cast)
    cancel_order(order, actor=stella, reason=WHY)
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(AppError) as refusal:
        reopen_order(order, actor=stella, reason=WHY)
    assert refusal.value.code == "too_late" and Invoice.objects.filter(state="issued").count() == 0


def test_accepted_goes_back_and_what_runs_goes_on(cast, stella):
    order = ordered(cast, setup_on="staff")
    accept_order(order, actor=stella)
    reopen_order(order, actor=stella, reason=WHY)
    order.refresh_from_db()
    assert (order.state, order.accepted_at, subscription_of(order).state) == ("pending", None, "active")
    assert Change.objects.filter(action="billing.order_reopened", reason=WHY).exists()
    with pytest.raises(IllegalTransition):
        reopen_order(order, actor=stella, reason=WHY)
    accept_order(order, actor=stella)
    assert Order.objects.get().state == "accepted"


def test_fraud_taken_back_is_served_again(cast, stella):
    order = ordered(cast)
    pay(order.invoice)
    mark_fraud(order, actor=stella, reason=WHY)
    assert subscription_of(order).state == "suspended"
    reopen_order(order, actor=stella, reason=WHY)
    assert subscription_of(order).state == "active" and Invoice.objects.count() == 1


def test_what_is_served_ends_with_its_order_and_stays_so(cast, stella):
    promotion = create_promotion(actor=stella, amounts={}, name="Half", code="ONE", kind="percent", percent=Decimal(50), max_uses=1)
    order = ordered(cast, codes=["ONE"])
    pay(order.invoice)
    with pytest.raises(AppError, match="running"):
        cancel_order(order, actor=stella, reason=WHY)
    for rights in (["billing.order.cancel"], ["billing.subscription.cancel"]):
        with pytest.raises(PermissionDenied):
            end_order(order, actor=clerk("billing.order.view", *rights), reason=WHY)
    end_order(order, actor=stella, reason=WHY)
    order.refresh_from_db(), promotion.refresh_from_db()
    assert (order.state, subscription_of(order).state, promotion.used_count) == ("cancelled", "ended", 1)
    with pytest.raises(AppError) as refusal:
        reopen_order(order, actor=stella, reason=WHY)
    assert refusal.value.code == "ended" and verify() == []


def test_an_addon_ends_with_its_parent(cast, stella):
    plan, addon = make_product(), make_product()
    addon.parents.add(plan)
    lines = [Ordered(plan, "monthly"), Ordered(addon, "monthly")]
    order = order_for_client(cast.alice_client, lines, terms=Terms(reason="test"), key="both", actor=stella)
    pay(order.invoice)
    end_order(order, actor=stella, reason=WHY)
    assert set(Subscription.objects.values_list("state", flat=True)) == {"ended"}


def test_a_service_that_never_had_an_account_waits_again(cast, stella, drain):
    order = order_hosting(cast.alice_client, make_hosting(make_group()))
    drain(30)
    assert Service.objects.get().state == "waiting"
    cancel_order(order, actor=stella, reason=WHY)
    drain(30)
    assert Service.objects.get().state == "terminated"
    reopen_order(order, actor=stella, reason=WHY)
    drain(30)
    service = Service.objects.get()
    assert (service.state, service.wait_reason, service.terminated_at) == ("waiting", "payment", None)


def test_on_screen(cast, client):
    order = ordered(cast)
    client.force_login(cast.stella)
    cancel_order(order, actor=SYSTEM, reason=WHY)
    page = client.get(order.get_absolute_url()).content.decode()
    again, end = (reverse(f"billing_staff:order_{verb}", args=[order.pk]) for verb in ("reopen", "end"))
    assert again in page and end not in page
    client.post(again, {"reason": WHY})
    order.refresh_from_db()
    assert order.state == "pending"
    pay(order.invoice)
    assert end in client.get(order.get_absolute_url()).content.decode()
    client.post(end, {"reason": WHY})
    order.refresh_from_db()
    assert (order.state, subscription_of(order).state) == ("cancelled", "ended")


def offered(client, order, *rights) -> set:
    """Which of the two ways to cancel an order its page offers to a clerk."""
    client.force_login(User.objects.get(pk=clerk("billing.order.view", *rights).user_id), backend=BACKEND)
    page = client.get(order.get_absolute_url()).content.decode()
    return {way for way in ("cancel", "end") if reverse(f"billing_staff:order_{way}", args=[order.pk]) in page}


def test_only_what_is_possible_and_allowed_is_offered(cast, client):
    order = ordered(cast)
    both = ("billing.order.cancel", "billing.subscription.cancel")
    assert offered(client, order, *both) == {"cancel"}
    pay(order.invoice)
    assert offered(client, order, *both) == {"end"}
    assert offered(client, order, both[0]) == offered(client, order, both[1]) == set()
